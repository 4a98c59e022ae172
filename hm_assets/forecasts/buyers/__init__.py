"""Probability models of buying: how often a customer buys while active, when she leaves, what she spends a time.

They know nothing of tables but what `histories` reads, and nothing of Dagster.
"""
