"""Writing an audience: the file in a layout, streamed; the ledger; the manifest, which says how it was made.

Nothing is written for fewer than twenty customers. The same tables, rule and ledger give the same bytes.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ibis
import pyarrow as pa

from hm_assets.playbooks.audience import contacts, selection
from hm_assets.playbooks.audience.held_back import held_back
from hm_assets.playbooks.audience.layouts import LAYOUTS, Layout, safe
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.rule import Rule, RuleError, as_json
from hm_assets.playbooks.audience.selection import Reach
from hm_assets.playbooks.audience.suppression import REACHED, WINDOW_DAYS, Campaign
from hm_assets.profiles.fairness.privacy import K
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.errors import HmAssetsError, WarehouseError

FOLDER: Final = "exports"
NAME: Final = re.compile(r"[^\W_][\w .-]{0,59}")
ROWS_AT_A_TIME: Final = 50_000


class TooFewError(HmAssetsError):
    """An audience of fewer customers than a file may be about."""


@dataclass(frozen=True)
class Asked:
    """An export that somebody asks for: the rule, what it is for, and the form of the file."""

    rule: Rule
    campaign: Campaign
    layout: Layout

    @classmethod
    def of(cls, rule: Rule, campaign: Campaign, layout: str) -> "Asked":
        """The same, checked.

        Raises
        ------
        RuleError
            There is no such layout, or the name cannot be one.
        """
        if layout not in LAYOUTS:
            raise RuleError(f"{layout[:40]!r} is no layout; there are {', '.join(LAYOUTS)}")
        if not NAME.fullmatch(campaign.name):
            raise RuleError(
                "the name of an audience has 1 to 60 letters, digits, blanks, dots and dashes, and begins with a "
                "letter or a digit"
            )
        return cls(rule, campaign, LAYOUTS[layout])

    @property
    def file_name(self) -> str:
        """What the file is called, unless told otherwise."""
        return f"{plain(self.campaign.name)}-{self.layout.name}{self.layout.suffix}"


def plain(name: str) -> str:
    """A campaign's name as part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "audience"


def record(name: str) -> str:
    """Under what the manifest of a campaign is kept: another one for every other name."""
    return f"{plain(name)}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write(engine: DuckDBEngine, settings: Settings, people: People, asked: Asked, to: Path) -> dict[str, Any]:
    """Write the file, note who is in it, and keep the manifest in the warehouse; returns the manifest.

    Raises
    ------
    TooFewError
        Fewer than twenty customers are left.
    HmAssetsError
        The month cannot answer the rule, or something cannot be written.
    """
    with contacts.alone(settings.warehouse):
        reasons = held_back(engine, settings, people, asked.campaign)
        reach = selection.reach(asked.rule, people, reasons)
        if not reach.enough:
            raise TooFewError(
                f"fewer than {K} customers are left of this audience after suppression; a file of so few is not "
                "written. Make the rule wider."
            )
        chosen = people.everybody.mutate(met=selection.met(asked.rule, people), reason=reasons)
        chosen = chosen.filter(chosen.met, chosen.reason == REACHED)
        with _whole(to) as temporary:
            rows, changed = _write_rows(people, asked, chosen, temporary)
            digest, size = _digest(temporary), temporary.stat().st_size
            contacts.note(engine, settings.warehouse, asked.campaign, chosen)
        made = manifest(people, asked, reach, to.name, rows, digest, size, changed)
        artifacts.write_json(settings.warehouse / FOLDER / f"{record(asked.campaign.name)}.json", made)
    return made


def manifest(
    people: People, asked: Asked, reach: Reach, name: str, rows: int, digest: str, size: int, changed: int
) -> dict[str, Any]:
    """What an export is and how it was made, without a customer in it; small numbers are withheld (None)."""
    campaign, layout = asked.campaign, asked.layout
    return {
        "audience": campaign.name,
        "file": name,
        "layout": layout.name,
        "columns": list(layout.columns.values()),
        "rows": rows,
        "bytes": size,
        "sha256": digest,
        "month": f"{people.month:%Y-%m}",
        "as_of": people.as_of.isoformat(),
        "rule": asked.rule.words,
        "rule_json": json.loads(as_json(asked.rule)),
        "send_on": campaign.send_on.isoformat(),
        "by": campaign.by,
        "cap": {"campaigns": campaign.cap, "days": WINDOW_DAYS},
        "held_back": {reason: told(count) for reason, count in reach.held_back.items()},
        "value_90d": {"price_index": reach.value_told, "customers_with_forecast": _valued(reach)},
        "age_parity": {"ratio": reach.parity.ratio, "words": reach.parity.words},
        "k_check": {"k": K, "passed": rows >= K},
        "cells_made_safe": changed,
        "tables": dict(people.tables),
        "models": dict(people.models),
        "labels": list(people.labels),
        "notes": [note for note in (layout.note, layout.limits(size, rows)) if note],
    }


def told(count: int) -> int | None:
    """A number of customers, unless it is about somebody and about fewer than twenty."""
    return None if 0 < count < K else count


def _valued(reach: Reach) -> int | None:
    """How many have a forecast; not told where it, or the rest of the rows, is about fewer than twenty."""
    return None if told(reach.reached - reach.valued) is None else told(reach.valued)


def exports(warehouse: Path) -> list[dict[str, Any]]:
    """The manifests of all exports, the latest day first; one that cannot be read is left out."""
    found = []
    for path in sorted((warehouse / FOLDER).glob("*.json")):
        with contextlib.suppress(WarehouseError):
            value = artifacts.read_json(path)
            if (
                isinstance(value, dict)
                and {"audience", "send_on", "rows", "layout", "rule", "sha256"} <= value.keys()
            ):
                found.append({**value, "id": path.stem})
    return sorted(found, key=lambda made: (made["send_on"], made["audience"]), reverse=True)


def _write_rows(people: People, asked: Asked, chosen: ibis.Table, to: Path) -> tuple[int, int]:
    """Write the rows, ordered by key; returns how many, and how many ids were changed to be safe."""
    names = ibis.memtable(
        pa.table(
            {
                "number": pa.array(list(people.segments), pa.int32()),
                "segment_name": pa.array(list(people.segments.values()), pa.string()),
            }
        )
    )
    rows = chosen.inner_join(names, chosen.segment_id == names.number)
    text = safe if asked.layout.is_text else _as_is
    cells = {
        "customer_id": text(rows.customer_id),
        "segment_id": rows.segment_id,
        "segment_name": text(rows.segment_name),
        "churn_risk_90d": rows.churn,
        "value_90d": rows.value_90d,
        "value_band": rows.value,
        "audience": text(ibis.literal(asked.campaign.name)),
    }
    wanted = {header: cells[cell] for cell, header in asked.layout.columns.items()}
    ordered = rows.select("customer_key", changed=cells["customer_id"] != rows.customer_id, **wanted)
    ordered = ordered.order_by("customer_key").drop("customer_key")
    changed = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal changed
        for batch in ordered.to_pyarrow_batches(chunk_size=ROWS_AT_A_TIME):
            changed += batch["changed"].true_count
            yield batch.select(list(wanted))

    return _stream(asked.layout, batches(), to), changed


def _stream(layout: Layout, batches: Iterable[pa.RecordBatch], to: Path) -> int:
    from pyarrow import csv, parquet

    rows, writer = 0, None
    with contextlib.ExitStack() as stack:
        for batch in batches:
            if writer is None:
                opened = (
                    csv.CSVWriter(to, batch.schema)
                    if layout.is_text
                    else parquet.ParquetWriter(to, batch.schema, compression="zstd")
                )
                writer = stack.enter_context(opened)
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _as_is(text: ibis.Value) -> ibis.Value:
    return text


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A name to write to; the file is there as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise HmAssetsError(f"{path} cannot be written ({error.strerror})") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
