"""Rows of tables that are read where they have been made."""

import datetime as dt

import pyarrow as pa
import pytest

from hm_assets.articles.tables import ARTICLES
from hm_assets.playbooks import stored
from hm_assets.playbooks.strategy.tables import CALENDAR
from hm_assets.warehouse import delta

MONTHS = (dt.date(2020, 8, 1), dt.date(2020, 9, 1))


@pytest.fixture
def warehouse(tmp_path):
    rows = [
        {
            **{"as_of": month, "segment_id": 1, "segment_name": "A", "week": 1, "week_start": month},
            **{"contacts": 0, "why": "rest", "month": month},
        }
        for month in MONTHS
    ]
    schema = CALENDAR.arrow_schema()
    delta.write(
        tmp_path, CALENDAR, pa.Table.from_pylist(rows, schema=schema).to_batches(), months=list(MONTHS)
    )
    return tmp_path


def test_a_table_that_was_never_made_has_no_rows(tmp_path):
    assert stored.rows_of(tmp_path, CALENDAR, MONTHS[0]) == []
    assert stored.some_rows(tmp_path, ARTICLES, "article_key", {1}, ["article_key"]) == []
    assert stored.columns_of(tmp_path, CALENDAR, MONTHS[0], ["week"]) is None


def test_only_the_month_is_read(warehouse):
    (row,) = stored.rows_of(warehouse, CALENDAR, MONTHS[1])
    assert row["month"] == MONTHS[1]
    assert stored.rows_of(warehouse, CALENDAR, dt.date(2019, 1, 1)) == []
    columns = stored.columns_of(warehouse, CALENDAR, MONTHS[0], ["week", "why"])
    assert columns.to_pylist() == [{"week": 1, "why": "rest"}]
