"""The answers at the top of the page: where something simpler does as well or better, it is said."""

import datetime as dt

import pytest

from hm_assets.segments.page.verdict import _simpler

CHOSEN = {"algorithm": "kmeans", "space": "rfm", "k": 5}


def later(own: float, plain: float, outcome: str = "log_spend") -> list[dict]:
    """Two past months."""
    rows = [
        {**CHOSEN, "value": own},
        {"algorithm": "monetary_quintiles", "space": "spend", "k": 5, "value": plain},
    ]
    return [
        {**row, "as_of": dt.date(2020, month, 1), "outcome": outcome,
         "low": row["value"] - 0.05, "high": row["value"] + 0.05}
        for row in rows
        for month in (3, 6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "plain", "verdict"), [(0.3, 0.4, "Yes"), (0.4, 0.3, "No"), (0.3, 0.32, "About as well")]
)
def test_a_simpler_split_that_does_better_is_named_with_both_figures(own, plain, verdict):
    (said,) = _simpler(later(own, plain), CHOSEN)
    assert said.startswith(
        f"{verdict}, for whether and about how much they buy in the next 90 days (the logarithm of spend): "
        f"monetary quintiles explain {plain:.3f} of it, the segments {own:.3f} (95 % interval "
    )


def test_the_amount_is_judged_beside_its_logarithm():
    said = _simpler([*later(0.4, 0.3), *later(0.4, 0.6, "capped_spend")], CHOSEN)
    assert [sentence.split(",")[0] for sentence in said] == ["No", "Yes"]
    assert "for the amount itself" in said[1]


def test_without_a_past_month_it_says_so():
    assert _simpler([], CHOSEN) == ["Not measured: no past month has 90 days of purchases after it yet."]
