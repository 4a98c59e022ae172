"""The audience page as HTML. Its only script asks for the size when the form changes; its hash stands in the policy."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hm_assets.explore.words import percent
from hm_assets.playbooks.audience.fields import FIELDS
from hm_assets.playbooks.audience.layouts import LAYOUTS
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.suppression import BY, REASONS, WINDOW_DAYS
from hm_assets.playbooks.audience.wording import count, matched, value_at_stake
from hm_assets.profiles.fairness.privacy import K
from hm_assets.serving import look
from hm_assets.serving.audience_form import Form
from hm_assets.warehouse import pages

if TYPE_CHECKING:
    from hm_assets.serving.audiences import Answer

PACKAGE: Final = "hm_assets.serving"
SCRIPT: Final = pages.render(PACKAGE, "audiences.js.j2")
SCRIPT_HASH: Final = f"sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}"


def render(
    there: People,
    form: Form,
    answer: "Answer | None",
    error: str,
    exports: Sequence[Mapping[str, Any]],
    cap: int,
) -> str:
    """The page.

    Parameters
    ----------
    there
        The month's customers.
    form
        As it was sent.
    answer
        What it found; None where it could not be read, and `error` says why.
    error
        One line for people; empty: none.
    exports
        Manifests of what was exported.
    cap
        Campaigns per customer in 30 days.
    """
    return look.render(
        "audiences.html.j2",
        title="Audiences",
        here="/audiences",
        there=there,
        form=form,
        answer=answer,
        error=error,
        exports=exports,
        cap=cap,
        script=SCRIPT,
        script_hash=SCRIPT_HASH,
        fields=FIELDS,
        layouts=LAYOUTS,
        ways=BY,
        reasons=REASONS,
        days=WINDOW_DAYS,
        k=K,
        count=count,
        matched=matched,
        value_at_stake=value_at_stake,
        percent=percent,
    )
