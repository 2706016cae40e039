"""Rights and duties over personal data: what is kept and how long, my data, erasure, retention, the register.

Above every room that holds data about people: it knows what each can export, forget and purge.
"""
