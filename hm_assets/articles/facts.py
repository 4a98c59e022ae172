"""Article facts: trimmed names, and the many ways to say "unknown" as what they are, an empty value."""

import ibis

from hm_assets.articles.tables import ATTRIBUTES

PRODUCT_CODE_DIGITS = 7
UNKNOWN = ("", "unknown", "undefined", "n/a", "not defined")


def facts(raw: ibis.Table) -> ibis.Table:
    """One row per article with its attributes by name; one row in, one row out."""
    return raw.select(
        raw.article_id,
        raw.article_key,
        product_code=ibis.coalesce(known(raw.product_code), raw.article_id.left(PRODUCT_CODE_DIGITS)),
        prod_name=known(raw.prod_name),
        **{name: known(raw[name]) for name, _ in ATTRIBUTES},
        detail_desc=known(raw.detail_desc),
    )


def known(text: ibis.expr.types.StringValue) -> ibis.expr.types.StringValue:
    """The text without blanks around it, or null where it says that nothing is known."""
    trimmed = text.strip()
    return ibis.ifelse(trimmed.lower().isin(UNKNOWN), None, trimmed)
