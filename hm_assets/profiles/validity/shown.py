"""The ladder in the Dagster UI: its leading rows as a table, and a picture of their effects beside chance."""

from collections.abc import Sequence

from hm_assets.profiles.validity import ladder
from hm_assets.profiles.validity.differences import Row
from hm_assets.profiles.validity.facts import CONSTRUCTION, HELD_OUT, LATER
from hm_assets.warehouse import markdown, pictures

TIERS = {
    CONSTRUCTION: ("by construction", pictures.GREY, "s"),
    HELD_OUT: ("held out", pictures.BLUE, "o"),
    LATER: ("the next 90 days", pictures.VERMILION, "D"),
}


def table(rows: Sequence[Row]) -> str:
    """One line per fact: tier, effect with its interval, what chance gives, adjusted p, and the verdict."""
    lines = []
    for row in ladder.omnibus(rows):
        effect = row.get("effect")
        span = "" if effect is None else f"{effect:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        beside = row.get("null_effect")
        p = row.get("p_adjusted")
        said = "none: by construction" if row["tier"] == CONSTRUCTION else "" if p is None else f"{p:.3g}"
        lines.append(
            [
                *(TIERS[row["tier"]][0], row["fact"], row.get("effect_name") or "", span),
                *("" if beside is None else f"{beside:.3f}", said, row["verdict"]),
            ]
        )
    return markdown.table(
        ["rung", "fact", "effect", "size (95 %)", "without structure", "p adjusted", "what it says"], lines
    )


def picture(rows: Sequence[Row]) -> str:
    """Effects with intervals by rung, and what the same reaches without structure; the title states the finding."""
    shown = [row for row in ladder.omnibus(rows) if row.get("effect") is not None]
    title = ladder.headline(rows)
    with pictures.figure(height=1.2 + 0.24 * max(len(shown), 4)) as (drawn, axes):
        for tier, (name, colour, marker) in TIERS.items():
            places = [i for i, row in enumerate(shown) if row["tier"] == tier]
            if not places:
                continue
            own = [shown[i] for i in places]
            effects = [row["effect"] for row in own]
            below = [max(row["effect"] - row["low"], 0.0) for row in own]
            above = [max(row["high"] - row["effect"], 0.0) for row in own]
            axes.errorbar(
                effects,
                places,
                xerr=[below, above],
                fmt=marker,
                color=colour,
                label=name,
                capsize=2,
                markersize=4,
            )
        beside = [
            (i, row["null_effect"]) for i, row in enumerate(shown) if row.get("null_effect") is not None
        ]
        axes.plot(
            [x for _, x in beside],
            [i for i, _ in beside],
            "|",
            color=pictures.BLACK,
            label="without structure",
        )
        axes.axvline(0, color=pictures.GREY, linewidth=0.8)
        axes.set_yticks(range(len(shown)), [row["fact"] for row in shown])
        axes.invert_yaxis()
        axes.set(title=title, xlabel="omega squared, or Cramer’s V of a category (95 % interval)")
        axes.legend(loc="best")
        return pictures.markdown(drawn, title)
