"""Tests of hm_assets.segments.champion."""
