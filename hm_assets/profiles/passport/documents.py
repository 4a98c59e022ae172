"""The passports of a month as files: a page per segment, and all of them as JSON."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hm_assets.profiles.fairness import privacy
from hm_assets.profiles.passport.criteria import EVERYBODY, FAIL, NOT_MEASURED, PASS, WARN, WEAK
from hm_assets.profiles.passport.gate import SIGNED, Gate
from hm_assets.warehouse import artifacts, pages
from hm_assets.warehouse.calendar import month_of
from hm_assets.warehouse.manifest import (
    DASHBOARD_MANIFEST,
    FORECASTS_MANIFEST,
    MANIFEST,
    PASSPORT_MANIFEST,
    SEGMENTS_MANIFEST,
    Manifest,
    describe,
    publish,
    read_manifest,
)

ASSET: Final = "profiles/passport_criteria"
JSON_FILE: Final = "passports.json"
# What a reader looks for first.
ORDER: Final = (FAIL, WARN, PASS, NOT_MEASURED)
TOO_FEW: Final = f"Withheld: it would tell of fewer than {privacy.K} people."

Row = Mapping[str, Any]


def write_passports(
    rows: Sequence[Row],
    gate: Gate,
    *,
    reports: Path,
    versions: Mapping[str, str],
    source: str,
    segmentation: str,
) -> list[Path]:
    """Write a page per segment and `passports.json` to `<reports>/<YYYY-MM>/`, with a manifest of their own.

    Parameters
    ----------
    rows
        One month of `profiles/passport_criteria`, at least one. What is withheld is written without its figure.
    gate
        What it comes to.
    versions
        The version of each asset that the figures come from.
    source, segmentation
        The data, and how the segments came to be, in words.
    """
    as_of: dt.date = rows[0]["as_of"]
    month, folder = month_of(as_of), reports / f"{as_of:%Y-%m}"
    rows = sorted(told(rows), key=lambda row: row["position"])
    everybody = [row for row in rows if row["segment_id"] is None]
    passports = {
        number: [row for row in rows if row["segment_id"] == number]
        for number in sorted({row["segment_id"] for row in rows} - {None})
    }
    entries = []
    for number, mine in passports.items():
        name = mine[0]["segment_name"] or f"Segment {number}"
        finding = headline(name, [*mine, *everybody])
        page = pages.render(
            "hm_assets.profiles.passport",
            "passport.html.j2",
            title=f"{name}: passport {as_of:%Y-%m}",
            name=name,
            headline=finding,
            parts=[(f"This segment: {name}", mine), (f"{EVERYBODY.capitalize()} together", everybody)],
            gate=gate,
            asset=ASSET,
            written=written,
            month=f"{month:%Y-%m}",
            as_of=as_of,
            source=source,
            segmentation=segmentation,
            versions=dict(sorted(versions.items())),
        )
        path = artifacts.write_text(folder / f"passport-{number}.html", page)
        entries.append(describe(path, f"Passport: {name}", "passport", finding))
    value = {
        "as_of": as_of.isoformat(),
        "gate": gate.as_json(),
        "source": source,
        "segmentation": segmentation,
        "versions": dict(versions),
        EVERYBODY: [plain(row) for row in everybody],
        "segments": {str(number): [plain(row) for row in mine] for number, mine in passports.items()},
    }
    path = artifacts.write_json(folder / JSON_FILE, value)
    entries.append(describe(path, "All passports (JSON)", "passport", gate.verdict))
    publish(
        folder, Manifest(f"{month:%Y-%m}", as_of, source, dict(versions), tuple(entries)), PASSPORT_MANIFEST
    )
    return [folder / entry.name for entry in entries]


def remove_signed(folder: Path) -> None:
    """Remove what a month published under a signature, the page that shows the segments among it, and its manifests.

    Documents without a signature on them stay: they are of a segmentation that was sound.
    """
    for name in (MANIFEST, SEGMENTS_MANIFEST, FORECASTS_MANIFEST, DASHBOARD_MANIFEST):
        listed = read_manifest(folder, name)
        paths = [folder / entry.name for entry in listed.files] if listed else []
        if any(SIGNED.encode() in path.read_bytes() for path in paths if path.exists()):
            for path in (*paths, folder / name):
                path.unlink(missing_ok=True)


def told(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as they leave the platform: of those that are withheld neither the figure nor what it says."""
    empty = {"value": None, "low": None, "high": None, "words": TOO_FEW}
    return [{**row, **(empty if row["withheld"] else {})} for row in rows]


def headline(name: str, rows: Sequence[Row]) -> str:
    """What the passport comes to, in a sentence, from the criteria of the segment and of all segments together."""
    said = [row["status"] for row in rows]
    measured = len(said) - said.count(NOT_MEASURED)
    failed, warned = (
        "; ".join(WEAK[row["criterion"]] for row in rows if row["status"] == s) for s in (FAIL, WARN)
    )
    if failed:
        return f"“{name}” may not be published as it is: {failed}."
    if warned:
        return f"“{name}” passes {said.count(PASS)} of {measured} criteria. Mind: {warned}."
    return f"“{name}” passes all {measured} criteria that could be measured."


def written(row: Row, field: str = "value") -> str:
    """A figure for people: shares in per cent, others with two decimals."""
    value = row[field]
    if value is None:
        return "–"
    if row["criterion"] in ("share", "ambiguous", "kept", "reachable", "imputed", "parity"):
        return f"{100 * value:.1f} %"
    return f"{value:.0f}" if row["criterion"] in ("unseen", "later") else f"{value:.2f}"


def markdown(rows: Sequence[Row]) -> str:
    """The criteria as a table for the Dagster UI, the failed ones first."""
    lines = ["| who | criterion | verdict | figure | says |", "|---|---|---|---|---|"]
    for row in sorted(rows, key=lambda row: (ORDER.index(row["status"]), row["position"])):
        cells = (
            row["segment_name"] or row["scope"],
            row["title"],
            row["status"],
            written(row),
            row["words"],
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plain(row: Row) -> dict[str, Any]:
    """A row as JSON takes it."""
    left_out = ("as_of", "month", "position")
    return {name: value for name, value in row.items() if name not in left_out}
