"""Article facts: trimmed names, and the many ways to say "unknown" as what they are, an empty value."""

from typing import Any

import ibis

from hm_assets.articles.tables import ATTRIBUTES

PRODUCT_CODE_DIGITS = 7
UNKNOWN = ("", "unknown", "undefined", "n/a", "not defined")
NONE = "(empty)"
# A name is not a key: the code is. (raw/articles keeps both.)
CODED = (
    ("product_type_no", "product_type_name"),
    ("graphical_appearance_no", "graphical_appearance_name"),
    ("colour_group_code", "colour_group_name"),
    ("department_no", "department_name"),
    ("index_code", "index_name"),
    ("index_group_no", "index_group_name"),
    ("section_no", "section_name"),
    ("garment_group_no", "garment_group_name"),
)


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


def unknowns(raw: ibis.Table) -> ibis.Table:
    """One row per column and way of saying "unknown", with how many articles were delivered so."""
    everybody = raw.count().as_scalar()
    parts = []
    for name in ("prod_name", *(name for name, _ in ATTRIBUTES), "detail_desc"):
        delivered = raw[name].strip().nullif("").fill_null(NONE)
        ways = raw.select(delivered=delivered, known=known(raw[name])).filter(lambda t: t.known.isnull())
        counted = ways.group_by("delivered").agg(articles=ways.count())
        parts.append(
            counted.mutate(
                column=ibis.literal(name),
                share=counted.articles / everybody,
                decision=ibis.literal("empty in articles/articles; gives no word to the text"),
            )
        )
    return ibis.union(*parts)


def shared_names(raw: ibis.Table) -> list[dict[str, Any]]:
    """For every attribute with a code: codes, names, and the names that stand for several codes, as examples."""
    rows = []
    for code, name in CODED:
        pairs = raw.select(code=known(raw[code]), name=known(raw[name])).drop_null().distinct()
        counted = pairs.group_by("name").agg(codes=pairs.count())
        several = counted.filter(counted.codes > 1).order_by(ibis.desc("codes"), "name").limit(3).to_pyarrow()
        rows.append(
            {
                "code": code,
                "codes": int(pairs.code.nunique().to_pyarrow().as_py()),
                "name": name,
                "names": int(counted.count().to_pyarrow().as_py()),
                "names_of_several_codes": int((counted.codes > 1).sum().to_pyarrow().as_py() or 0),
                "examples": ", ".join(f"{row['name']} ({row['codes']})" for row in several.to_pylist()),
            }
        )
    return rows
