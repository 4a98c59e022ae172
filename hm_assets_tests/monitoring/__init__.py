"""Tests of hm_assets.monitoring."""
