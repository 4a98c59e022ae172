"""Who may ask, and how much they may send: the first thing that a request meets.

Without tokens the portal answers this machine alone, and only under its own names: a page of somebody else that points
a name at 127.0.0.1 (DNS rebinding), or posts a form there, is refused. With `HM_API_TOKENS` every request needs one, as
`Authorization: Bearer TOKEN`, or in a browser as the password that it asks for (the name does not matter). `/healthz`
answers everybody and tells nothing.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hm_assets.serving import faults
from hm_assets.settings import Settings

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN: Final = frozenset({"/healthz"})
READING: Final = ("GET", "HEAD", "OPTIONS")
LIMIT: Final = 1 << 20
BODY_SECONDS: Final = 60.0
# Bytes of a body; what brings many customers or a day of purchases may be larger.
LIMITS: Final[Mapping[str, int]] = {"/purchases": 32 << 20, "/score_customers": 16 << 20}
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    # Not "no-referrer": a browser then sends `Origin: null` with the portal's own forms, which would be refused below.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._digests = tuple(_digest(token) for token in settings.tokens)
        self._own = urlsplit(settings.portal_url).netloc
        self._hosts = LOOPBACK | {urlsplit(settings.portal_url).hostname or ""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with a body that is counted and an answer that has the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        limit = LIMITS.get(path, LIMIT)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
            await send(message)

        refused = self._refusal(scope["method"], path, headers, limit)
        if refused is not None:
            await faults.answer(path, *refused)(scope, receive, with_headers)
            return
        await self._app(scope, _counted(receive, limit), with_headers)

    def _refusal(
        self, method: str, path: str, headers: Headers, limit: int
    ) -> tuple[int, str, list[tuple[str, str]]] | None:
        if not self._digests and _hostname(headers.get("host", "")) not in self._hosts:
            return (
                421,
                "Without HM_API_TOKENS this answers only under the names of this machine (127.0.0.1, localhost).",
                [],
            )
        if self._digests and path not in OPEN and not self._knows(headers.get("authorization", "")):
            ask = [
                ("WWW-Authenticate", "Bearer"),
                ("WWW-Authenticate", 'Basic realm="hm_assets", charset="UTF-8"'),
            ]
            return (
                401,
                "This needs a token (HM_API_TOKENS): as the password, or as `Authorization: Bearer`.",
                ask,
            )
        origin = headers.get("origin")
        # A page of another site may make a browser post here; it cannot hide where it comes from (OWASP, Cross-Site
        # Request Forgery Prevention: verifying origin with standard headers). Programs say nothing of the kind.
        foreign = origin is not None and _place(origin) not in (headers.get("host"), self._own)
        fetched = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        if method not in READING and (foreign or fetched):
            return 403, "This was sent by a page of another site.", []
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            return 400, "Content-Length is no number.", []
        if len(length) > 12 or int(length) > limit:
            return 413, f"At most {limit:,} bytes are taken here.", []
        return None

    def _knows(self, given: str) -> bool:
        scheme, _, rest = given.partition(" ")
        token = rest.strip()
        if scheme.lower() == "basic":
            try:
                token = base64.b64decode(token, validate=True).decode().partition(":")[2]
            except (binascii.Error, ValueError):
                return False
        elif scheme.lower() != "bearer":
            return False
        digest = _digest(token)
        # Every token is compared, and each to its end: the time taken tells nothing.
        return sum(hmac.compare_digest(digest, known) for known in self._digests) > 0


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    return host in LOOPBACK or host.startswith("127.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _counted(receive: Receive, limit: int) -> Receive:
    """The same body; one that grows beyond the limit without having said so, or never ends, ends the request."""
    seen, whole, deadline = 0, False, 0.0

    async def counted() -> Message:
        nonlocal seen, whole, deadline
        if whole:  # what may come now is that the other side hangs up, however long that takes
            return await receive()
        deadline = deadline or asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"The body did not come within {BODY_SECONDS:g} seconds.") from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > limit:
            raise HTTPException(413, f"At most {limit:,} bytes are taken here.")
        return message

    return counted
