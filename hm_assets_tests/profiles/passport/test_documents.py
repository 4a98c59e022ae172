"""The pages: each figure with its origin, the verdict first, a signature on each, and no page left from before."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest

from hm_assets.profiles.passport.assets import _row, withheld
from hm_assets.profiles.passport.criteria import WARN, Criterion, criteria
from hm_assets.profiles.passport.documents import markdown, remove_signed, told, write_passports
from hm_assets.profiles.passport.evidence import Measured
from hm_assets.profiles.passport.gate import gate
from hm_assets.warehouse.artifacts import write_text
from hm_assets.warehouse.manifest import (
    MANIFEST,
    PASSPORT_MANIFEST,
    SEGMENTS_MANIFEST,
    Manifest,
    describe,
    publish,
    read_all,
    read_manifest,
)
from hm_assets_tests.profiles.passport.test_criteria import SOUND
from hm_assets_tests.profiles.passport.test_gate import NAMES, SIGNED, WIDE

AS_OF = dt.date(2020, 9, 22)


def table(evidence, names=NAMES):
    return [
        {"as_of": AS_OF, "month": AS_OF.replace(day=1), **_row(criterion, i, names), "model_version": "v1"}
        for i, criterion in enumerate(criteria(evidence))
    ]


def write(reports, evidence=SOUND, signed=None, names=NAMES):
    verdict = gate(criteria(evidence), "v1", names, signed)
    more = {"versions": {"profiles/passport_criteria": "abc"}, "source": "a test", "segmentation": "kmeans 2"}
    return write_passports(table(evidence, names), verdict, reports=reports, **more)


def test_a_page_per_segment_and_all_of_them_as_json(tmp_path):
    paths = write(tmp_path)
    assert [path.name for path in paths] == ["passport-3.html", "passport-7.html", "passports.json"]
    stored = json.loads(paths[-1].read_text())
    assert sorted(stored["segments"]) == ["3", "7"]
    assert stored["gate"]["open"] is True
    manifest = read_all(tmp_path / "2020-09")
    assert [entry.kind for entry in manifest.files] == ["passport"] * 3


@pytest.mark.parametrize("evidence", [SOUND, WIDE])
def test_every_figure_on_a_page_is_in_the_table(tmp_path, evidence):
    known = {
        (row["scope"], row["criterion"], field): row[field]
        for row in table(evidence)
        for field in ("value", "low", "high")
    }
    for path in write(tmp_path, evidence)[:-1]:
        seen = re.findall(
            r'data-scope="([^"]+)" data-fact="([^"]+)" data-field="([^"]+)" data-value="([^"]+)"',
            path.read_text(),
        )
        assert len(seen) >= 8
        for scope, fact, field, value in seen:
            assert known[scope, fact, field] == float(value)


def test_what_tells_of_fewer_than_twenty_people_has_no_figure_in_what_leaves(tmp_path):
    rows = [
        {**row, "withheld": row["criterion"] == "reachable", "low": 0.3217, "high": 0.4741}
        for row in table(SOUND)
    ]
    verdict = gate(criteria(SOUND), "v1", NAMES)
    paths = write_passports(rows, verdict, reports=tmp_path, versions={}, source="a test", segmentation="k")
    for path in paths[:-1]:
        page = path.read_text()
        assert 'data-fact="reachable"' not in page
        assert 'data-fact="kept"' in page
        assert "get the fashion news." not in page
        assert "fewer than 20 people" in page.replace("\u00a0", " ")
    for mine in json.loads(paths[-1].read_text())["segments"].values():
        (row,) = (row for row in mine if row["criterion"] == "reachable")
        assert [row[name] for name in ("value", "low", "high")] == [None] * 3
        assert "fewer than 20 people" in row["words"]
        assert row["status"] == "PASS"
    assert "get the fashion news" not in markdown(told(rows))


@pytest.mark.parametrize(
    ("name", "measured", "size", "few", "expected"),
    [
        ("kept", Measured(160 / 168, customers=168), 168, (), True),
        ("kept", Measured(148 / 168, customers=168), 168, (), False),
        ("kept", Measured(0.5, customers=19), 168, (), True),
        ("ambiguous", Measured(19 / 168, customers=168), 168, (), True),
        ("ambiguous", Measured(0.0, customers=168), 168, (), False),
        # As the playbooks do, whatever the reason there.
        ("reachable", Measured(0.4), 168, {(3, "fashion_news")}, True),
        ("reachable", Measured(0.4), 168, {(7, "fashion_news")}, False),
        ("imputed", Measured(0.1), 168, {(3, "depends_on_imputed")}, True),
        ("stability", Measured(0.9), 168, {(3, "fashion_news")}, False),
        ("lift", Measured(1.2), 19, (), True),
        ("share", Measured(0.02), 19, (), False),
        ("lift", None, 19, (), False),
    ],
)
def test_who_is_too_few_to_be_told_of(name, measured, size, few, expected):
    criterion = Criterion(3, name, "a title", WARN, measured, "a threshold", "words")
    assert withheld(criterion, {3: size}, few) == expected
    assert not withheld(replace(criterion, segment_id=None), {3: size}, few)


def test_the_headline_says_what_it_comes_to(tmp_path):
    good = write(tmp_path / "good")[0].read_text()
    assert "passes all 14 criteria that could be measured" in good
    bad = write(tmp_path / "bad", WIDE)[0].read_text()
    assert "may not be published as it is: its size is out of bounds." in bad
    assert "Not published: " in bad


def test_the_headline_says_what_is_amiss_of_the_segment_and_of_all_of_them_together(tmp_path):
    weak = replace(SOUND, jaccards={3: Measured(0.5)}, agreement={"Ward 2": 0.4})
    page = write(tmp_path, weak)[0].read_text()
    assert (
        "passes 12 of 14 criteria. Mind: not surely found again in other samples; other algorithms draw other borders."
        in page
    )


def published(folder, banner):
    """What the playbooks and the page of the segments leave in a month's folder."""
    for name, manifest in (("index.html", MANIFEST), ("segments.html", SEGMENTS_MANIFEST)):
        entry = describe(write_text(folder / name, f"<p>{banner}</p>"), "A page", "overview", "")
        publish(folder, Manifest("2020-09", AS_OF, "a test", {}, (entry,)), manifest)


@pytest.mark.parametrize(("signed", "stay"), [(SIGNED, False), (None, True)])
def test_what_was_published_under_a_signature_goes_with_it_and_the_rest_stays(tmp_path, signed, stay):
    write(tmp_path)
    folder = tmp_path / "2020-09"
    banner = gate(criteria(WIDE), "v1", NAMES, signed).banner
    published(folder, banner)
    (folder / "mine.html").write_text(banner)
    remove_signed(folder)
    names = ("index.html", "segments.html", MANIFEST, SEGMENTS_MANIFEST)
    assert {(folder / name).exists() for name in names} == {stay}
    assert (folder / "mine.html").exists()
    assert (folder / "passport-3.html").exists()


def test_a_signature_stands_on_every_page(tmp_path):
    for path in write(tmp_path, WIDE, SIGNED):
        assert "Signed by Ada, CRM: “the Monday mailing cannot wait”" in path.read_text()


def test_text_of_a_person_cannot_become_markup(tmp_path):
    names = {3: "<script>alert(1)</script>", 7: "Lapsed"}
    assert "<script>" not in write(tmp_path, names=names)[0].read_text()


def test_a_segment_that_is_gone_takes_its_page_with_it_and_a_stranger_stays(tmp_path):
    write(tmp_path)
    folder = tmp_path / "2020-09"
    (folder / "passport-99.html").write_text("mine")
    rows = [row for row in table(SOUND) if row["segment_id"] != 7]
    verdict = gate(criteria(SOUND), "v1", NAMES)
    write_passports(rows, verdict, reports=tmp_path, versions={}, source="a test", segmentation="kmeans 1")
    assert not (folder / "passport-7.html").exists()
    assert (folder / "passport-99.html").exists()
    assert [e.name for e in read_manifest(folder, PASSPORT_MANIFEST).files] == [
        "passport-3.html",
        "passports.json",
    ]
