"""Random rules, and what they mean in plain SQL over the Delta files: written apart from the code under test."""

import duckdb
from deltalake import DeltaTable
from hypothesis import strategies as st

from hm_assets.playbooks.audience.rule import All, AnyOf, Condition, Not
from hm_assets_tests.playbooks.audience import shop

NUMBERS = st.integers(0, 100).map(lambda n: n / 100)
CHOICES = {
    "segment": ["0", "1", "2", "3"],
    "value": ["high", "middle", "low"],
    "tier": ["premium", "high", "medium", "low"],
    "stage": ["new", "active", "cooling", "lost"],
    "channel": ["online", "mixed", "store"],
    "club": ["ACTIVE", "PRE-CREATE", "LEFT CLUB", "unknown"],
    "news": ["REGULARLY", "MONTHLY", "NONE", "unknown"],
    "category": list(shop.CATEGORIES),
}


def some(name):
    return st.lists(st.sampled_from(CHOICES[name]), min_size=1, max_size=3, unique=True).map(tuple)


CONDITIONS = st.one_of(
    st.sampled_from(["optin", "active"]).map(lambda name: Condition(field=name)),
    st.builds(
        lambda op, n: Condition(field="churn", op=op, number=n),
        st.sampled_from([">=", "<=", ">", "<"]),
        NUMBERS,
    ),
    st.builds(
        lambda op, n: Condition(field="recency", op=op, number=400 * n), st.sampled_from([">=", "<"]), NUMBERS
    ),
    st.builds(lambda n: Condition(field="value_90d", op=">", number=5 * n), NUMBERS),
    *(
        some(name).map(lambda values, name=name: Condition(field=name, values=values))
        for name in CHOICES
        if name != "category"
    ),
    st.builds(
        lambda values, at: Condition(field="category", values=values, at_least=at),
        some("category"),
        st.sampled_from([None, 0.5, 2.0]),
    ),
)
RULES = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: All(all=tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(any=tuple(parts))),
        inner.map(lambda part: Not(no=part)),
    ),
    max_leaves=6,
)
COLUMNS = {
    "segment": "segment_id::VARCHAR",
    "tier": "value_tier",
    "stage": "lifecycle_stage",
    "channel": "CASE WHEN online_share_365d >= 0.8 THEN 'online' WHEN online_share_365d <= 0.2 THEN 'store' "
    "WHEN online_share_365d IS NOT NULL THEN 'mixed' END",
    "club": "coalesce(club_member_status, 'unknown')",
    "news": "coalesce(fashion_news_frequency, 'unknown')",
    "value": "CASE WHEN value_12m >= (SELECT quantile_cont(value_12m, 0.8) FROM outlook) THEN 'high' "
    "WHEN value_12m >= (SELECT quantile_cont(value_12m, 0.5) FROM outlook) THEN 'middle' "
    "WHEN value_12m IS NOT NULL THEN 'low' END",
    "churn": "1 - p_order_90d",
    "recency": "recency_days",
    "value_90d": "value_90d",
    "optin": "fn = 1",
    "active": "active = 1",
}
FROM = (
    "customers JOIN assignments USING (customer_key) LEFT JOIN features USING (customer_key) "
    "LEFT JOIN outlook USING (customer_key)"
)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def sql(rule):
    """The rule as a condition that is true or false."""
    if isinstance(rule, Not):
        return f"NOT {sql(rule.no)}"
    if isinstance(rule, All | AnyOf):
        parts = rule.all if isinstance(rule, All) else rule.any
        return (
            "(" + (" AND " if isinstance(rule, All) else " OR ").join(map(sql, parts)) + ")"
            if parts
            else "true"
        )
    if rule.field == "category":
        places = ", ".join(str(shop.CATEGORIES.index(value) + 1) for value in rule.values)
        return (
            "EXISTS (SELECT 1 FROM affinities a WHERE a.customer_key = customers.customer_key AND a.attribute = "
            f"'product_group' AND a.position IN ({places}) AND a.affinity >= {rule.at_least or 1.5})"
        )
    column = COLUMNS[rule.field]
    if rule.number is not None:
        return f"coalesce({column} {rule.op} {rule.number!r}, false)"
    if not rule.values:
        return f"({column})"
    return f"coalesce(({column}) IN ({', '.join(map(quoted, rule.values))}), false)"


def connect(warehouse):
    """Views on the Parquet files that the Delta logs name."""
    connection = duckdb.connect(config={"threads": 1})
    for name, path in (
        ("customers", "customers/customers"),
        ("assignments", "segments/assignments"),
        ("features", "features/customer_features"),
        ("outlook", "forecasts/customers"),
        ("affinities", "features/affinities"),
    ):
        files = ", ".join(quoted(file) for file in DeltaTable(str(warehouse / path)).file_uris())
        connection.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}], hive_partitioning = false)"
        )
    return connection
