"""Tests of hm_assets.customers."""
