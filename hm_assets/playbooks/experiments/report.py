"""The page "What a campaign changes" of a month, with the files of the arms; it opens without a network.

A figure of fewer than twenty people is not told, and customers are told to the nearest twenty: beside the size of the
segment in other documents, an exact number would tell how many left the club.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hm_assets.playbooks.experiments import arm_files
from hm_assets.playbooks.experiments.assignment import TREATED
from hm_assets.playbooks.experiments.measuring import ALL, Row
from hm_assets.playbooks.experiments.plans import about, campaign_of, points, sayable
from hm_assets.playbooks.experiments.telling import withheld
from hm_assets.profiles.page import links
from hm_assets.profiles.wording import write_number
from hm_assets.warehouse import artifacts, pages
from hm_assets.warehouse.manifest import EXPERIMENTS_MANIFEST, Manifest, describe, publish

REPORT: Final = links.EXPERIMENTS
TITLE: Final = "What a campaign changes"
FEW: Final = "fewer than 20 people"
ARM_WORDS: Final = {"treated": "to contact", "holdout": "to leave alone"}


@dataclass(frozen=True)
class Month:
    """Rows of a month: names by segment, and those of the tables of this room; results are of all campaigns."""

    month: dt.date
    names: Mapping[int, str]
    plans: Sequence[Row]
    results: Sequence[Row]
    effects: Sequence[Row]

    @property
    def chosen(self) -> list[Row]:
        """The plan of each segment."""
        return sorted((plan for plan in self.plans if plan["chosen"]), key=lambda plan: plan["segment_id"])

    @property
    def known(self) -> list[Row]:
        """The results of campaigns whose days were over."""
        return [row for row in self.results if row["measured_to"] <= self.as_of]

    @property
    def as_of(self) -> dt.date:
        """The day on which the audience was fixed."""
        day: dt.date = self.chosen[0]["as_of"]
        return day

    def name(self, segment: str) -> str:
        """A segment's name; its number where it has none."""
        return "All segments" if segment == ALL else self.names.get(int(segment), f"Segment {segment}")


def write(
    month: Month,
    audience: Sequence[Row],
    *,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
    assumptions: str,
    banner: str = "",
) -> list[Path]:
    """Write `<reports>/<YYYY-MM>/experiments.html`, the files of the arms, and their manifest.

    Parameters
    ----------
    month
        What the page shows.
    audience
        The month's rows of `playbooks/audiences`.
    versions
        Of each table that is read, by its path.
    source
        The data in words.
    assumptions
        What a campaign is assumed to cost and earn, in words.
    banner
        Of the gate; printed where it is not empty.
    """
    campaign = campaign_of(month.month)
    folder = reports / campaign
    written = list(arm_files.write(folder, campaign, audience))
    files: dict[int, dict[str, str]] = {}
    for each in written:
        files.setdefault(each.segment_id, {})[each.arm] = each.path.name
    finding = headline(month)
    page = pages.render(
        "hm_assets.playbooks",
        "experiments.html.j2",
        title=f"{TITLE}, {campaign}",
        headline=finding,
        banner=banner,
        month=campaign,
        plans=[_plan(month, plan, files.get(plan["segment_id"], {})) for plan in month.chosen],
        results=list(results(month)),
        few=sorted({f"{month.name(segment)} ({told})" for told, segment in withheld(month.known)}),
        effects=[_effect(month, row) for row in _told_effects(month)],
        as_of=month.as_of,
        source=source,
        segmentation="",
        versions=dict(sorted(versions.items())),
        campaign=campaign,
        assumptions=assumptions,
    )
    path = artifacts.write_text(folder / REPORT, page)
    entries = [describe(path, f"{TITLE}, {campaign}", "experiments", finding)]
    for each in written:
        title = f"{month.name(str(each.segment_id))}: customers {ARM_WORDS[each.arm]}"
        said = f"One customer id per line, {ARM_WORDS[each.arm]} in campaign {campaign}."
        entries.append(describe(each.path, title, "arm", said))
    publish(
        folder,
        Manifest(campaign, month.as_of, source, dict(versions), tuple(entries)),
        EXPERIMENTS_MANIFEST,
    )
    return [path, *(each.path for each in written)]


def headline(month: Month) -> str:
    """The finding in a sentence."""
    held = [plan for plan in month.chosen if plan["holdout"]]
    if not held:
        return "No segment is large enough, or known for long enough, to show what a campaign changes"
    many = sum(plan["holdout"] for plan in held)
    names = f"{len(held)} of {len(month.chosen)} segments"
    return f"Leave about {about(many)} customers of {names} without the campaign, to see what it changes"


def results(month: Month) -> Iterator[dict[str, Any]]:
    """What earlier campaigns changed, in words; only of campaigns whose days were over."""
    known = month.known
    hidden = withheld(known)
    for row in known:
        # Of shares the interval that needs no normal distribution, of spend the shorter one.
        if row["method"] != ("difference" if row["outcome"] == "ordered" else "cuped"):
            continue
        if (row["campaign"], row["segment"]) in hidden:
            continue
        yield {
            "campaign": row["campaign"],
            "name": month.name(row["segment"]),
            "outcome": "share that ordered" if row["outcome"] == "ordered" else "mean spend",
            "difference": _written(row, "difference"),
            "bounds": f"{_written(row, 'low')} to {_written(row, 'high')}",
            "verdict": _verdict(row),
            "alarm": row["ratio_alarm"],
        }


def _plan(month: Month, plan: Row, files: Mapping[str, str]) -> dict[str, Any]:
    held = plan["holdout"] > 0
    told = held and sayable(plan)
    return {
        "name": month.name(str(plan["segment_id"])),
        "treated": about(plan["treated"]),
        "holdout": about(plan["holdout"]) if held else "nobody",
        "days": plan["horizon_days"],
        "held": held,
        "base": write_number(plan["base_rate"], "share") if told else FEW,
        "base_bounds": (
            f"{write_number(plan['base_low'], 'share')} to {write_number(plan['base_high'], 'share')}"
            if told
            else ""
        ),
        "seen": points(plan["detectable_gain"])
        if plan["detectable_gain"] is not None
        else "none: look at spend",
        "assumed": (
            f"{100 * plan['assumed_gain_low']:.1f} to {points(plan['assumed_gain'])}"
            if told and plan["assumed_gain"] is not None
            else ""
        ),
        "pays": _pays(plan) if told else "",
        "words": plan["words"],
        "files": [(files[arm], f"{words}") for arm, words in ARM_WORDS.items() if arm in files],
        "few": TREATED not in files,
    }


def _pays(plan: Row) -> str:
    gain = plan["break_even_gain"]
    return points(gain) if gain is not None else "no rise pays"


def _told_effects(month: Month) -> list[Row]:
    """All together first; a segment only where it was measured and may be told."""
    hidden = {segment for _, segment in withheld(month.known)}
    return [
        row
        for row in month.effects
        if row["segment"] == ALL or (not row["assumption"] and row["segment"] not in hidden)
    ]


def _effect(month: Month, row: Row) -> dict[str, Any]:
    lines = [("before: assumption", "prior_mean", "prior_low", "prior_high")]
    if row["measured"] is not None:
        lines.append(("measured alone", "measured", "measured_low", "measured_high"))
        lines.append(("both together", "posterior_mean", "posterior_low", "posterior_high"))
    return {
        "name": month.name(row["segment"]),
        "words": row["words"],
        "settings": (
            ""
            if row["assumption"]
            else f"HM_CAMPAIGN_ALPHA={row['posterior_alpha']:.1f} HM_CAMPAIGN_BETA={row['posterior_beta']:.1f}"
        ),
        "lines": [
            {
                "label": label,
                "value": _position(row[value]),
                "low": _position(row[low]),
                "high": _position(row[high]),
                "text": f"{_share(row[value])} ({_share(row[low])} to {_share(row[high])})",
            }
            for label, value, low, high in lines
        ],
    }


def _position(share: float) -> float:
    """On a scale of 200 from 0 to 100 %; what lies outside is drawn at its end."""
    return round(200 * min(max(share, 0.0), 1.0), 1)


def _share(value: float) -> str:
    return ("−" if value < 0 else "") + write_number(abs(value), "share")


def _written(row: Row, name: str) -> str:
    value = row[name]
    sign = "−" if value < 0 else "+"
    return sign + (points(abs(value)) if row["outcome"] == "ordered" else write_number(abs(value), "number"))


def _verdict(row: Row) -> str:
    if row["ratio_alarm"]:
        return "Do not use: more rows are missing of one arm than of the other. Find out which, and export again."
    if row["low"] > 0:
        return "It worked: the interval lies above nothing."
    if row["high"] < 0:
        return "It did harm: the interval lies below nothing."
    return "Not clear: the interval holds nothing as well."
