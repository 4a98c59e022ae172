"""The assets of this stage."""

import ibis

from hm_assets.articles import facts, tables
from hm_assets.raw import tables as raw
from hm_assets.warehouse.assets import read, table_asset


@table_asset(tables.ARTICLES, code_version="1", ins={"raw_articles": read(raw.ARTICLES)})
def articles(raw_articles: ibis.Table) -> ibis.Table:
    return facts.facts(raw_articles)
