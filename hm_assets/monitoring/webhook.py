"""Posting JSON to an address that may be away for a moment: a few tries, and never an exception."""

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

TIMEOUT_SECONDS = 5.0
# All tries together stay far below the 60 s that Dagster gives a sensor.
PAUSES_SECONDS = (1.0, 3.0)


def post(
    url: str, value: Any, timeout_seconds: float = TIMEOUT_SECONDS, pauses: Sequence[float] = PAUSES_SECONDS
) -> str | None:
    """Post a value as JSON; returns None when it was taken (a 2xx answer), else why not.

    An answer in the 400s is final (408 and 429 are not); what else goes wrong is tried again after each pause. The
    reason names the host only, because addresses of webhooks are secrets.
    """
    why = _try(url, value, timeout_seconds)
    for pause in pauses:
        if why is None or why[1]:
            break
        time.sleep(pause)
        why = _try(url, value, timeout_seconds)
    return why[0] if why else None


def _try(url: str, value: Any, timeout_seconds: float) -> tuple[str, bool] | None:
    """None, or why it failed and whether that is final."""
    host = "the address"
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname or host
        if parts.scheme not in ("http", "https"):
            return "the address of the webhook does not begin with http:// or https://", True
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = urllib.request.Request(url, body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=timeout_seconds):
            return None
    except urllib.error.HTTPError as error:
        return f"{host} answered {error.code} {error.reason}", error.code < 500 and error.code not in (
            408,
            429,
        )
    except urllib.error.URLError as error:
        return f"{host} cannot be reached ({error.reason})", False
    except (OSError, http.client.HTTPException) as error:
        return f"{host} cannot be reached ({error or type(error).__name__})", False
    except ValueError:
        # What urllib says here holds the address.
        return "the address of the webhook is not one", True
