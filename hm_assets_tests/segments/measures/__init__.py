"""Tests of hm_assets.segments.measures."""
