"""From the files to profiles through Dagster: what is fitted once, what is made for every month, and who is in it."""

import datetime as dt
from collections import Counter

import dagster as dg
import pytest
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from hm_assets import runs
from hm_assets.definitions import TABLES, build_defs
from hm_assets.segments.choice.entries import name_of
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.settings import Settings
from hm_assets.sources.synthetic.generate import generate
from hm_assets.warehouse import artifacts, delta, identity

FITTED = "key:segments/later_values or key:segments/candidates or key:segments/champion"
MONTHS = [dt.date(2018, month, 1) for month in (9, 10, 11, 12)]


class Graph:
    """The whole graph on a warehouse of its own, run in this process."""

    def __init__(self, warehouse, raw) -> None:
        self.path = warehouse
        warehouse.mkdir()
        days = (dt.date(2018, 9, 20), dt.date(2020, 9, 22))
        identity.claim(warehouse, "test", raw, days, "quick", dt.date(2026, 1, 1))
        self.defs = build_defs(Settings(warehouse=warehouse, raw=raw))
        self.instance = dg.DagsterInstance.ephemeral()

    def make(self, selection: str, months=MONTHS, **clustering) -> None:
        result = self.run(selection, months, **clustering)
        assert result.success, runs.faults(result)
        failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
        assert [check.check_name for check in failed if check.severity is dg.AssetCheckSeverity.ERROR] == []

    def run(self, selection: str, months=MONTHS, **clustering) -> dg.ExecuteInProcessResult:
        graph = self.defs.resolve_asset_graph()
        keys = dg.AssetSelection.from_string(selection).resolve(graph)
        steps = ("segments__later_values", "segments__candidates") if clustering else ()
        if "override" in clustering:
            steps = ("segments__champion",)
        if "challenge" in clustering:
            steps = ("monitoring__challenges",)
        if {"signed_by", "withdraw"} & clustering.keys():
            steps = ("profiles__passports",)
        config = {"ops": {step: {"config": clustering} for step in steps}}
        return self.defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            asset_selection=[key for key in keys if graph.get(key).is_executable],
            tags={
                ASSET_PARTITION_RANGE_START_TAG: months[0].isoformat(),
                ASSET_PARTITION_RANGE_END_TAG: months[-1].isoformat(),
            },
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}, **config},
            raise_on_error=False,
        )

    def rows(self, table: str, columns: list[str] | None = None) -> list[dict]:
        stored = delta.open_table(self.path, TABLES[table])
        assert stored is not None
        return stored.to_pyarrow_table(columns=columns).to_pylist()

    @property
    def champion(self) -> dict:
        return artifacts.read_json(self.path / "segments" / "champion.json")


@pytest.fixture(scope="module")
def graph(tmp_path_factory) -> Graph:
    raw = tmp_path_factory.mktemp("raw")
    generate(raw, preset="demo", scale=0.1, seed=1)
    graph = Graph(tmp_path_factory.mktemp("wh") / "warehouse", raw)
    graph.make("+key:segments/assignments or +key:profiles/segment_profiles")
    return graph


def assigned(graph: Graph) -> dict[tuple[dt.date, int], int]:
    rows = graph.rows("segments/assignments", ["month", "customer_key", "segment_id"])
    return {(row["month"], row["customer_key"]): row["segment_id"] for row in rows}


@pytest.mark.slow
def test_each_month_holds_every_customer_once_and_the_features_those_who_bought(graph):
    customers = {row["customer_key"] for row in graph.rows("customers/customers", ["customer_key"])}
    keys = Counter((row["month"], row["customer_key"]) for row in graph.rows("segments/assignments"))
    assert keys == Counter((month, key) for month in MONTHS for key in customers)
    with_features = {
        (row["month"], row["customer_key"])
        for row in graph.rows("features/customer_features", ["month", "customer_key"])
    }
    assert {key for key, segment in assigned(graph).items() if segment != NO_PURCHASE} == with_features
    as_of = {(row["month"], row["as_of"]) for row in graph.rows("segments/assignments", ["month", "as_of"])}
    assert as_of == {
        (row["month"], row["as_of"]) for row in graph.rows("features/customer_features", ["month", "as_of"])
    }
    restated = {
        (row["month"], row["restated"]) for row in graph.rows("segments/assignments", ["month", "restated"])
    }
    assert restated == {(month, month < MONTHS[-1]) for month in MONTHS}


@pytest.mark.slow
def test_profiles_speak_of_each_segment_of_the_month_under_one_name(graph):
    sizes = Counter((month, segment) for (month, _), segment in assigned(graph).items())
    rows = graph.rows("profiles/segment_profiles")
    assert {(r["month"], r["segment_id"]): r["value"] for r in rows if r["fact"] == "customers"} == dict(
        sizes
    )
    names = {(row["month"], row["segment_id"], row["segment_name"]) for row in rows}
    assert len(names) == len({(month, name) for month, _, name in names}) == len(sizes)


@pytest.mark.slow
def test_the_page_of_the_lab_lies_in_the_month_of_training_and_is_the_same_twice(graph):
    pages = []
    for _ in range(2):
        graph.make("key:segments/agreement or key:segments/report")
        pages.append((graph.path / "reports" / "2018-12" / "segmentation-lab.html").read_bytes())
    assert pages[0] == pages[1]
    made = {
        name: graph.instance.get_latest_materialization_event(dg.AssetKey(["segments", name]))
        for name in ("candidates", "champion", "report")
    }
    shown = {name: event.asset_materialization.metadata for name, event in made.items()}
    for name, pictures in (
        ("candidates", ("how_many_segments", "stability")),
        ("champion", ("sizes", "two_dimensions", "what_segments_are_like")),
    ):
        assert all(shown[name][picture].value.startswith("![") for picture in pictures)
    assert "segmentation-lab.html" in shown["report"]["report"].value


@pytest.mark.slow
def test_candidates_are_kept_until_a_refit_is_asked_for(graph):
    """In one story, since each step builds on the one before."""
    first, model, before = graph.rows("segments/candidates"), graph.champion, assigned(graph)
    graph.make("group:segments")
    assert (graph.rows("segments/candidates"), graph.champion, assigned(graph)) == (first, model, before)

    graph.make("group:raw or group:customers or group:features or group:segments", [dt.date(2019, 1, 1)])
    assert (graph.rows("segments/candidates"), graph.champion) == (first, model)  # a new month never refits
    after = assigned(graph)
    assert {key: segment for key, segment in after.items() if key[0] in MONTHS} == before

    graph.make(FITTED, refit=True, algorithms=["ward"])
    refitted = graph.rows("segments/candidates")
    assert {row["trained_as_of"] for row in first} == {
        max(r["as_of"] for r in graph.rows("segments/assignments") if r["month"] == MONTHS[-1])
    }
    assert {row["trained_as_of"].replace(day=1) for row in refitted} == {dt.date(2019, 1, 1)}
    assert graph.champion["version"] != model["version"]

    graph.make(FITTED, seed=7)
    assert {row["recipe"] for row in graph.rows("segments/candidates")} != {row["recipe"] for row in refitted}
    assert graph.champion["seed"] == 7
    tried = [{row["algorithm"] for row in rows} for rows in (refitted, graph.rows("segments/candidates"))]
    assert tried == [{"ward", "merged_rfm_grid"}, {"kmeans", "merged_rfm_grid"}]


@pytest.mark.slow
def test_each_segment_has_a_rule_in_three_dialects(graph):
    graph.make("key:segments/rules")
    rules = graph.rows("segments/rules")
    assert [row["segment_id"] for row in rules] == graph.champion["ids"]
    for row in rules:
        assert row["words"]
        assert all(row[dialect] for dialect in ("duckdb", "bigquery", "snowflake"))
        assert 0 <= row["coverage"] <= 1


@pytest.mark.slow
def test_a_person_decides_until_the_choice_is_given_back(graph):
    """The override stays when the champion is made again without a word, as a sensor does."""
    other = next(
        row for row in graph.rows("segments/candidates") if row["algorithm"] == "kmeans" and row["k"] == 3
    )
    by_lab = graph.champion
    graph.make("key:segments/champion", override=f"kmeans 3 {other['space']}")
    by_person = graph.champion
    for _ in range(2):
        assert graph.champion == by_person
        assert len(graph.champion["ids"]) == 3
        assert "chosen by a person" in graph.champion["decision"]["headline"]
        graph.make("key:segments/champion")
    graph.make("key:segments/champion", override="lab")
    # The lab's choice comes back with its ids, so that trying another one renames nobody.
    changed = {name for name in by_lab if graph.champion[name] != by_lab[name]}
    assert changed <= {"last_id"}
    assert graph.champion["last_id"] == by_person["last_id"]


@pytest.mark.slow
def test_a_lost_champion_comes_back_with_the_choice_of_a_person_and_its_ids(graph):
    graph.make("key:segments/champion", override="kmeans 3 rfm")
    before = graph.champion
    (graph.path / "segments" / "champion.json").unlink()
    graph.make("key:segments/champion")
    assert graph.champion == before
    graph.make("key:segments/champion", override="lab")


@pytest.mark.slow
def test_a_choice_that_cannot_be_followed_says_what_can(graph):
    result = graph.run("key:segments/champion", override="kmeans 5")
    (fault,) = runs.faults(result)
    assert fault.startswith("segments/champion: ")
    assert "kmeans 5 rfm" in fault
    assert "`lab` gives the choice back" in fault


def _keys(*names: str) -> str:
    return " or ".join(f"key:{name}" for name in names)


PLACED = ("segments/assignments", "profiles/names", "profiles/segment_profiles", "profiles/segment_words")
PASSED = ("profiles/passports", "playbooks/playbooks")
AGAIN = _keys(*PLACED, "profiles/passport_criteria", *PASSED)
PUBLISHED = f"{AGAIN} or {_keys('segments/agreement', 'profiles/validity', 'profiles/age_parity')}"


@pytest.mark.slow
def test_a_segmentation_that_fails_is_not_published_until_somebody_signs(graph):
    last = MONTHS[-1:]
    reports = graph.path / "reports" / "2018-12"
    graph.make(PUBLISHED, last)
    published = {path.name: path.read_bytes() for path in reports.glob("segment-*.html")}
    assert published
    assert not any(b"Signed by" in page for page in published.values())

    unusable = min((r for r in graph.rows("segments/candidates") if r["model"]), key=lambda r: r["min_share"])
    assert unusable["min_share"] < 0.05
    name = name_of(unusable["algorithm"], unusable["k"], unusable["space"])
    graph.make("key:segments/champion", override=name)
    blocked = graph.run(AGAIN, last)
    failed = [c for c in blocked.get_asset_check_evaluations() if not c.passed and c.blocking]
    # Told of the run, and of each month of it.
    assert {check.check_name for check in failed} == {"segments_may_be_published"}
    assert all("Asked for: 5.0 % to 60 %" in check.description for check in failed)
    made = {event.asset_key.to_user_string() for event in blocked.get_asset_materialization_events()}
    assert "profiles/passports" in made
    assert "playbooks/playbooks" not in made
    # What was published before stays, and the passport says why nothing newer is.
    assert {path.name: path.read_bytes() for path in reports.glob("segment-*.html")} == published
    said = "".join(page.read_text() for page in reports.glob("passport-*.html"))
    assert "may not be published as it is: its size is out of bounds" in said
    # Alone, too, nothing is published: the check is not part of that run.
    (fault,) = runs.faults(graph.run("key:playbooks/playbooks", last))
    assert "the gate of profiles/passports is closed" in fault
    assert {path.name: path.read_bytes() for path in reports.glob("segment-*.html")} == published
    graph.make(_keys(*PASSED), last, signed_by="Ada, CRM", because="the mailing goes to everybody")
    pages = [*reports.glob("segment-*.html"), reports / "index.html", *reports.glob("passport-*.html")]
    for page in (*pages, reports / "segments.csv", reports / "passports.json"):
        assert "Signed by Ada, CRM: “the mailing goes to everybody”" in page.read_text(), page.name
    # The signature stays with the model it was given for, and goes with it.
    graph.make(_keys(*PASSED), last)
    assert "Signed by Ada" in (reports / "index.html").read_text()
    graph.run("key:profiles/passports", last, withdraw=True)
    assert not list(reports.glob("segment-*.html"))
    assert not (reports / "index.html").exists()
    graph.make("key:segments/champion", override="lab")
    graph.make(AGAIN, last)
    assert "Signed by" not in (reports / "index.html").read_text()


@pytest.mark.slow
def test_the_ladder_judges_the_latest_day_with_90_days_of_lines_after_it(graph):
    """Of four months only the last one has such a day before it: the end of September."""
    graph.make("key:profiles/validity")
    rows = graph.rows("profiles/validity")
    (judged,) = {
        row["as_of"] for row in graph.rows("features/customer_features") if row["month"] == MONTHS[0]
    }
    assert {(row["month"], row["as_of"]) for row in rows} == {(MONTHS[-1], judged)}
    assert {row["tier"] for row in rows} == {"construction", "held_out", "later"}
    assert all(row["p"] is None for row in rows if row["tier"] == "construction")
    lifts = {row["segment_id"]: row for row in rows if row["test"] == "lift"}
    assert sum(row["n"] for row in lifts.values()) == sum(
        1 for row in graph.rows("features/customer_features", ["month"]) if row["month"] == MONTHS[0]
    )
