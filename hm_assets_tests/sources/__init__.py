"""Tests of hm_assets.sources."""
