"""Whether all age bands are reached alike: the four-fifths rule, as `profiles/fairness/parity` has it.

The chance of a band is its reached customers over all of its customers, the month's whole base; ages that are not known
are counted and not judged. Nothing is drawn at random here, so there is no interval. What would tell of fewer than
twenty customers is withheld, and warns all the same where it must be under four fifths of the likeliest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hm_assets.explore.words import percent
from hm_assets.profiles.ages import BANDS
from hm_assets.profiles.fairness.parity import LEAST_PARITY, WARNS
from hm_assets.profiles.fairness.privacy import K

CALLED: Final = {
    "age_under_25": "under 25",
    "age_25_34": "25 to 34",
    "age_35_49": "35 to 49",
    "age_50_plus": "50 and older",
}


@dataclass(frozen=True)
class Band:
    """An age band: its customers, and the share of them that is reached (None: withheld)."""

    name: str
    customers: int
    chance: float | None


@dataclass(frozen=True)
class Parity:
    """The bands, the lowest chance over the highest (None: not told), and what that means."""

    bands: tuple[Band, ...]
    ratio: float | None
    words: str

    @property
    def warns(self) -> bool:
        """Whether some band is under four fifths of the likeliest."""
        return self.words.startswith(WARNS)


def parity_of(base: Mapping[str, int], chosen: Mapping[str, int]) -> Parity:
    """The parity of a selection.

    Parameters
    ----------
    base
        Customers by age band (`profiles/ages.BANDS`; others are not judged).
    chosen
        Of them, those who are reached.
    """
    judged = {band: (base[band], chosen.get(band, 0)) for band in BANDS if base.get(band, 0) >= K}
    # At most: a band of too few may be at its bound or at nothing.
    most = {band: max(n, K - 1 if n else 0) / of for band, (of, n) in judged.items()}
    told = {band: n / of for band, (of, n) in judged.items() if K <= n <= of - K or n in (0, of)}
    bands = tuple(Band(CALLED[band], of, told.get(band)) for band, (of, _) in judged.items())
    if len(judged) < 2 or not any(chosen.get(band, 0) >= K for band in judged):
        return Parity(bands, None, "Not measured: fewer than two age bands hold enough customers.")
    likeliest = max((n / of, band) for band, (of, n) in judged.items() if n >= K)
    below = [band for band in judged if most[band] < LEAST_PARITY * likeliest[0]]
    hidden = [band for band in judged if band not in told]
    ratio = min(told.values()) / max(told.values()) if len(told) == len(judged) else None
    if not below:
        ending = "" if ratio is None else f": the lowest chance is {percent(ratio)} of the highest"
        return Parity(
            bands, ratio, f"All age bands {'that can be told ' if hidden else ''}are reached alike{ending}."
        )
    who = " and ".join(CALLED[band] for band in below)
    much = f"{percent(ratio)} as likely" if ratio is not None and len(below) == 1 else "under 80 % as likely"
    return Parity(
        bands,
        ratio,
        f"{WARNS}customers {who} are {much} to be reached as those {CALLED[likeliest[1]]}. "
        "Whoever addresses this audience addresses an age.",
    )
