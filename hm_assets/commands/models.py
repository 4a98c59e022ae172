"""`hm models`: every version of the champion, and going back to one."""

import datetime as dt

from hm_assets.segments.champion import appointments, registry
from hm_assets.segments.tables import CANDIDATES
from hm_assets.settings import Settings
from hm_assets.warehouse import delta
from hm_assets.warehouse.errors import HmAssetsError


def listed(settings: Settings) -> list[registry.Version]:
    """All versions, the oldest first.

    Raises
    ------
    HmAssetsError
        There is none yet.
    """
    known = registry.versions(settings.warehouse)
    if not known:
        raise HmAssetsError(f"{settings.warehouse} holds no champion yet; `hm run` makes the first")
    return known


def rolled_back(settings: Settings, version: str, who: str, why: str, today: dt.date) -> str:
    """Make a version the champion again, from the next run on; returns its full name.

    Nothing is made anew here: the decision is written down, and what depends on the champion is out of date by it.

    Raises
    ------
    HmAssetsError
        No such version, the present one, an empty `who` or `why`, or a warehouse without candidates.
    """
    if not who.strip() or not why.strip():
        raise HmAssetsError("a roll back needs a name and a reason: --who NAME --why TEXT")
    found = registry.find(settings.warehouse, version)
    stored = delta.open_table(settings.warehouse, CANDIDATES)
    if stored is None:
        raise HmAssetsError(f"{settings.warehouse} holds no segments/candidates; `hm run` makes them")
    columns = ["algorithm", "space", "k", "model"]
    fingerprint = appointments.fingerprint(stored.to_pyarrow_table(columns=columns).to_pylist())
    if found.is_champion:
        last = appointments.standing(appointments.all_of(settings.warehouse), found.champion, fingerprint)
        # A roll back that no run has carried out yet is taken back by naming the champion.
        if last is None or last.number == found.champion.decision.get(appointments.BY):
            raise HmAssetsError(f"{found.champion.version} is the champion already")
    appointments.appoint(
        settings.warehouse,
        found.champion,
        fingerprint,
        "rolled back",
        " ".join(who.split()),
        " ".join(why.split()),
        today.isoformat(),
    )
    return found.champion.version
