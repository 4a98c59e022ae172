"""The scoreboard for the UI and the docs: Markdown, and the curve of relevance against variety."""

from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.recommendations.back_test import IN_STOCK, OWNED_LEFT_OUT
from hm_assets.recommendations.judged import VARIETY
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, DECAYED
from hm_assets.recommendations.scores import COVERAGES, MAP
from hm_assets.recommendations.tables import ALL_WEEKS, EVERYBODY, ITSELF
from hm_assets.warehouse import pictures

NOTHING = "No past day has four weeks before it and seven days after it."
ELSEWHERE = (
    "Another project states 9.3 % coverage of a catalogue of 5,000 products (465 products; how many lists is not said) "
    "and a diversity of 0.309 in a space that is not said. Random lists have much of both."
)

Row = Mapping[str, Any]


def table(rows: Sequence[Row]) -> str:
    """All recommenders over all weeks, a line each, with the lead over bestsellers and decayed frequency."""
    found = _over_all(rows)
    names = list(dict.fromkeys(row["recommender"] for row in rows if row["week"] == ALL_WEEKS))
    if not names:
        return NOTHING
    first = found[names[0], EVERYBODY, MAP, ITSELF]
    of = [found[names[0], EVERYBODY, metric, ITSELF]["of"] for metric in COVERAGES]
    lines = [
        f"{first['weeks']} weeks, {first['judged']:,} customer-weeks; 95 % intervals with the week as the unit.",
        "",
        f"| recommender | MAP@12 | between weeks | over {BESTSELLERS} | over {DECAYED} | recall@12 | hit rate "
        f"| coverage of {of[0]:,.0f} sold in 28 days | of all {of[1]:,.0f} | diversity | novelty (bits) | seconds |",
        "|---|" + "---|" * 11,
    ]
    for name in names:
        mine = {key[2:]: row for key, row in found.items() if key[:2] == (name, EVERYBODY)}
        score = mine[MAP, ITSELF]
        told = [
            f"**{name}**" if score["shipped"] else name,
            _figure(score),
            _plain(score["between_weeks"]),
            _figure(mine.get((MAP, BESTSELLERS)), "+.4f"),
            _figure(mine.get((MAP, DECAYED)), "+.4f"),
            *(_plain(mine[metric, ITSELF]["value"]) for metric in ("recall_at_12", "hit_rate")),
            *(_plain(mine[metric, ITSELF]["value"], ".2%") for metric in COVERAGES),
            _plain(mine["diversity", ITSELF]["value"], ".3f"),
            _plain(mine["novelty", ITSELF]["value"], ".1f"),
            _plain(score["seconds"], ".1f"),
        ]
        lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def weeks(rows: Sequence[Row]) -> str:
    """MAP@12 of every recommender in every week, with the bootstrap interval over its customers."""
    mine = [r for r in rows if r["week"] != ALL_WEEKS and (r["metric"], r["against"]) == (MAP, ITSELF)]
    if not mine:
        return NOTHING
    days = sorted({row["week"] for row in mine})
    found = {(row["recommender"], row["week"]): row for row in mine}
    count = [next(row["judged"] for row in mine if row["week"] == day) for day in days]
    heads = [f"{day} ({customers:,})" for day, customers in zip(days, count, strict=True)]
    lines = [f"| recommender | {' | '.join(heads)} |", "|---|" + "---|" * len(days)]
    for name in dict.fromkeys(row["recommender"] for row in mine):
        lines.append(f"| {name} | {' | '.join(_figure(found.get((name, day))) for day in days)} |")
    return "\n".join(lines)


def slices(rows: Sequence[Row]) -> str:
    """MAP@12 by slice, of bestsellers, decayed frequency, the best one there and the one that is taken."""
    found = _over_all(rows)
    names = list(dict.fromkeys(key[0] for key in found))
    told = [key[1] for key in found if key[2:] == (MAP, ITSELF) and not key[1].startswith(VARIETY)]
    if not told:
        return NOTHING
    shipped = next((row["recommender"] for row in rows if row["shipped"]), DECAYED)
    lines = [
        f"| slice | customer-weeks | {BESTSELLERS} | {DECAYED} | taken: {shipped} | best | verdict of the best |",
        "|---|---|---|---|---|---|---|",
    ]
    for slice_ in dict.fromkeys(told):
        mine = {
            name: found[name, slice_, MAP, ITSELF] for name in names if (name, slice_, MAP, ITSELF) in found
        }
        known = [name for name in mine if mine[name]["value"] is not None]
        if not known:
            lines.append(f"| {slice_} | of few people: withheld | | | | | |")
            continue
        best = max(known, key=lambda name: mine[name]["value"])
        cells = [_figure(mine.get(name)) for name in (BESTSELLERS, DECAYED, shipped)]
        lines.append(
            f"| {slice_} | {mine[best]['judged']:,} | {' | '.join(cells)} | {best} {_figure(mine[best])} "
            f"| {mine[best]['verdict'] or '-'} |"
        )
    return "\n".join(lines)


def trade_off(rows: Sequence[Row]) -> str:
    """The settings of variety of the recommender that is taken, beside random lists and bestsellers."""
    curve = _curve(rows)
    if not curve:
        return NOTHING
    lines = [
        "| setting | MAP@12 | against variety=0 | coverage of 28 days | of all | diversity | novelty (bits) |",
        "|---|---|---|---|---|---|---|",
    ]
    for label, mine in curve.items():
        told = [
            _figure(mine[MAP, ITSELF]),
            _figure(mine.get((MAP, f"{VARIETY}0")), "+.4f"),
            *(_plain(mine[metric, ITSELF]["value"], ".2%") for metric in COVERAGES),
            _plain(mine["diversity", ITSELF]["value"], ".3f"),
            _plain(mine["novelty", ITSELF]["value"], ".1f"),
        ]
        lines.append(f"| {label} | {' | '.join(told)} |")
    return "\n".join([*lines, "", ELSEWHERE])


def settings(rows: Sequence[Row]) -> str:
    """MAP@12 with owned articles left out, and with only articles sold lately, beside the lists as they are."""
    found = _over_all(rows)
    lines = ["| recommender | as it is | owned left out | in stock only |", "|---|---|---|---|"]
    for name in dict.fromkeys(key[0] for key in found):
        cells = [
            _figure(found.get((name, each, MAP, ITSELF))) for each in (EVERYBODY, OWNED_LEFT_OUT, IN_STOCK)
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def picture(rows: Sequence[Row]) -> str:
    """MAP@12 against diversity and coverage by setting of variety, as a Markdown image; empty without a curve."""
    curve = {label: mine for label, mine in _curve(rows).items() if label.startswith(VARIETY)}
    if not curve:
        return ""
    name = next(iter(curve.values()))[MAP, ITSELF]["recommender"]
    title = f"More variety costs hits: {name}, re-ranked"
    with pictures.figure(columns=2) as (drawn, axes):
        for axis, metric in zip(axes, ("diversity", COVERAGES[0]), strict=True):
            points = [(mine[metric, ITSELF], mine[MAP, ITSELF], label) for label, mine in curve.items()]
            points = [each for each in points if each[0]["value"] is not None]
            x, y = [at["value"] for at, _, _ in points], [score["value"] for _, score, _ in points]
            reach = [
                [each["value"] - each["low"] for _, each, _ in points if each["low"] is not None],
                [each["high"] - each["value"] for _, each, _ in points if each["high"] is not None],
            ]
            axis.errorbar(
                x, y, yerr=reach if len(reach[0]) == len(x) else None, marker="o", color=pictures.BLUE
            )
            for across, up, (_, _, label) in zip(x, y, points, strict=True):
                axis.annotate(
                    label.removeprefix(VARIETY), (across, up), xytext=(4, 4), textcoords="offset points"
                )
            axis.set_xlabel(
                "intra-list diversity" if metric == "diversity" else "share of the range of 28 days named"
            )
            axis.set_ylabel("MAP@12 (95 %)")
        drawn.suptitle(title)
        return pictures.markdown(drawn, title)


def _curve(rows: Sequence[Row]) -> dict[str, dict[tuple[str, str], Row]]:
    found = _over_all(rows)
    labels = dict.fromkeys(key[:2] for key in found if key[1].startswith(VARIETY))
    curve = {key[1]: {each[2:]: row for each, row in found.items() if each[:2] == key} for key in labels}
    if curve:
        for name in ("random", BESTSELLERS):
            mine = {key[2:]: row for key, row in found.items() if key[:2] == (name, EVERYBODY)}
            if mine:
                curve[f"{name}, all judged customers"] = mine
    return curve


def _over_all(rows: Sequence[Row]) -> dict[tuple[str, str, str, str], Row]:
    return {
        (row["recommender"], row["slice"], row["metric"], row["against"]): row
        for row in rows
        if row["week"] == ALL_WEEKS
    }


def _figure(row: Row | None, form: str = ".4f") -> str:
    if row is None or row["value"] is None:
        return "-"
    value = f"{row['value']:{form}}"
    return value if row["low"] is None else f"{value} ({row['low']:{form}} to {row['high']:{form}})"


def _plain(value: float | None, form: str = ".4f") -> str:
    return "-" if value is None else f"{value:{form}}"
