"""The page of the lab: its findings as sentences with figures, and readable whatever the customers are like."""

import json
import re

import numpy as np
import plotly.graph_objects as go
import pytest

from hm_assets.segments.choice import decision as decisions
from hm_assets.segments.choice import words as chosen_words
from hm_assets.segments.page import report, verdict
from hm_assets.segments.page.agreement import agreement
from hm_assets.warehouse.charts import Chart, Grid, NotEnough
from hm_assets.warehouse.manifest import LAB_MANIFEST, read_all, read_manifest
from hm_assets_tests import chart_pages
from hm_assets_tests.chart_pages import titles, without_scripts
from hm_assets_tests.segments.page import labs


class Lab:
    """Everything that the page reads, of some customers."""

    def __init__(self, people, chosen="kmeans 4 rfm", fits=labs.FITS, **decided) -> None:
        self.rows = labs.candidates(people, fits)
        for row in self.rows:
            if verdict.key(row) == chosen:
                row["verdict"] = "chosen"
        self.later = labs.later(self.rows)
        self.pairs = agreement(self.rows, labs.load(people))
        self.people = labs.pictured(self.rows, people, labs.champion(self.rows, chosen, **decided))

    def blocks(self) -> dict:
        found = report.sections(self.rows, self.later, self.pairs, self.people)
        return {block.name: block for section in found for block in section.blocks}

    def write(self, folder):
        return report.write_report(
            self.rows, self.later, self.pairs, self.people,
            reports=folder, versions=labs.VERSIONS, source="a made-up <shop>",
        )  # fmt: skip


@pytest.fixture(scope="module")
def lab():
    return Lab(labs.customers(), runner_up="ward 4 rfm")


def test_every_chart_states_a_figure_has_axes_and_says_how_to_read_it(lab):
    blocks = lab.blocks()
    assert not [name for name, block in blocks.items() if isinstance(block, NotEnough)]
    for name, block in blocks.items():
        assert re.search(r"\d", block.title), name
        assert len(block.title.split()) > 5, name
        assert re.search(r"\bn = \d", block.about), name
        if isinstance(block, Chart):
            assert block.note.startswith("How to read it: "), name
            figure = block.plotly()
            narrow = figure.pop("narrow", {})
            go.Figure(figure)  # refuses what Plotly does not know
            assert all(path.split(".")[0] in figure["layout"] for path in narrow), name
            assert all(titles(figure["layout"], figure["data"])), name
            assert all(any(len(trace.get(part, ())) for part in "xyz") for trace in figure["data"]), name
    assert sum(isinstance(block, Chart) for block in blocks.values()) >= 20


def test_the_verdict_says_what_passes_and_what_fails(lab):
    chosen = verdict.of(lab.rows, "kmeans 4 rfm")
    said = dict(verdict.answers(lab.rows, lab.later, chosen, lab.people.champion.decision))
    assert said["Is it balanced?"][0].startswith("PASS")
    assert said["Is it clear-cut?"][0].startswith("PASS")
    assert "Ward with 4 segments" in said["What was the runner-up?"][0]
    assert "nobody has overridden" in said["Who decided?"][0]
    bad = {**chosen, "silhouette": 0.39, "silhouette_low": 0.3, "silhouette_high": 0.5, "min_share": 0.04}
    said = dict(verdict.answers(lab.rows, lab.later, bad, lab.people.champion.decision))
    assert said["Is it balanced?"][0].startswith("FAIL")
    assert said["Is it clear-cut?"][0].startswith("FAIL")


@pytest.mark.parametrize(
    ("stability", "null", "kept"),
    [(0.9, 0.7, "PASS"), (0.9, None, "PASS"), (0.9, 0.95, "WARN"), (0.7, 0.6, "WARN"), (0.59, 0.4, "FAIL")],
)
def test_stability_is_judged_by_hennig_and_beside_data_without_segments(lab, stability, null, kept):
    chosen = {**verdict.of(lab.rows, "kmeans 4 rfm"), "stability": stability, "null_stability": null}
    said = dict(verdict.answers(lab.rows, lab.later, chosen, lab.people.champion.decision))
    assert said["Is it stable?"][0].startswith(f"{kept}: ")


def test_the_headline_says_what_is_explained_and_who_only_stands_in(lab):
    chosen, decision = verdict.of(lab.rows, "kmeans 4 rfm"), lab.people.champion.decision
    said = verdict.headline(chosen, decision)
    assert said.endswith(
        "explained 50 % of the variance of the logarithm of the next 90 days’ spend on past months"
    )
    grid = verdict.of(lab.rows, "merged_rfm_grid rfm")
    assert verdict.headline(grid, decision).startswith("No candidate can be used: Merged RFM grid stands in")


def test_all_places_count_the_same_candidates(lab):
    tried = len(lab.rows) - 1  # the merged grid stands by
    blocks, decision = lab.blocks(), lab.people.champion.decision
    answers = dict(verdict.answers(lab.rows, lab.later, lab.rows[2], decision))
    assert f"{tried} candidates and the merged RFM grid" in answers["On which customers?"][0]
    assert blocks["candidates"].title.startswith(f"Of {tried} candidates")
    assert blocks["stability"].about.startswith(f"n = {tried} candidates")
    chosen = decisions.decide(lab.rows, {"rfm": True})
    assert f"{len(chosen.front)} of {len(chosen.usable)} usable candidates" in blocks["front"].title
    assert f"of {tried} candidates: {len(chosen.usable)} keep" in chosen_words.reasons(chosen)[0]


def test_the_table_shows_every_candidate_and_forbids_to_compare_silhouettes_across_spaces(lab):
    table = lab.blocks()["candidates"]
    assert isinstance(table, Grid)
    assert table.sortable
    assert len(table.rows) == len(lab.rows)
    assert str(table.rows[0][0]) == "k-means 4"
    assert {len(row) for row in table.rows} == {len(table.headings)}
    assert "must not be compared" in table.note


def test_the_page_is_self_contained_and_written_the_same_twice(lab, tmp_path):
    path = lab.write(tmp_path / "a")
    assert path == tmp_path / "a" / "2020-09" / "segmentation-lab.html"
    again = Lab(labs.customers(), runner_up="ward 4 rfm").write(tmp_path / "b")
    assert path.read_bytes() == again.read_bytes()
    text = path.read_text()
    assert path.stat().st_size < 10_000_000
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", without_scripts(text))
    assert all(version in text for version in labs.VERSIONS.values())
    assert "<b>too few</b>" not in text
    assert "It is the most <b>stable</b>" not in text
    manifest = read_manifest(path.parent, LAB_MANIFEST)
    assert [(entry.kind, entry.name) for entry in manifest.files] == [("lab", path.name)]
    assert read_all(path.parent) == manifest


def test_nothing_on_the_page_tells_who_a_customer_is(lab, tmp_path):
    figures = re.search(r'id="figures">(.*?)</script>', lab.write(tmp_path).read_text(), re.S).group(1)
    assert "customer_key" not in json.loads(figures)
    assert "customer_key" not in figures


def test_the_choice_of_a_person_is_printed_and_judged_as_such(tmp_path):
    made = Lab(labs.customers(), override="kmeans 5 rfm", chosen="kmeans 5 rfm")
    text = without_scripts(made.write(tmp_path).read_text())
    assert "Chosen by a person" in text
    rows = {
        verdict.key(row): row["verdict"] for row in report.judged(made.rows, made.people.champion.decision)
    }
    assert rows["kmeans 5 rfm"].startswith("chosen")
    assert sum(words.startswith("chosen") for words in rows.values()) == 1


ONE = {"kmeans": (labs.kmeans, (1,))}


@pytest.mark.parametrize(
    ("people", "chosen", "fits"),
    [
        (labs.table([[10, 2, 0.4]]), "kmeans 1 rfm", ONE),
        (labs.table([[10, 2, 0.4]] * 50), "kmeans 1 rfm", ONE),
        (labs.table([[10, 2, 0.4]] * 25 + [[20, 3, 0.5]] * 25), "kmeans 2 rfm", {"kmeans": (labs.kmeans, (2,))}),
        (labs.table([[d, 2, 0.4] for d in range(1, 60)]), "kmeans 3 rfm", {"kmeans": (labs.kmeans, (2, 3, 4))}),
    ],
    ids=["one customer", "all alike", "two kinds", "one direction"],
)  # fmt: skip
def test_a_degenerate_base_says_what_is_missing_and_does_not_break(people, chosen, fits, tmp_path):
    made = Lab(people, chosen, fits)
    text = without_scripts(made.write(tmp_path).read_text())
    assert text.count("Not enough data") >= 3
    assert "nan" not in text.lower().split()
    assert "None" not in text.replace("None:", "")


def test_no_structure_is_the_finding_of_the_page(tmp_path):
    noise = np.exp(np.random.default_rng(0).normal((3, 1, 0), 1, (200, 3)))
    people = labs.table(np.column_stack([noise[:, 0].round() + 1, noise[:, 1].round() + 1, noise[:, 2]]))
    made = Lab(people, "merged_rfm_grid rfm", structure=False)
    text = without_scripts(made.write(tmp_path).read_text())
    assert "<h1>No structure found" in text


def test_missing_figures_are_dashes(lab, tmp_path):
    made = Lab(labs.customers(each=20), fits={"kmeans": (labs.kmeans, (4,))})
    needed = {"algorithm", "space", "k", "segments", "verdict", "noise_share", "customers", "trained_as_of"}
    needed |= {"model", "structure", "seconds", "peak_mb"}
    made.rows = [{name: row[name] if name in needed else None for name in row} for row in made.rows]
    made.later, made.pairs = [], []
    text = without_scripts(made.write(tmp_path).read_text())
    assert "–" in text
    assert "None" not in text.replace("None:", "")


@pytest.mark.slow
def test_the_page_opens_without_a_network_and_draws_every_chart(lab, tmp_path):
    wanted = sum(isinstance(block, Chart) for block in lab.blocks().values())
    chart_pages.opens_offline(lab.write(tmp_path), wanted, without_axes=("pca_3d",))
