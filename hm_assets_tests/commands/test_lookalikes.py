"""The audience file and its manifest: who is in it, who is not, and what is refused."""

import csv
import datetime as dt
import hashlib

import numpy as np
import pyarrow as pa
import pytest

from hm_assets.articles.tables import ARTICLES
from hm_assets.commands.lookalikes import LEFT, Seed, write
from hm_assets.customers.tables import CUSTOMERS
from hm_assets.features.tables import CUSTOMER_FEATURES
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.keys import customer_key

MONTH, AS_OF = dt.date(2019, 5, 1), dt.date(2019, 5, 30)
MANY, LIKED, LEFT_OF = 400, 120, 10
NAMES = [f"c{i}" for i in range(MANY)]
EMPTY = {"string": "x", "date": AS_OF, "boolean": False}


def row(table, **values):
    """A row of a table: nothing known, and a plain value where one has to be."""
    named = {column.name for column in table.columns}
    plain = {c.name: EMPTY.get(c.type, 1) for c in table.columns if not c.nullable}
    return plain | {name: value for name, value in values.items() if name in named or name == "month"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The first 120 customers have a taste: 60 bought trousers, 30 got them as a gift, the last ten left the club."""
    folder, rng = tmp_path_factory.mktemp("wh"), np.random.default_rng(0)
    keys = [customer_key(name) for name in NAMES]
    tastes = np.where(np.arange(MANY) < LIKED, 3.0, 0.0) + rng.normal(0, 0.3, MANY)
    said = [LEFT if LIKED - LEFT_OF <= i < LIKED else "ACTIVE" for i in range(MANY)]
    features = [
        row(
            CUSTOMER_FEATURES,
            customer_key=k,
            as_of=AS_OF,
            recency_days=i % 9,
            month=MONTH,
            clr_product_group_1=t,
        )
        for i, (k, t) in enumerate(zip(keys, tastes.tolist(), strict=True))
    ]
    people = [
        row(CUSTOMERS, customer_key=k, customer_id=name, club_member_status=status)
        for k, name, status in zip(keys, NAMES, said, strict=True)
    ]
    bought = [
        row(
            TRANSACTIONS,
            t_dat=AS_OF,
            customer_key=k,
            article_key=7,
            price=0.1 if i < 60 else 0.0,
            month=MONTH,
        )
        for i, k in enumerate(keys[:90])
    ]
    placed = [
        row(ASSIGNMENTS, customer_key=k, as_of=AS_OF, segment_id=1 + (i >= 60), month=MONTH)
        for i, k in enumerate(keys)
    ]
    article = [row(ARTICLES, article_key=7, article_id="0000000007", product_type_name="Trousers")]
    for table, rows in (
        (CUSTOMER_FEATURES, features),
        (CUSTOMERS, people),
        (TRANSACTIONS, bought),
        (ASSIGNMENTS, placed),
        (ARTICLES, article),
    ):
        made = pa.Table.from_pylist(rows, schema=table.arrow_schema())
        delta.write(folder, table, made.to_batches(), *([[MONTH]] if table.monthly else []))
    return Settings(warehouse=folder, threads=1)


def names(file):
    with file.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["rank"] for row in rows] == [str(i + 1) for i in range(len(rows))]
    return [row["customer_id"] for row in rows]


@pytest.mark.parametrize("how", ["file", "lines", "segment", "bought", "article"])
def test_those_with_the_taste_come_first_without_the_seed_and_without_who_left(settings, tmp_path, how):
    listed = tmp_path / "seed.csv"
    head = "rank,customer_id\n" if how == "file" else ""
    listed.write_text(head + "".join(f"{'9,' if head else ''}{name}\n" for name in NAMES[:60]))
    seed = {
        "segment": Seed(segment=1),
        "bought": Seed(bought="Trousers"),
        "article": Seed(bought="0000000007"),
    }.get(how, Seed(file=listed))
    to = tmp_path / "audience" / "a.csv"
    made = write(settings, seed, 50, to)
    found = set(names(to))
    assert not found & {*NAMES[:60], *NAMES[LIKED - LEFT_OF : LIKED]}
    assert len(found & set(NAMES[60 : LIKED - LEFT_OF])) >= 45, "50 of 330, by chance 8"
    assert made == artifacts.read_json(to.with_name("a.csv.manifest.json"))
    assert made["sha256"] == hashlib.sha256(to.read_bytes()).hexdigest()
    assert (made["count"], made["seed_customers"], made["as_of"]) == (50, 60, "2019-05-30")
    assert made["left_out"] == {"seed": 60, "left_club": LEFT_OF} and made["seed"] == seed.words
    assert not list(to.parent.glob("*.tmp"))


def test_an_audience_is_no_longer_than_there_are_customers(settings, tmp_path):
    made = write(settings, Seed(segment=1), 10_000, tmp_path / "a.csv")
    assert made["count"] == len(names(tmp_path / "a.csv")) == MANY - 60 - LEFT_OF


def test_what_cannot_be_is_refused_in_words(settings, tmp_path):
    few, wrong = tmp_path / "few.csv", tmp_path / "wrong.csv"
    few.write_text("c1\nc2\nnobody\n")
    wrong.write_text("a,b\nc1,2\n")
    for seed, count, said in (
        (Seed(segment=1), 0, "--count 0"),
        (Seed(segment=8), 5, r"nobody is in segment 8 .* there are \[1, 2\]"),
        (Seed(bought="Trouser"), 5, "product types are like Trousers"),
        (Seed(file=few), 5, "customers of few.csv: the seed has 2 customers"),
        (Seed(file=wrong), 5, "none is called customer_id"),
        (Seed(file=tmp_path / "none.csv"), 5, "cannot be read"),
    ):
        with pytest.raises(HmAssetsError, match=said):
            write(settings, seed, count, tmp_path / "a.csv")
    with pytest.raises(HmAssetsError, match="name one seed"):
        Seed(segment=1, bought="Trousers")
    with pytest.raises(HmAssetsError, match="hm run"):
        write(Settings(warehouse=tmp_path / "wh"), Seed(segment=1), 5, tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()
