"""What sells now of each topic, counted again line by line."""

import datetime as dt
from collections import Counter

import ibis
import numpy as np
import pyarrow as pa

from hm_assets.recommendations.lists_for.tables import TOPIC_ARTICLES
from hm_assets.recommendations.lists_for.topics import articles_of_topics
from hm_assets_tests.recommendations.baskets import as_ibis
from hm_assets_tests.recommendations.lists_for.shops import LAST, catalogue, shop

ROWS, _ = shop(240, 60)
MONTH = LAST.replace(day=1)
KEYS = catalogue(60)["article_key"].to_pylist()
ARTICLES = catalogue(60).append_column("article_id", pa.array([f"{key:010d}" for key in KEYS]))
SHARES = np.random.default_rng(4).dirichlet([0.3] * 3, len(KEYS)).round(2)
# A tie between two topics, and an article without a text.
SHARES[0], SHARES[1] = [0.4, 0.4, 0.2], [0.0, 0.0, 0.0]
NAMES = {"topic": pa.array([1, 2, 3], pa.int32()), "name": ["one", "two", "three"]}


def found(rows: pa.Table, as_of: dt.date) -> list[dict]:
    topics = {"article_key": KEYS} | {f"topic_{i + 1}": SHARES[:, i] for i in range(3)}
    # The store holds places for more topics than there are.
    more = pa.table({**topics, "topic_4": pa.nulls(len(KEYS), pa.float64())})
    table = articles_of_topics(
        as_ibis(rows),
        ibis.memtable(more),
        ibis.memtable(ARTICLES),
        ibis.memtable(pa.table(NAMES)),
        MONTH,
        as_of,
    )
    ordered = table.order_by("topic", "rank").select(*TOPIC_ARTICLES.arrow_schema().names)
    return ordered.to_pyarrow().cast(TOPIC_ARTICLES.arrow_schema()).to_pylist()


def test_they_are_the_twelve_that_sold_most_since_the_first_of_the_month():
    units = Counter(
        row["article_key"] for row in ROWS.to_pylist() if MONTH <= row["t_dat"] <= LAST and row["price"] > 0
    )
    expected = []
    for topic in range(3):
        mine = [
            (-units[key], -share[topic], key)
            for key, share in zip(KEYS, SHARES.tolist(), strict=True)
            if units[key] and share[topic] > 0 and share.index(max(share)) == topic
        ]
        expected += [(topic + 1, i + 1, key, -n) for i, (n, _, key) in enumerate(sorted(mine)[:12])]
    rows = found(ROWS, LAST)
    assert [(r["topic"], r["rank"], r["article_key"], r["units"]) for r in rows] == expected
    assert {r["topic_name"] for r in rows} == {"one", "two", "three"}
    assert all(r["as_of"] == LAST and r["month"] == MONTH and r["name"] for r in rows)


def test_later_lines_are_not_seen_and_a_month_without_lines_has_none():
    day = MONTH + dt.timedelta(days=9)
    before = ROWS.filter(pa.compute.less_equal(ROWS["t_dat"], pa.scalar(day)))
    assert found(ROWS, day) == found(before, day)
    assert found(ROWS.slice(0, 0), LAST) == []


def test_a_topic_may_have_more_articles_than_a_place_can_count():
    everything = catalogue(300)
    keys = everything["article_key"]
    sold = pa.table({"article_key": keys, "t_dat": [LAST] * 300, "price": [0.1] * 300})
    rows = articles_of_topics(
        as_ibis(sold),
        ibis.memtable(pa.table({"article_key": keys, "topic_1": [1.0] * 300})),
        ibis.memtable(everything.append_column("article_id", keys.cast(pa.string()))),
        ibis.memtable(pa.table(NAMES)),
        MONTH,
        LAST,
    ).to_pyarrow()
    assert sorted(rows["rank"].to_pylist()) == list(range(1, 13))
