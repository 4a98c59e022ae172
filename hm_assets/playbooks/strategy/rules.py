"""The rules file: what a marketer may change about the strategies, read from TOML and checked.

The default lies beside this module (`rules.toml`); `HM_RULES` names another. Whoever writes one sees which file, rule
and key is at fault, with what value, and what would be right.
"""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hm_assets.playbooks.strategy.conditions import Known, fact_named, parse
from hm_assets.warehouse.errors import HmAssetsError

DEFAULT: Final = Path(__file__).with_name("rules.toml")
CHANNELS: Final = {
    "app": "app and website",
    "email": "e-mail (fashion news)",
    "shop": "shop",
    "parcel": "note in the parcel",
    "post": "post",
}
"""Where a customer can be reached. What reached whom is not in the data; consent is, as fashion news."""
MEASURED: Final = {"spend": "value_90d_sum", "kept": "leaving_90d", "value": "value_12m_sum"}
"""What an assumed outcome is of -> the measure of `forecasts/segments` that it starts from."""


class RulesError(HmAssetsError):
    """The rules file cannot be read, or says what no rule can mean."""


def _condition(line: str) -> str:
    parse(line)
    return line


def _cited(name: str) -> str:
    fact_named(name.lstrip("+-"))
    return name


Condition = Annotated[str, AfterValidator(_condition)]
Cited = Annotated[str, AfterValidator(_cited)]
Text = Annotated[str, Field(min_length=1, max_length=600)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of the file: a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Part):
    """One that applies where one of the lines `when` holds; without lines always."""

    name: Name
    when: tuple[Condition, ...] = ()

    def applies(self, known: Known) -> bool:
        """Whether it applies to a segment."""
        return not self.when or any(parse(line)(known) for line in self.when)


R = TypeVar("R", bound=Rule)


class Saying(Rule):
    """A text for the segments that it applies to. `{categories}` becomes what they over-buy."""

    say: Text
    because: tuple[Cited, ...] = Field(
        (), description="Facts to cite: +fact where above all, -fact where below"
    )


class Tactic(Rule):
    """One thing to do. Of a theme the first that applies is taken, so that no two contradict each other."""

    theme: Name
    place: Literal["first", "by difference", "later", "fill up"]
    because: tuple[Cited, ...] = ()
    title: Text
    action: Text
    channels: tuple[Literal["app", "email", "shop", "parcel", "post"], ...] = Field(min_length=1)
    measure: Text
    reason: str = Field("", max_length=600)


class Frequency(Rule):
    """How often: in times of the segment's own gap between orders, or every so many days."""

    times_own_gap: float | None = Field(None, gt=0, le=10)
    days: int | None = Field(None, ge=7, le=366)
    most_contacts: int | None = Field(None, ge=1, le=53, description="In one calendar, then rest")
    say: Text

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.times_own_gap is None) == (self.days is None):
            raise ValueError("give either times_own_gap or days")
        return self


class Outcome(Rule):
    """What is assumed that acting brings: a range, never a finding."""

    of: Literal["spend", "kept", "value"]
    low: Share
    high: Share

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low = {self.low} lies above high = {self.high}")
        return self


class Limits(Part):
    """What no plan may exceed."""

    contacts_in_30_days: int = Field(ge=1, le=30)
    least_days_between: int = Field(ge=7, le=366, description="A calendar has at most one contact a week")
    most_days_between: int = Field(ge=7, le=366)
    calendar_weeks: int = Field(ge=1, le=53)
    weeks_to_wait_for_season: int = Field(ge=0, le=4)
    days_before_next_order: int = Field(ge=0, le=90)
    email_from_share: Share = Field(description="E-mail where at least so many get the fashion news")
    shop_first_below_online_share: Share
    products: int = Field(ge=1, le=12)
    tactics: int = Field(ge=1, le=5)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least_days_between > self.most_days_between:
            raise ValueError(
                f"least_days_between = {self.least_days_between} lies above "
                f"most_days_between = {self.most_days_between}"
            )
        return self


class Budget(Part):
    """How a budget is shared out."""

    by: Literal["value_90d_sum", "value_12m_sum"]
    least_share: float = Field(ge=0, le=0.1, description="For every segment, so that each can be tried")


class Owners(Part):
    """Who answers for it: the channel that leads decides."""

    email: Text
    app: Text
    shop: Text
    parcel: Text
    post: Text


class Rules(Part):
    """The whole file."""

    limits: Limits
    budget: Budget
    owners: Owners
    tone: tuple[Saying, ...]
    offer: tuple[Saying, ...]
    template: tuple[Saying, ...]
    frequency: tuple[Frequency, ...]
    retention: tuple[Saying, ...] = ()
    growth: tuple[Saying, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    tactic: tuple[Tactic, ...]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for kind in ("tone", "offer", "template", "frequency"):
            rules = getattr(self, kind)
            if not rules or rules[-1].when:
                raise ValueError(f"the last [[{kind}]] needs no `when`: it is for all whom no other is for")
        always = {"app", "shop", "post"}  # e-mail needs consent, a parcel an order
        fillers = [rule for rule in self.tactic if rule.place == "fill up" and not rule.when]
        if len({rule.theme for rule in fillers if always & set(rule.channels)}) < 2:
            raise ValueError(
                "two [[tactic]] of different themes with place = “fill up”, without `when` and with a channel that "
                "is open to everybody (app, shop or post) are needed"
            )
        for kind in ("tone", "offer", "template", "frequency", "retention", "growth", "outcome", "tactic"):
            names = [rule.name for rule in getattr(self, kind)]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two [[{kind}]] have the name “{twice[0]}”; give one another name")
        return self


def first_of(rules: tuple[R, ...], known: Known) -> R:
    """The first rule that applies; the last of a kind always does."""
    return next(rule for rule in rules if rule.applies(known))


@cache
def default() -> Rules:
    """The rules as shipped."""
    return read(DEFAULT)


def rules_of(path: Path | None) -> Rules:
    """The rules of a settings' `rules`; None: as shipped."""
    return default() if path is None else read(path)


def digest_of(path: Path | None) -> str:
    """Tells rules apart by their file's content: what other rules made is out of date. A missing file has one, too."""
    try:
        return hashlib.sha256((path or DEFAULT).read_bytes()).hexdigest()[:8]
    except OSError:
        return "unreadable"


def read(path: Path) -> Rules:
    """Read and check a rules file.

    Raises
    ------
    RulesError
        With every fault: file, place, value and way out.
    """
    way_out = f"mend it, or unset HM_RULES to use the rules as shipped ({DEFAULT.name} of the package)"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(f"The rules file {path} cannot be read ({error}); {way_out}") from error
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"The rules file {path} is not TOML ({error}); {way_out}") from error
    try:
        return Rules.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(f"  {_fault(fault, content)}" for fault in error.errors())
        raise RulesError(f"The rules file {path} has faults; {way_out}:\n{faults}") from error


def _fault(fault: Any, content: dict[str, Any]) -> str:
    """A fault as `[[tactic]] “win_back”, when: ...`."""
    place: list[str] = []
    at: Any = content
    for step in fault["loc"]:
        at = at[step] if isinstance(at, dict | list) and _holds(at, step) else None
        if isinstance(step, str):
            place.append(step)
        elif isinstance(at, dict):
            place[-1] = f"[[{place[-1]}]] “{at.get('name', f'number {step + 1}')}”"
    said = fault["msg"].removeprefix("Value error, ")
    given = at if not isinstance(at, dict | list) and at is not None else None
    value = "" if given is None else f" (given: {str(given)[:120]!r})"
    return f"{', '.join(place) or 'the file'}: {said}{value}"


def _holds(at: dict[str, Any] | list[Any], step: Any) -> bool:
    if isinstance(at, dict):
        return step in at
    return isinstance(step, int) and step < len(at)
