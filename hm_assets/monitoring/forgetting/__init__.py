"""Forgetting a customer: where they are, taking them out, and proving that nothing is left."""
