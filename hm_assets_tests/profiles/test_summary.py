"""The segments of a month in a few figures."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq

from hm_assets.profiles.summary import labels, recovered, segments_of
from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.keys import customer_key

JULY, AUGUST = dt.date(2020, 7, 1), dt.date(2020, 8, 1)


def row(month: dt.date, segment: int, fact: str, value: float, kind: str = "size") -> dict:
    names = {0: "No purchase yet", 1: "Recent, frequent, high-spend"}
    head = {"as_of": month, "month": month, "segment_id": segment, "segment_name": names[segment]}
    return {**head, "kind": kind, "fact": fact, "customers": 10, "value": value}


def test_sizes_are_read_by_segment_and_what_a_segment_lacks_is_none(tmp_path):
    assert segments_of(tmp_path, AUGUST) == []
    rows = [
        row(AUGUST, 1, "customers", 90.0),
        row(AUGUST, 1, "share_of_customers", 1.0),
        row(AUGUST, 1, "share_of_spend_365d", 1.0),
        row(AUGUST, 1, "age", 33.0, kind="demographic"),
        row(AUGUST, 0, "customers", 10.0),
    ]
    table = pa.Table.from_pylist(rows, schema=SEGMENT_PROFILES.arrow_schema())
    delta.write(tmp_path, SEGMENT_PROFILES, table.to_batches(), [AUGUST])
    assert segments_of(tmp_path, JULY) == []
    assert segments_of(tmp_path, AUGUST) == [
        {
            "segment_id": 0,
            "segment_name": "No purchase yet",
            "customers": 10.0,
            "share_of_customers": None,
            "share_of_spend_365d": None,
        },
        {
            "segment_id": 1,
            "segment_name": "Recent, frequent, high-spend",
            "customers": 90.0,
            "share_of_customers": 1.0,
            "share_of_spend_365d": 1.0,
        },
    ]


def test_what_was_planted_is_counted_where_it_is_known(tmp_path):
    people = {"a": "loyal", "b": "loyal", "c": "lapsed", "d": "lapsed", "e": None}
    assert recovered(tmp_path, tmp_path, AUGUST) is None
    rows = [
        {
            "customer_key": customer_key(name), "as_of": AUGUST, "month": AUGUST, "model_version": "v",
            "restated": False, "segment_id": {"loyal": 7, "lapsed": 3}.get(kind, NO_PURCHASE),
        }
        for name, kind in people.items()
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=ASSIGNMENTS.arrow_schema())
    delta.write(tmp_path, ASSIGNMENTS, table.to_batches(), [AUGUST])
    assert recovered(tmp_path, tmp_path, AUGUST) is None
    (tmp_path / "truth").mkdir()
    truth = pa.table({"customer_id": list(people), "segment": list(people.values())})
    pq.write_table(truth, tmp_path / "truth" / "customers.parquet")
    assert recovered(tmp_path, tmp_path, AUGUST) == 1.0
    assert recovered(tmp_path, tmp_path, JULY) is None


def test_what_must_stand_beside_segments_is_read_from_the_champion_and_the_passports(tmp_path):
    assert labels(tmp_path, AUGUST) == []
    said = "Ward with 6 segments; chosen by a person, not by the lab"
    artifacts.write_json(tmp_path / "segments" / "champion.json", {"decision": {"headline": said}})
    assert labels(tmp_path, AUGUST) == [said]
    signed, closed = "Published although ... Signed by Ada", "Not published: ..."
    for stored, label in (
        ({"open": True, "banner": "", "verdict": "May be published."}, []),
        ({"open": True, "banner": signed, "verdict": signed}, [signed]),
        ({"open": False, "banner": "", "verdict": closed}, [closed]),
    ):
        artifacts.write_json(tmp_path / "profiles" / "passports" / f"{AUGUST}.json", stored)
        assert labels(tmp_path, AUGUST) == [said, *label]
    assert labels(tmp_path, JULY) == [said]
