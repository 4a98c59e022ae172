"""Where a landing zone's files come from: `source.json`, which generators and importers leave, or the folder itself."""

import json
from dataclasses import dataclass
from pathlib import Path

from hm_assets.settings import named
from hm_assets.warehouse.errors import LandingError

FILE = "source.json"


@dataclass(frozen=True)
class Origin:
    """A source in words (what a warehouse belongs to), and whether it is generated."""

    title: str
    generated: bool


def of(raw: Path, address: str | None = None) -> Origin:
    """The origin of the files in a landing zone, which may be a copy of what lies under an address."""
    path = raw / FILE
    if not path.exists():
        return Origin(f"the files in {address or raw.resolve()}", False)
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["source"] != "synthetic":
            return Origin(f"the {value['source']} data", False)
        parts = [f"{name} {value[name]}" for name in ("preset", "seed", "scale", "difficulty")]
        noise = ["noise only"] if value["noise"] else []
    except (ValueError, KeyError, TypeError) as error:
        raise LandingError(
            f"{named(path)} is not what a generator or importer writes ({error!r}). Delete it."
        ) from error
    return Origin(f"the generated retailer ({', '.join([*parts, *noise])})", True)
