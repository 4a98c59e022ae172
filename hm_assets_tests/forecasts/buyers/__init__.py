"""Tests of hm_assets.forecasts.buyers."""
