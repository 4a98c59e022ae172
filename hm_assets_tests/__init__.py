"""Tests of hm_assets, in the same folders as the package."""
