"""Sections bought together: a planted pair is found, and broad buyers do not tie everything to everything."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from hm_assets.explore.affinity import affinity_network

NAMES = [f"Section {number}" for number in range(8)]


def bought(planted: bool, customers: int = 4000, seed: int = 1) -> ibis.Table:
    """Narrow and broad buyers; with a planted pair the second section follows the first."""
    random = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        mine = {NAMES[i] for i in random.choice(8, size=int(random.choice([1, 2, 3, 6])), replace=False)}
        if planted and NAMES[0] in mine and random.random() < 0.6:
            mine.add(NAMES[1])
        rows += [{"customer_key": customer, "attribute": "section", "value": name} for name in sorted(mine)]
    rows.append({"customer_key": 1, "attribute": "section", "value": "unknown"})
    rows.append({"customer_key": 1, "attribute": "colour", "value": "Red"})
    return ibis.memtable(pa.Table.from_pylist(rows))


def catalogue() -> ibis.Table:
    rows = [
        {"section_name": name, "index_group_name": "First" if i < 4 else "Second"}
        for i, name in enumerate(NAMES)
    ]
    return ibis.memtable(
        pa.Table.from_pylist([*rows, {"section_name": NAMES[0], "index_group_name": "First"}])
    )


def test_broad_buyers_alone_tie_nothing_together():
    found = affinity_network(bought(planted=False), catalogue())
    assert len(found) == 28
    assert all(line["plain_lift"] > 1.15 for line in found)
    assert all(0.9 < line["lift"] < 1.1 for line in found)


def test_a_planted_pair_comes_first_and_clearly():
    top, second = affinity_network(bought(planted=True), catalogue())[:2]
    assert (top["section_a"], top["section_b"]) == (NAMES[0], NAMES[1])
    assert top["low"] > second["high"]


def test_counts_are_those_of_a_loop():
    table = bought(planted=True, customers=600)
    rows = [row for row in table.to_pyarrow().to_pylist() if row["value"] in NAMES]
    buyers = {name: {row["customer_key"] for row in rows if row["value"] == name} for name in NAMES}
    for line in affinity_network(table, catalogue()):
        a, b = buyers[line["section_a"]], buyers[line["section_b"]]
        assert (line["customers_a"], line["customers_b"], line["customers_both"]) == (
            len(a),
            len(b),
            len(a & b),
        )
        assert line["support"] == pytest.approx(len(a & b) / 600)
        assert line["index_group_a"] == ("First" if int(line["section_a"][-1]) < 4 else "Second")


def test_too_few_customers_make_no_network():
    assert affinity_network(bought(planted=False, customers=15), catalogue()) == []
    assert affinity_network(bought(planted=False, customers=1).limit(0), catalogue()) == []
