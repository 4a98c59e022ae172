"""Tests of hm_assets.segments.page."""
