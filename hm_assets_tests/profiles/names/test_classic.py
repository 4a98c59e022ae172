"""The table of classic names: whole, without overlap, as documented, and true of who is called so."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hm_assets.profiles.names import classic, words
from hm_assets.profiles.names.words import Middle

METHODOLOGY = Path(__file__).parents[3] / "docs" / "methodology.md"


def a_middle(recent: float, often: float, much: float, days: float = 10, tenure: float = 400) -> Middle:
    return Middle(days, 5, 1.0, tenure, 2.0, 0.5, 100, recent, often, much)


@pytest.mark.parametrize("new", [False, True])
def test_each_of_the_125_cells_has_exactly_one_name(new):
    found = {cell: classic.names_of_cell(cell, new) for cell in classic.cells()}
    assert len(found) == 125
    assert {cell: names for cell, names in found.items() if len(names) != 1} == {}


def test_no_name_is_without_a_cell_and_none_without_a_meaning():
    used = {
        name for cell in classic.cells() for new in (False, True) for name in classic.names_of_cell(cell, new)
    }
    assert used == set(classic.NAMES) == {*classic.BOXES, classic.NEW}
    assert all(len(name) <= 20 for name in used)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 800), st.integers(0, 800))
def test_a_classic_name_says_what_is_true(recent, often, much, days, more_days):
    of = a_middle(recent, often, much, days, days + more_days)
    name = classic.classic(words.reading(of))
    away = days > words.LIMIT_DAYS
    if name in ("At-Risk VIPs", "At Risk", "About to Sleep", "Dormant"):
        assert away
        assert recent < 0.4 + 1e-6
    if name in ("VIP Champions", "Loyal Customers", "Potential Loyalists", "New Customers"):
        assert not away
        assert recent >= 0.6 - 1e-6 or days <= 30
    if name == "Need Attention":
        assert days > 30
    if name == "VIP Champions":
        assert often >= 0.6 - 1e-6
        assert much >= 0.8 - 1e-6
    if name == "At-Risk VIPs":
        assert often >= 0.6 - 1e-6
        assert much >= 0.8 - 1e-6
    if name == "Value Seekers":
        assert often >= 0.4 - 1e-6
        assert much < 0.4
    assert (
        (name == "New Customers")
        == (
            days + more_days <= words.NEW_DAYS
            and not away
            and (recent >= 0.6 - 1e-9 or days <= 30)
            and often < 0.4 - 1e-9
        )
        or abs(recent - 0.6) < 1e-6
        or abs(often - 0.4) < 1e-6
    )


def test_who_is_as_recent_as_the_base_but_years_away_is_not_called_loyal():
    """A shop that closed: everybody bought last 400 days ago, and half of them as recently as the other half."""
    assert classic.classic(words.reading(a_middle(0.9, 0.9, 0.9, days=400))) == "Need Attention"


def test_the_table_in_the_documentation_is_the_one_in_the_code():
    text = METHODOLOGY.read_text(encoding="utf-8")
    for name, meaning in classic.MEANINGS.items():
        cells = sum(classic.names_of_cell(cell, False) == [name] for cell in classic.cells())
        number = f"{cells}" if name != classic.NEW else "(20)"
        assert f"| {name} | {meaning} | {number} |" in text, name
    for recency in classic.ALL:
        for frequency in classic.ALL:
            names = [classic.names_of_cell((recency, frequency, spend), False)[0] for spend in classic.ALL]
            assert f"| {recency} | {frequency} | {' | '.join(names)} |" in text, (recency, frequency)
