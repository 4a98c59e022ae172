"""A segment in at most three conditions that a person can copy."""
