"""Tests of hm_assets.segments.rules."""
