"""The gate: what fails a criterion is not published, unless a person signs for it, and the signature is printed.

A signature counts for the model, the criteria and about the figures that it was given for. What publishes asks
`banner_of`, which refuses when the gate is closed; what only explains prints `label_of`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from hm_assets.profiles.passport.criteria import EVERYBODY, FAIL, WARN, Criterion
from hm_assets.warehouse.errors import HmAssetsError

# How each banner begins, so that a document under a signature is known by its text.
SIGNED: Final = "Published although the segmentation fails"


@dataclass(frozen=True)
class Signature:
    """Who takes responsibility, why, and for which model and which failures: others need another signature."""

    by: str
    because: str
    model_version: str
    failures: tuple[str, ...]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Signature":
        """The inverse of `dataclasses.asdict`."""
        return cls(value["by"], value["because"], value["model_version"], tuple(value["failures"]))


@dataclass(frozen=True)
class Gate:
    """Whether the segments may be published.

    Attributes
    ----------
    model_version
        Which segmentation.
    failures
        The failed criteria as sentences, in the order of the passport.
    warnings
        How many criteria warn.
    signature
        Who signed for these failures, if somebody did.
    """

    model_version: str
    failures: tuple[str, ...]
    warnings: int
    signature: Signature | None = None

    @property
    def is_open(self) -> bool:
        """Nothing fails, or somebody signed."""
        return not self.failures or self.signature is not None

    @property
    def banner(self) -> str:
        """What everything that is published under a signature says; empty without one."""
        if self.signature is None:
            return ""
        return (
            f"{SIGNED} {_count(len(self.failures))}: {' '.join(self.failures)} "
            f"Signed by {self.signature.by}: “{self.signature.because}”"
        )

    @property
    def verdict(self) -> str:
        """The state in a sentence."""
        if not self.failures:
            warned = f"; {_count(self.warnings)} warned of" if self.warnings else ""
            return f"May be published: no criterion fails{warned}."
        if self.signature is not None:
            return self.banner
        return (
            f"Not published: {' '.join(self.failures)} Take another candidate (`override` of segments/champion), or "
            "sign for it: materialise profiles/passports from the Launchpad with `signed_by` and `because`."
        )

    def as_json(self) -> dict[str, Any]:
        """As plain values, with what follows from them."""
        return {**asdict(self), "open": self.is_open, "banner": self.banner, "verdict": self.verdict}


def gate(
    found: Sequence[Criterion],
    model_version: str,
    names: Mapping[int, str],
    signed: Signature | None = None,
) -> Gate:
    """The gate over all criteria; a signature counts for the model and the failures that it was given for.

    Parameters
    ----------
    found
        All criteria.
    model_version
        The champion's.
    names
        Of the segments, by id.
    signed
        The last signature.
    """
    failed = _failed(found)
    holds = (
        signed is not None
        and signed.model_version == model_version
        and set(failed_keys(found)) <= set(signed.failures)
    )
    return Gate(
        model_version,
        tuple(_sentence(criterion, names) for criterion in failed),
        sum(criterion.status == WARN for criterion in found),
        signed if failed and holds else None,
    )


def failed_keys(found: Sequence[Criterion]) -> tuple[str, ...]:
    """The failures as a signature names them: criterion, whom it is about, and about its figure."""
    return tuple(f"{criterion.name} of {criterion.scope}{_figure(criterion)}" for criterion in _failed(found))


def banner_of(
    asset: str, month: str, verdict: Mapping[str, Any], model_version: str, profiles: str | None
) -> str:
    """The banner of a stored verdict of `profiles/passports`, for what publishes.

    Parameters
    ----------
    asset, month
        Who asks, and for when: the error names them.
    verdict
        Of the month.
    model_version, profiles
        The champion, and the digest of the month's profiles, that are to be published.

    Raises
    ------
    HmAssetsError
        The gate is closed, or the verdict is about another champion or other profiles.
    """
    again = f"make the passports again, `hm run --select group:profiles --month {month}`"
    if verdict["model_version"] != model_version:
        raise HmAssetsError(
            f"{asset}, {month}: the verdict of profiles/passports is about model {verdict['model_version']}, but the "
            f"champion is {model_version}: {again}"
        )
    if verdict["profiles"] != profiles:
        raise HmAssetsError(
            f"{asset}, {month}: profiles/segment_profiles changed after profiles/passports judged them: {again}"
        )
    if not verdict["open"]:
        raise HmAssetsError(
            f"{asset}, {month}: the gate of profiles/passports is closed. {verdict['verdict']}"
        )
    return str(verdict["banner"])


def label_of(verdict: Mapping[str, Any]) -> str:
    """What a stored verdict asks to be printed beside the segments: the banner, or why they are not published."""
    return str(verdict["banner"] if verdict["open"] else verdict["verdict"])


def _figure(criterion: Criterion) -> str:
    if criterion.measured is None:
        return ""
    value = criterion.measured.value
    if 0 < value < 0.005:
        return ": nearly empty"
    return f": about {5 * round(20 * value)} %" if value else ": empty"


def _failed(found: Sequence[Criterion]) -> list[Criterion]:
    return [criterion for criterion in found if criterion.status == FAIL and criterion.blocking]


def _sentence(criterion: Criterion, names: Mapping[int, str]) -> str:
    number = criterion.segment_id
    who = EVERYBODY.capitalize() if number is None else f"“{names.get(number, f'segment {number}')}”"
    return f"{who}: {criterion.words} Asked for: {criterion.threshold}."


def _count(many: int) -> str:
    return "1 criterion" if many == 1 else f"{many} criteria"
