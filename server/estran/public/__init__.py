"""What anybody may open: what the club is, who answers for it, what it does with data, how accessible it is.

Pages only: no table, no act. They say what the rooms below know, and say aloud what the office has not filled in yet.
"""
