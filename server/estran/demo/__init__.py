"""The demonstration: real places of Granville, fictional people, fictional benefits, and doors that open by themselves.

Its routes exist only with ESTRAN_DEMO. No venue named here has agreed to anything.
"""
