"""Tests of hm_assets.playbooks."""
