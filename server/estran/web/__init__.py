"""Plumbing of HTTP: headers on every response, files of the front ends, pages, faults as answers, limits per address.

Knows no room. Everything a browser gets passes through `headers.Doorway`, errors and files included.
"""
