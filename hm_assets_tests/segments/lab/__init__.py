"""Tests of hm_assets.segments.lab."""
