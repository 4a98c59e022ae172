"""Tests of `profiles/names`."""
