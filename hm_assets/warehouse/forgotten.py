"""Who asked to be forgotten: `<warehouse>/forgotten.json`, tokens and never ids.

A token is HMAC-SHA256 (RFC 2104) of the id under a random key of this warehouse. A plain SHA-256 would tell everybody
with a list of ids (the retailer's own customers file, the published data) who was forgotten, by hashing the list; so
would a salt that lies beside the hashes. The key lies in a file of its own that only the owner may read: the list
alone, in a backup or a mail, says how many were forgotten and nothing else. Whoever has both files and an id can ask
about that id; that is what refusing a later file needs.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from hm_assets.warehouse import artifacts, sql
from hm_assets.warehouse.errors import WarehouseError

FILE, KEY_FILE = "forgotten.json", ".forgotten.key"
BEGUN, DONE = "begun", "done"
_BLOCK = 64


@dataclass(frozen=True)
class Forgotten:
    """The key of a warehouse, and each token with how far the forgetting got."""

    key: bytes
    tokens: Mapping[str, str]

    def token(self, customer_id: str) -> str:
        """The token of an id, forgotten or not."""
        return hmac.new(self.key, customer_id.encode(), hashlib.sha256).hexdigest()

    def __contains__(self, customer_id: str) -> bool:
        return self.token(customer_id) in self.tokens

    @property
    def unfinished(self) -> int:
        """How many were begun and not finished."""
        return sum(state != DONE for state in self.tokens.values())


def read(warehouse: Path) -> Forgotten | None:
    """Who was forgotten here, or None where nobody was.

    Raises
    ------
    WarehouseError
        The list is there and its key is not, or not the one that made it, or the key without the list: nobody could be
        refused by it.
    """
    path, key_path = warehouse / FILE, warehouse / KEY_FILE
    if not path.exists():
        if key_path.exists():
            raise WarehouseError(
                f"{path} is gone, and {key_path} tells that people were forgotten here. Put it back from a backup, or "
                "they would come back; only if nobody ever was, delete the key."
            )
        return None
    value = artifacts.read_json(path)
    try:
        key = bytes.fromhex(key_path.read_text(encoding="ascii"))
        made_with, tokens = value["key_fingerprint"], {str(t): str(s) for t, s in value["tokens"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WarehouseError(
            f"{path} cannot be used with {key_path} ({error}); put both back from one backup, "
            "or people who were forgotten would come back"
        ) from error
    if made_with != _fingerprint(key):
        raise WarehouseError(
            f"{key_path} is not the key that {path} was made with; put both back from one backup"
        )
    return Forgotten(key, tokens)


def note(warehouse: Path, customer_id: str, state: str) -> Forgotten:
    """Note how far the forgetting of a customer got (`BEGUN`, `DONE`); the first one makes the key."""
    known = read(warehouse) or Forgotten(_new_key(warehouse / KEY_FILE), {})
    now = Forgotten(known.key, {**known.tokens, known.token(customer_id): state})
    artifacts.write_json(
        warehouse / FILE, {"key_fingerprint": _fingerprint(now.key), "tokens": dict(now.tokens)}
    )
    return now


def fingerprint(warehouse: Path) -> str:
    """What changes when somebody is forgotten; empty while nobody is."""
    known = read(warehouse)
    return "" if known is None else hashlib.sha256("\n".join(sorted(known.tokens)).encode()).hexdigest()


def install(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Teach a connection two macros that the rules of `raw` use.

    `forgotten_token(id)` is the token where that id was forgotten, else null; `without_forgotten(text)` is the text
    with each such id in it, as a value between commas, quotation marks and line ends, replaced by its token.
    """
    known = read(warehouse)
    token, text = "NULL::VARCHAR", "text"
    if known is not None and known.tokens:
        tokens = ", ".join(sql.literal(each) for each in sorted(known.tokens))
        connection.execute(f"CREATE OR REPLACE TEMP MACRO customer_token(id) AS {_hmac_sql(known.key, 'id')}")
        token = f"CASE WHEN customer_token(id) IN ({tokens}) THEN 'forgotten ' || customer_token(id) END"
        separator = '[,"\\r\\n]'
        pieces = f"regexp_extract_all(text, '[^{separator[1:]}+|{separator}')"
        text = f"list_aggregate([coalesce(forgotten_token(trim(p)), p) FOR p IN {pieces}], 'string_agg', '')"
    connection.execute(f"CREATE OR REPLACE TEMP MACRO forgotten_token(id) AS {token}")
    connection.execute(f"CREATE OR REPLACE TEMP MACRO without_forgotten(text) AS {text}")


def _hmac_sql(key: bytes, column: str) -> str:
    """HMAC-SHA256 of a text column in DuckDB's SQL; the key is shorter than a block, as `_new_key` makes it."""
    inner, outer = (bytes(byte ^ pad for byte in key.ljust(_BLOCK, b"\0")).hex() for pad in (0x36, 0x5C))
    return f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode({column}))))"


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:16]


def _new_key(path: Path) -> bytes:
    """A new key, readable by its owner only from the first moment."""
    key = secrets.token_bytes(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(key.hex())
        file.flush()
        os.fsync(file.fileno())
    return key
