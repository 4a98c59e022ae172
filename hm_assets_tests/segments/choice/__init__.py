"""Tests of hm_assets.segments.choice."""
