"""Tests of hm_assets.serving."""
