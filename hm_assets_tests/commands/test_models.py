"""The registry and roll back, as files: what is listed, what is refused, what stands."""

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from hm_assets.commands.models import listed, rolled_back
from hm_assets.segments.champion import appointments, history
from hm_assets.segments.tables import CANDIDATES
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets_tests.segments.customers import champion

TODAY = dt.date(2026, 1, 2)
ROW = {"algorithm": "kmeans", "space": "rfm", "k": 2, "segments": 2, "noise_share": 0.0, "seconds": 0.0}
ROW |= {"peak_mb": 0.0, "structure": "", "verdict": "", "trained_as_of": dt.date(2020, 9, 22), "customers": 2}
ROW |= {"depth": "quick", "recipe": "r", "model": "{}"}


def model(k, **decision):
    made = champion([[i, i, i] for i in range(k)], ids=range(1, k + 1))
    said = {"headline": f"{k} segments", "reasons": [f"the best of {k}"], "override": None, "fit": str(k)}
    return replace(made, decision={**said, "candidate": f"kmeans {k} rfm", **decision})


FIRST, SECOND = model(2), model(3)


@pytest.fixture
def settings(tmp_path):
    schema = CANDIDATES.arrow_schema()
    delta.write(tmp_path, CANDIDATES, pa.Table.from_pylist([ROW], schema=schema).to_batches())
    for made in (FIRST, SECOND):
        crown(tmp_path, made)
    return Settings(warehouse=tmp_path)


def crown(warehouse, made):
    history.keep(warehouse / "segments" / "champions", made)
    artifacts.write_json(warehouse / "segments" / "champion.json", made.as_json())


def rows_now():
    return [{name: ROW[name] for name in ("algorithm", "space", "k", "model")}]


def standing(settings, previous, rows=None):
    known = appointments.all_of(settings.warehouse)
    return appointments.standing(known, previous, appointments.fingerprint(rows or rows_now()))


def test_each_version_is_listed_once_with_the_champion_marked(settings):
    crown(settings.warehouse, FIRST)
    assert [(v.champion.version, v.is_champion, v.why) for v in listed(settings)] == [
        (SECOND.version, False, "3 segments"),
        (FIRST.version, True, "2 segments"),
    ]


def test_a_roll_back_stands_with_who_and_why_and_can_be_done_twice(settings):
    for now, wanted in ((SECOND, FIRST), (FIRST, SECOND)):
        assert rolled_back(settings, wanted.version, "Ada", "too  coarse", TODAY) == wanted.version
        found = standing(settings, now)
        crowned = found.crowned(last_id=7)
        assert (crowned.version, crowned.ids, crowned.last_id) == (wanted.version, wanted.ids, 7)
        assert crowned.decision["reasons"] == [
            "Rolled back by Ada on 2026-01-02: too coarse.",
            *wanted.decision["reasons"],
        ]
        crown(settings.warehouse, crowned)
        assert listed(settings)[-1].why == "Rolled back by Ada on 2026-01-02: too coarse."
    assert len(appointments.all_of(settings.warehouse)) == 2
    assert len(list((settings.warehouse / "segments" / "champions").glob("*.json"))) == 4


def test_a_roll_back_that_no_run_has_carried_out_yet_can_be_taken_back(settings):
    rolled_back(settings, FIRST.version, "Ada", "too coarse", TODAY)
    assert rolled_back(settings, SECOND.version, "Ada", "I was wrong", TODAY) == SECOND.version
    found = standing(settings, SECOND)
    assert (found.number, found.champion["version"]) == (2, SECOND.version)
    crown(settings.warehouse, found.crowned(SECOND.last_id))
    with pytest.raises(HmAssetsError, match="is the champion already"):
        rolled_back(settings, SECOND.version, "Ada", "once more", TODAY)


def test_a_roll_back_ends_with_a_later_choice_or_a_new_fit_of_the_lab(settings):
    rolled_back(settings, FIRST.version[:16], "Ada", "too coarse", TODAY)
    assert standing(settings, SECOND).number == 1
    assert standing(settings, model(3, superseded=1)) is None
    assert standing(settings, SECOND, [{**rows_now()[0], "model": "another fit"}]) is None


def test_what_a_roll_back_made_is_no_choice_of_the_lab(settings):
    appointed = model(2, appointment=1)
    assert history.same_choice([SECOND, appointed], FIRST) is None
    assert history.same_choice([FIRST, appointed], FIRST).as_json() == replace(FIRST, last_id=2).as_json()


@pytest.mark.parametrize(
    ("version", "who", "why", "said"),
    [
        (
            "2031-01",
            "Ada",
            "x",
            f"no versions are called '2031-01'; there are: {FIRST.version}, {SECOND.version}",
        ),
        ("2020-09", "Ada", "x", "2 versions are called '2020-09'"),
        ("", "Ada", "x", "no versions are called ''"),
        (SECOND.version, "Ada", "x", "is the champion already"),
        (FIRST.version, " ", "x", "needs a name and a reason"),
        (FIRST.version, "Ada", "", "needs a name and a reason"),
    ],
)
def test_what_cannot_be_rolled_back_is_said_and_changes_nothing(settings, version, who, why, said):
    with pytest.raises(HmAssetsError) as error:
        rolled_back(settings, version, who, why, TODAY)
    assert said in str(error.value)
    assert appointments.version(settings.warehouse) is None


def test_a_warehouse_without_a_champion_says_so(tmp_path):
    with pytest.raises(HmAssetsError, match="`hm run` makes the first"):
        listed(Settings(warehouse=tmp_path))
