"""Who is asking: accounts, sign-in letters, sessions, roles and guards.

An account is an e-mail address; roles are granted to it. Nothing here knows what an ambassador or a venue is: a grant
only carries its id. No passwords, ever.
"""
