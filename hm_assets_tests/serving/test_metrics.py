import datetime as dt
import json
import re
from pathlib import Path

import dagster as dg
import pytest
from fastapi.testclient import TestClient

from hm_assets.playbooks.documents import write_playbooks
from hm_assets.profiles.tables import SEGMENT_PROFILES
from hm_assets.raw import refusal, tables
from hm_assets.serving import metrics
from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.instance import opened, set_home
from hm_assets_tests.playbooks.examples import AS_OF, SOURCE, VERSIONS, rows

NOW = dt.datetime(2020, 9, 24, tzinfo=dt.UTC)
BOARD = Path(__file__).parents[2] / "deploy" / "grafana.json"
LINE = re.compile(
    r'(\w+)(?:\{(\w+="(?:[^"\\\n]|\\["\\n])*"(?:,\w+="(?:[^"\\\n]|\\["\\n])*")*)\})? (-?[\d.e+-]+)'
)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return Settings(warehouse=tmp_path / "warehouse", reports=tmp_path / "reports")


def read(text):
    """Value by family and labels; every line is a comment or a sample of the text format."""
    found = {}
    for line in text.splitlines():
        if not line.startswith(("# HELP ", "# TYPE ")):
            match = LINE.fullmatch(line)
            assert match, line
            found[match[1], match[2] or ""] = float(match[3])
    return found


def test_before_anything_is_made_it_answers_and_names_nothing_that_is_not(settings):
    found = read(metrics.render(settings, NOW))
    assert found == {
        ("hm_assets_incidents", 'kind="run"'): 0,
        ("hm_assets_incidents", 'kind="landing"'): 0,
        ("hm_assets_landing_refused", ""): 0,
        (metrics.UNREADABLE, ""): 0,
    }


def test_what_there_is_is_told(settings):
    rejects = [{column.name: None for column in tables.REJECTS.stored_columns} | {"file": "a.csv"}] * 3
    delta.write(settings.warehouse, tables.REJECTS, batches(tables.REJECTS, rejects))
    month = dt.date(2020, 9, 1)
    sizes = {
        "month": month,
        "segment_id": 3,
        "segment_name": 'The "best"\\',
        "fact": "customers",
        "kind": "size",
        "value": 41.0,
    }
    delta.write(settings.warehouse, SEGMENT_PROFILES, batches(SEGMENT_PROFILES, [sizes]), [month])
    write_playbooks(
        [{**line, "as_of": AS_OF} for line in rows()],
        as_of=AS_OF,
        month=month,
        reports=settings.reports_dir,
        versions=VERSIONS,
        source=SOURCE,
    )
    refusal.note(settings.warehouse, [refusal.Refusal("b.csv is empty.", "b.csv")])
    with opened(set_home(settings.warehouse)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(["raw", "customers"]))
    found = read(metrics.render(settings, NOW))
    assert found["hm_assets_rejected_rows", ""] == 3
    assert found["hm_assets_segment_customers", r'segment="3",name="The \"best\"\\"'] == 41
    midnight = dt.datetime.combine(AS_OF, dt.time(), dt.UTC)
    assert found["hm_assets_playbook_age_seconds", ""] == (NOW - midnight).total_seconds()
    assert found["hm_assets_landing_refused", ""] == 1
    assert found["hm_assets_runs", 'status="failure"'] == 0
    assert found["hm_assets_last_success_timestamp_seconds", 'group="raw"'] > 1.7e9
    assert found[metrics.UNREADABLE, ""] == 0


def batches(table, rows):
    """Rows as batches of the table, with something in every column that must not be empty."""
    import pyarrow as pa

    schema = table.arrow_schema()
    filled = [{f.name: row.get(f.name, None) for f in schema} for row in rows]
    for row in filled:
        for field in schema:
            if row[field.name] is None and not field.nullable:
                row[field.name] = (
                    AS_OF if pa.types.is_date(field.type) else "" if field.type == pa.string() else 0
                )
    return [pa.RecordBatch.from_pylist(filled, schema)]


def test_what_cannot_be_read_is_counted_and_hides_nothing(settings):
    (settings.warehouse / "raw" / "customers" / "_delta_log").mkdir(parents=True)
    (settings.warehouse / "raw" / "customers" / "_delta_log" / f"{0:020}.json").write_text("{")
    found = read(metrics.render(settings, NOW))
    assert found[metrics.UNREADABLE, ""] == 1
    assert ("hm_assets_incidents", 'kind="run"') in found


def test_the_portal_answers_in_the_format_that_prometheus_asks_for(settings):
    answer = TestClient(create_app(settings), base_url="http://127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == metrics.CONTENT_TYPE
    assert read(answer.text)


def test_the_board_shows_metrics_that_exist_and_every_one_of_them():
    panels = json.loads(BOARD.read_text())["panels"]
    named = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"hm_assets_\w+", target["expr"])
    }
    assert named <= set(metrics.FAMILIES)
    assert set(metrics.FAMILIES) - named == {"hm_assets_playbook_as_of_timestamp_seconds"}
    assert len({panel["id"] for panel in panels}) == len(panels)
