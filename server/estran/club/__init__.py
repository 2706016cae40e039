"""The club: its house rules, its ambassadors and their mandates; who may hold a pass (`rules.eligibility`).

Words: ambassador, mandate (with a first and a last day), paused. This room knows nothing of passes, venues or visits.
"""
