"""Tests of hm_assets.features."""
