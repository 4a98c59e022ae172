"""Tests of `profiles/words`."""
