"""What waits for the officer: one line each, in human words, blaming nobody. Other rooms drop items here."""
