"""The algorithms of the lab."""
