"""Whom a garment without sales is for, what it resembles, and how many it may sell in its first month."""
