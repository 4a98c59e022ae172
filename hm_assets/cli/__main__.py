"""`python -m hm_assets.cli`, where `hm` is not on the path."""

from hm_assets.cli import app

app()
