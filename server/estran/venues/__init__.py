"""Venues, the benefits they give and the scanners they use.

Words: venue, benefit (nothing is sold), pairing, device (a paired scanner: pending, active or cut).
"""
