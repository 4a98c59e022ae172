"""Tests of hm_assets.raw."""
