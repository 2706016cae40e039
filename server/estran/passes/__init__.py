"""Issue, show, renew, suspend, revoke: the pass of docs/pass-format.md.

`token.py` is the format (parse, build, verify), `rules.py` the check, `keys.py` the issuer's keys. A pass never carries
more than the format says, and every issue, renewal and status bit goes through `club.rules.eligibility`.
"""
