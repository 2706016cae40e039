"""Estran: the signed pass of a territory's ambassadors, its scanners and its club."""

__version__ = "0.1.0"
