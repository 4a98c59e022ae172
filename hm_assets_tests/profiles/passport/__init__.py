"""Tests of hm_assets.profiles.passport."""
