"""A venue's own page, for whoever runs the venue: what came in, its figures, its scanners. Owns no table.

A manager sees their own venues and nothing of the desk; an officer may look at any. The venue's scanners ask for the same
figures without names. What a venue may know of a person: docs/decisions/0011-what-a-venue-sees.md.
"""
