"""What customers buy, by attribute of the article: as delivered values, and as the few positions that features use.

An attribute's values differ from retailer to retailer, the columns of a table do not. So the values with most articles
in the catalogue get a position each (`features/attribute_values`), and all others together are position 0. The
catalogue carries no date, so no later sale moves a position.
"""

from collections.abc import Mapping

import ibis

from hm_assets.articles.tables import MOST_TOPICS
from hm_assets.features.customer_days import exact_sum, whole_sum

UNKNOWN = "unknown"
# Attribute: the column of `articles/articles`, and how many values get a position.
POSITIONS: Mapping[str, tuple[str, int]] = {
    "index_group": ("index_group_name", 6),
    "product_group": ("product_group_name", 10),
    "colour": ("perceived_colour_master_name", 10),
    "section": ("section_name", 12),
    "topic": ("main_topic", MOST_TOPICS),
}


def with_main_topic(articles: ibis.Table, topics: ibis.Table) -> ibis.Table:
    """`articles/articles` with `main_topic`: the number of the topic that an article is most about, as text.

    Of equally strong topics the first; empty where no word of the article is known.
    """
    weights = [topics[f"topic_{number}"].fill_null(0) for number in range(1, MOST_TOPICS + 1)]
    strongest = ibis.greatest(*weights)
    main = ibis.cases(*((weight == strongest, str(i)) for i, weight in enumerate(weights, start=1)))
    told = topics.select("article_key", main_topic=ibis.ifelse(topics.words > 0, main, None))
    return articles.left_join(told, "article_key").drop("article_key_right")


def attribute_values(articles: ibis.Table) -> ibis.Table:
    """The positions: one row per attribute and value that has one, the value with most articles first.

    `articles` is what `with_main_topic` gives; a topic keeps its own number as its position.
    """
    parts = []
    for attribute, (column, positions) in POSITIONS.items():
        known = articles.filter(articles[column].notnull())
        counted = known.group_by(value=known[column]).agg(articles=ibis._.count())
        order = ibis.window(order_by=[ibis.desc("articles"), "value"])
        rank = ibis.row_number().over(order) + 1 if attribute != "topic" else counted.value.cast("int16")
        ranked = counted.mutate(position=rank.cast("int16"))
        parts.append(ranked.filter(ranked.position <= positions).mutate(attribute=ibis.literal(attribute)))
    return ibis.union(*parts, distinct=False)


def customer_attributes(transactions: ibis.Table, articles: ibis.Table) -> ibis.Table:
    """Units and spend of a customer by attribute and value (the columns of `features/customer_attributes`).

    `articles` is what `with_main_topic` gives.
    """
    values = {attribute: articles[column].fill_null(UNKNOWN) for attribute, (column, _) in POSITIONS.items()}
    lines = transactions.select("customer_key", "article_key", "month", "price").join(
        articles.select("article_key", **values), "article_key"
    )
    parts = [
        lines.group_by("customer_key", "month", value=lines[attribute])
        .agg(items=lines.count(), spend=exact_sum(lines.price))
        .mutate(attribute=ibis.literal(attribute))
        for attribute in values
    ]
    return ibis.union(*parts, distinct=False)


def part(attribute: str, position: int) -> str:
    """The column of a position: `index_group_1`, and `index_group_0` for all values without a position."""
    return f"{attribute}_{position}"


def parts(attribute: str) -> list[str]:
    """The columns of an attribute, the rest last."""
    return [part(attribute, position) for position in (*range(1, POSITIONS[attribute][1] + 1), 0)]


def customer_tastes(attributes: ibis.Table, values: ibis.Table) -> ibis.Table:
    """Units of a customer and month by position, one column each (the columns of `features/customer_tastes`)."""
    placed = attributes.left_join(values.select("attribute", "value", "position"), ["attribute", "value"])
    placed = placed.mutate(position=placed.position.fill_null(0))
    # One attribute at a time: each row is asked for the positions of its own attribute only. Who bought has a row in
    # each, because what the catalogue does not say is a value too.
    keys = ["customer_key", "month"]
    each = []
    for attribute, (_, positions) in POSITIONS.items():
        mine = placed.filter(placed.attribute == attribute)
        counts = {
            part(attribute, number): whole_sum(mine["items"], mine.position == number)
            for number in (*range(1, positions + 1), 0)
        }
        each.append(mine.group_by(keys).agg(**counts))
    found = each[0]
    for number, one in enumerate(each[1:]):
        found = found.join(one, keys, rname=f"{{name}}_{number}")
    return found.select(*keys, *(column for attribute in POSITIONS for column in parts(attribute)))
