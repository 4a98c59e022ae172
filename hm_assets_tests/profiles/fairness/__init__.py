"""Tests of hm_assets.profiles.fairness."""
