"""The two actions: an audience file, and a POST to a webhook. Neither is told of a customer twice once it was done."""

import csv
import hashlib
import io
import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hm_assets.monitoring.triggers.rules import Rule
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError

FOLDER = "triggers"
TIMEOUT_SECONDS = 10.0
PAUSES_SECONDS = (1.0, 4.0)
MOST_IN_A_POST = 10_000
COLUMNS = ("customer_id", "as_of", "segment_before", "segment_id")
# A line of a file is found by its key when its customer is to be forgotten: an id may be as short as "7".
IN_A_FILE = (*COLUMNS, "customer_key")


class ActionError(HmAssetsError):
    """An action was not done, or nobody said that it was; it is tried again at the next look."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET without its body: that is no delivery."""

    def redirect_request(self, *_: Any) -> None:
        return None


def write_audience(reports: Path, rule: Rule, look: int, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write one look's customers of a rule to `<reports>/triggers/<rule>-<as_of>-<look>.csv`; again gives the same."""
    text = io.StringIO()
    writer = csv.DictWriter(text, IN_A_FILE, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    day = max(row["as_of"] for row in rows)
    return artifacts.write_text(reports / FOLDER / f"{rule.name}-{day}-{look}.csv", text.getvalue())


def post(
    rule: Rule, look: int, rows: Sequence[Mapping[str, Any]], pauses: Sequence[float] = PAUSES_SECONDS
) -> None:
    """POST one look's customers of a rule as JSON; an answer 2xx acknowledges them.

    The header `Idempotency-Key` is the same whenever the same customers are sent again, so that a receiver can tell an
    answer that was lost on the way from news.

    Raises
    ------
    ActionError
        No try was acknowledged.
    """
    day = max(row["as_of"] for row in rows)
    customers = [{name: row[name] for name in COLUMNS if name != "as_of"} for row in rows]
    body = {"rule": rule.name, "when": rule.when, "as_of": day.isoformat(), "customers": customers}
    data = json.dumps(body, sort_keys=True, ensure_ascii=False).encode()
    key = hashlib.sha256(f"{look} ".encode() + data).hexdigest()[:32]
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": key}
    request = urllib.request.Request(rule.url, data, headers, method="POST")
    opener = urllib.request.build_opener(_NoRedirects)
    fault: Exception | None = None
    for pause in (*pauses, None):
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                answer.read(1)
                return
        except (OSError, HTTPException, ValueError) as error:
            fault = error
            if pause is not None:
                time.sleep(pause)
    # The path and the query of a webhook are often its secret.
    raise ActionError(
        f"triggers.toml, rule {rule.name!r}: {len(rows):,} customers were not acknowledged by "
        f"{urlsplit(rule.url).hostname} in {len(pauses) + 1} tries ({fault}). They stay open and are sent again."
    ) from fault
