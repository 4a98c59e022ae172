"""Every figure of every segment as CSV, for people's own calculations."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hm_assets.playbooks.cells import as_csv
from hm_assets.playbooks.facts import ASSET, COLUMNS
from hm_assets.playbooks.outlook import TOO_FEW
from hm_assets.profiles.taste.counts import KINDS as TASTES
from hm_assets.profiles.wording import WORDINGS
from hm_assets.warehouse import artifacts

FACTS_FILE: Final = "segments.csv"


def facts_file(
    folder: Path, rows: Sequence[Mapping[str, Any]], versions: Mapping[str, str], banner: str
) -> Path:
    """Write every figure of every segment with its interval, for a spreadsheet."""
    headings = [
        *COLUMNS[:3],
        "label",
        *COLUMNS[3:],
        "asset",
        "version",
        "note",
        *(["signed"] if banner else []),
    ]
    lines = []
    for row in sorted(rows, key=_place):
        wording = WORDINGS.get(row["fact"]) if row["kind"] not in TASTES else None
        label = (
            row["fact"]
            if wording is None
            else f"{wording.label} ({wording.what})"
            if wording.what
            else wording.label
        )
        cells = [
            *(row[c] for c in COLUMNS[:3]),
            label,
            *(row[c] for c in COLUMNS[3:]),
            ASSET,
            versions.get(ASSET),
            TOO_FEW if row["withheld"] else None,
            *([banner] if banner else []),
        ]
        lines.append(cells)
    return artifacts.write_text(folder / FACTS_FILE, as_csv(headings, lines))


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row's place in the file: by segment, then facts in the order of the pages, then tastes by kind, best first."""
    name, index = str(row["fact"]), row["index_to_base"] or 0.0
    if row["kind"] in TASTES:
        return int(row["segment_id"]), 1 + TASTES.index(row["kind"]), -index, name
    return int(row["segment_id"]), 0, list(WORDINGS).index(name) if name in WORDINGS else len(WORDINGS), name
