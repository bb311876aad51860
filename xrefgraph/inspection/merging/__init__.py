"""The history of a profile: its events replayed, as parts that merge."""
