"""Keeping tables small and their past readable."""
