"""Tests of `profiles/taste`."""
