"""What the Dagster UI shows of the page: who brings the spend, and what segments are like."""

import numpy as np

from hm_assets.profiles.page.cards import headline
from hm_assets.profiles.page.month import Month
from hm_assets.profiles.page.pictures_of_facts import FARTHEST, PALE, SPOKES, doublings, indexed, is_clear
from hm_assets.warehouse import pictures

NOTHING = "There are fewer than two segments to compare."


def shares(month: Month) -> str:
    """Share of customers and of spend, by segment."""
    if not month.ids:
        return NOTHING
    title, places = headline(month), np.arange(len(month.ids))
    with pictures.figure(height=1.5 + 0.45 * len(month.ids)) as (drawn, axes):
        for aside, fact, words, colour in (
            (-0.2, "share_of_customers", "of customers", pictures.GREY),
            (0.2, "share_of_spend_365d", "of the year’s spend", pictures.BLUE),
        ):
            values = [month.value(i, fact) for i in month.ids]
            bars = axes.barh(
                places + aside, [100 * (v or 0) for v in values], 0.38, color=colour, label=words
            )
            axes.bar_label(bars, ["–" if v is None else f"{100 * v:.0f} %" for v in values], padding=3)
        axes.set(title=title, xlabel="share (%)", yticks=places, xlim=(0, None))
        axes.set_yticklabels([month.short(i) for i in month.ids])
        axes.invert_yaxis()
        axes.margins(x=0.12)
        drawn.legend(loc="outside lower right", ncols=2)
        return pictures.markdown(drawn, title)


def heat_map(month: Month) -> str:
    """Index to everybody of what the radars show; differences that are not clear stay pale."""
    names = [n for n in SPOKES if any(indexed(month, i, n) for i in month.ids)]
    if len(month.ids) < 2 or not names:
        return NOTHING
    rows = [[indexed(month, i, n) for i in month.ids] for n in names]
    shades = np.array(
        [
            [np.nan if row is None else doublings(row) * (1 if is_clear(row) else PALE) for row in line]
            for line in rows
        ]
    )
    title = "Index to everybody (100), by segment"
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list(
        "less_and_more", [pictures.VERMILION, "#ffffff", pictures.BLUE]
    )
    with pictures.figure(height=1.6 + 0.36 * len(names)) as (drawn, axes):
        axes.imshow(shades, cmap=colours, vmin=-FARTHEST, vmax=FARTHEST, aspect="auto")
        for (r, c), shade in np.ndenumerate(shades):
            row = rows[r][c]
            text = "–" if row is None else f"{row['index_to_base']:.0f}"
            ink = "white" if abs(np.nan_to_num(shade)) > 0.75 * FARTHEST else "black"
            axes.text(c, r, text, ha="center", va="center", color=ink)
        axes.set(title=title, xticks=range(len(month.ids)), yticks=range(len(names)))
        axes.set_xticklabels([month.short(i).replace(" ", "\n") for i in month.ids])
        axes.set_yticklabels([SPOKES[n] for n in names])
        return pictures.markdown(drawn, title)
