"""Letters: written into an outbox in the caller's transaction, sent later by one task.

A dead mail server loses nothing and delays no request; failures and bounces reach the officer's inbox.
"""
