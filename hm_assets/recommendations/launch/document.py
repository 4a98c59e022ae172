"""A garment in words, for the command line and for a page that needs no network."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hm_assets.explore.words import day, percent
from hm_assets.recommendations.launch.new import NewGarment
from hm_assets.recommendations.launch.past import FULL_PRICE
from hm_assets.recommendations.launch.telling import Ground, Told
from hm_assets.warehouse import pages

SHOWN = 8
"""Past launches that are named."""
NO_SEGMENTS = "No segment can be told of: there are none for this month yet, or all are too small."
NOT_JUDGED = (
    "How good this would have been on past days is not known here: "
    "make recommendations/launch_scores with `hm run`."
)


def size_in_words(told: Told) -> str:
    """The expected first month, with its interval and what it rests on."""
    if told.size is None:
        return "Its size cannot be told: no launch of the last 18 months has its first 28 days behind it."
    middle, low, high = told.size.units
    buyers, few, many = told.size.buyers
    return (
        f"Expected in the first 28 days: {middle:,.0f} units ({low:,.0f} to {high:,.0f}) for {buyers:,.0f} buyers "
        f"({few:,.0f} to {many:,.0f}). Brackets are 80 % intervals: as the {len(told.similar.rows):,} most similar "
        "past launches sold."
    )


def segments_in_words(told: Told, names: Mapping[int, str]) -> list[dict[str, str]]:
    """Rows of the segments, as they are printed."""
    return [
        {
            "name": names.get(row["segment_id"], f"Segment {row['segment_id']}"),
            "customers": f"{row['customers']:,}",
            "expected": "not known" if row["expected_per_1000"] is None else _interval(row),
            "over_index": f"{row['over_index']:.2f}",
            "taste_index": "not known" if row["taste_index"] is None else f"{row['taste_index']:.2f}",
        }
        for row in told.segments
    ]


def similar_in_words(told: Told, ground: Ground, names: Mapping[int, str | None]) -> list[dict[str, str]]:
    """Rows of the most similar past launches, as they are printed."""
    past, rows = ground.past.launches, []
    for row, similarity in zip(told.similar.rows[:SHOWN], told.similar.similarity, strict=False):
        key = int(past.article[row])
        rows.append(
            {
                "name": f"{names.get(key) or 'without a name'} ({key:010d})",
                "first_day": day(past.first_day[row].item()),
                "similarity": f"{similarity:.2f}",
                "units": f"{past.units[row]:,}",
                "buyers": f"{past.buyers[row]:,}",
                "discounted": percent(past.discounted[row]),
            }
        )
    return rows


def page(
    garment: NewGarment,
    told: Told,
    ground: Ground,
    segment_names: Mapping[int, str],
    article_names: Mapping[int, str | None],
    audience: int,
    audience_file: str,
    trained: dt.date,
    source: str,
    trust: str,
    back: str = "",
) -> str:
    """One garment as HTML; `back` is where a page of the portal leads back to, empty for a file of its own."""
    segments = segments_in_words(told, segment_names)
    best = leaning(told.segments)
    theirs = None if best is None else segments[best["rank"] - 1]
    headline = (
        f"{garment.title}: most buyers per member expected among {segments[0]['name']}"
        if segments
        else garment.title
    )
    return pages.render(
        "hm_assets.recommendations.launch",
        "launch.html.j2",
        title=garment.title,
        headline=headline,
        theirs=theirs,
        garment=garment,
        size=size_in_words(told),
        segments=segments,
        similar=similar_in_words(told, ground, article_names),
        no_segments=NO_SEGMENTS,
        audience_file=audience_file,
        audience=f"lists {audience:,} customers, the likeliest buyers first, of {len(ground.known.keys):,} who bought "
        "in the last 365 days. It says who may want the garment, and not whom one may write to: take out who asked for "
        "no messages before sending.",
        as_of=day(ground.as_of),
        trained=day(trained),
        back=back,
        source=source,
        trust=f"{trust} Units at a discount are those below {percent(FULL_PRICE)} of the first day's median price.",
    )


def leaning(segments: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The segment whose share is furthest above its usual one, if it is likely to buy any at all."""
    buying = [row for row in segments if row["high_per_1000"] and (row["taste_index"] or 0.0) > 1]
    return max(buying, key=lambda row: (row["taste_index"], -row["rank"]), default=None)


def trust(rows: Sequence[Mapping[str, Any]], finding: str) -> str:
    """What past launches say of such pages: `back_test.finding`, and the range of the lifts."""
    lifts = [row for row in rows if row["metric"] == "lift_at_10" and row["method"] == "launch_model"]
    values = [row["value"] for row in lifts if row["value"] is not None]
    if not values:
        return NOT_JUDGED
    return (
        f"On {len(values)} past days the first tenth of such lists held {min(values):.1f} to {max(values):.1f} times "
        f"as many of the buyers as a draw. {finding}"
    )


def _interval(row: Mapping[str, Any]) -> str:
    if not row["high_per_1000"]:
        return f"{row['expected_per_1000']:.2f} (most likely none)"
    return f"{row['expected_per_1000']:.2f} ({row['low_per_1000']:.2f} to {row['high_per_1000']:.2f})"
