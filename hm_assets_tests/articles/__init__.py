"""Tests of hm_assets.articles."""
