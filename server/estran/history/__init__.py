"""Who did what to whom, and why. Append-only; holds ids, never names; shown on the person, the venue and the club."""
