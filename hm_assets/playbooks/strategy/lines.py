"""The lines of `playbooks/strategy`: every segment's strategy, part by part, each figure with its table."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hm_assets.playbooks.facts import Fact, facts_of
from hm_assets.playbooks.metrics.figure import as_json, plain
from hm_assets.playbooks.outlook import TOO_FEW
from hm_assets.playbooks.strategy import card, plans
from hm_assets.playbooks.strategy import rules as files
from hm_assets.playbooks.strategy.card import Line
from hm_assets.playbooks.strategy.matrix import Month, choice
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.warehouse.errors import ContractError

Row = Mapping[str, Any]


def rows(
    month: Month,
    profile_rows: Sequence[Row],
    words: Sequence[Row],
    made: Mapping[str, Sequence[Row]],
    rules: files.Rules,
    as_of: dt.date,
) -> Iterator[dict[str, Any]]:
    """The rows of a month, without the month.

    Parameters
    ----------
    month
        What the strategies are made of.
    profile_rows, words
        The month of `profiles/segment_profiles` and `profiles/segment_words`, without what tells of few.
    made
        The month's rows of `playbooks/journey`, `decision_matrix` and `assumptions`, by name.

    Raises
    ------
    ContractError
        The words rest on a fact that the profiles do not hold.
    """
    plan_of = {row["segment_id"]: row for row in made["decision_matrix"]}
    for profile in month.profiles:
        if profile.segment_id not in plan_of:
            yield from _numbered(profile.segment_id, profile.name, [_withheld()], as_of)
            continue
        known = {(fact.kind, fact.name): fact for fact in facts_of(profile.segment_id, profile_rows)}
        said = [row for row in words if row["segment_id"] == profile.segment_id]
        _hold(said, known, profile.segment_id)
        chosen = choice(profile, month, rules)
        assumed = [row for row in made["assumptions"] if row["segment_id"] == profile.segment_id]
        lines = [
            *plans.described(said, known),
            *card.lines(chosen, month, plan_of[profile.segment_id], assumed, rules),
            *plans.of_segment(chosen, month, made["journey"], rules),
        ]
        yield from _numbered(profile.segment_id, profile.name, lines, as_of)


def _numbered(segment_id: int, name: str, lines: Sequence[Line], as_of: dt.date) -> Iterator[dict[str, Any]]:
    position: Counter[str] = Counter()
    order = list(PARTS)
    for line in sorted(lines, key=lambda line: order.index(line.part)):
        position[line.part] += 1
        yield {
            "as_of": as_of,
            "segment_id": segment_id,
            "segment_name": name,
            "part": line.part,
            "position": position[line.part],
            "text": plain(line.sentence),
            "pieces": json.dumps(as_json(line.sentence), ensure_ascii=False),
            "rule": line.rule,
            "assumption": line.assumption,
        }


def _withheld() -> Line:
    return Line("missing", [f"The strategy is {TOO_FEW}."])


def _hold(words: Sequence[Row], known: Mapping[tuple[str, str], Fact], segment_id: int) -> None:
    for row in words:
        for _, kind, fact, _ in json.loads(row["pieces"]):
            if fact is not None and (kind, fact) not in known:
                raise ContractError(
                    f"profiles/segment_words says of segment {segment_id}: {row['sentence']!r}, and "
                    f"profiles/segment_profiles has no {fact}; materialise profiles/segment_words again"
                )
