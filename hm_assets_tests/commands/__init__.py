"""Tests of hm_assets.commands."""
