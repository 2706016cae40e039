"""Scans in, once. What happened at a door is stored and never refused after the fact; what cannot be true never counts.

The whole law is docs/sync.md §5-§6.
"""
