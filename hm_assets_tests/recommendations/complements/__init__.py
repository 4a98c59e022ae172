"""Tests of complements."""
