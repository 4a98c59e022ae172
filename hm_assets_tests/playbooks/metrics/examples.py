"""A month of everything that figures are gathered from, on top of the made-up profiles: names are hostile."""

import json
from dataclasses import replace
from typing import Any

from hm_assets.playbooks.metrics.everything import Read, store_of
from hm_assets.playbooks.metrics.figure import Figure, as_json, plain
from hm_assets.playbooks.metrics.store import Store
from hm_assets_tests.playbooks.examples import AS_OF, MONTH, rows

NAMES = {
    0: "No purchase yet",
    1: "Recent, frequent, <script>alert(1)</script>",
    2: "=cmd|' /C calc'!A0",
    3: "../../Été / Ünïcode",
}
ARTICLE = '@SUM(1+9)*cmd "quoted" <b>dress</b> 👗 ' + "x" * 10_000
UPLIFT = Figure("playbooks/strategy", "1", "uplift", "value", 0.0321, "3.2 %", "strategy", "uplift", True)


def outlook(segment: str, value: float = 0.8123, customers: int = 500) -> list[dict[str, Any]]:
    told = {
        "ordering_90d": ("share", value),
        "value_12m": ("price index", 0.4567),
        "past_cadence": ("share", 0.3),
    }
    return [
        {
            "as_of": AS_OF,
            "segment": segment,
            "measure": measure,
            "value": number,
            "low": number * 0.9,
            "high": min(1.0, number * 1.1),
            "unit": unit,
            "customers": customers,
        }
        for measure, (unit, number) in told.items()
    ]


def listed(segment: int, rank: int, buyers: int | None, name: str = ARTICLE) -> dict[str, Any]:
    known = {"lift": 2.345, "low": 1.876, "high": 2.987} if buyers else dict.fromkeys(("lift", "low", "high"))
    return {
        "segment_id": segment,
        "rank": rank,
        "article_id": f"08062260{rank:02d}",
        "name": name,
        "type": "Dress",
        "colour": "White",
        "price": 0.0481,
        "price_step": "high",
        "buyers": buyers,
        **known,
    }


def strategy(*lines: tuple[int, str, list[Any]]) -> list[dict[str, Any]]:
    return [
        {
            "as_of": AS_OF,
            "month": MONTH,
            "segment_id": segment,
            "segment_name": NAMES[segment],
            "part": part,
            "position": position,
            "text": plain(pieces),
            "pieces": json.dumps(as_json(pieces)),
            "rule": "made up",
            "assumption": any(isinstance(p, Figure) and p.assumption for p in pieces),
        }
        for position, (segment, part, pieces) in enumerate(lines, 1)
    ]


def tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "forecasts/segments": [*outlook("1"), *outlook("2", 0.0345), *outlook("all", 0.5678, 1500)],
        "recommendations/segments": [listed(1, 1, 40), listed(1, 2, None, "-2+3 skirt")],
        "playbooks/strategy": strategy(
            (1, "tactic", ["=HYPERLINK('x') Show them what they over-buy first."]),
            (1, "channel", ["App and website."]),
            (1, "outcome", [UPLIFT, " more orders."]),
        ),
        "profiles/transitions": [
            {"step": "all", "from_segment": 1, "to_segment": 2, "customers": 57},
            {"step": "all", "from_segment": 1, "to_segment": 3, "customers": 19},
            {"step": "time", "from_segment": 1, "to_segment": 3, "customers": 400},
        ],
    }


def read(**changed: Any) -> Read:
    counts = {"customers/customers": 1_371_980, "articles/articles": 105_542, "raw/transactions": 31_788_324}
    return replace(Read(rows(), tables(), counts, [MONTH]), **changed)


def store(**changed: Any) -> Store:
    found = store_of(read(**changed), MONTH, {"profiles/segment_profiles": "9f3c21ab77d0"})
    assert found is not None
    return found
