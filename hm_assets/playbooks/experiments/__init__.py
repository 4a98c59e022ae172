"""Experiments: how large a holdout, who is in it, what the campaign changed, and what that says of the assumption."""
