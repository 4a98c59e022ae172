"""The tab of one segment, chosen from a list: who they are, beside all customers, and what follows."""

from dataclasses import replace

from hm_assets.playbooks.dashboard import beside, sheets
from hm_assets.playbooks.dashboard.month import Told
from hm_assets.playbooks.dashboard.parts import Bare, Choice, Choices, Tab, View
from hm_assets.playbooks.dashboard.tastes import BESIDE, tastes
from hm_assets.playbooks.facts import ASSET as PROFILES
from hm_assets.playbooks.metrics.figure import Figure, Sentence
from hm_assets.playbooks.strategy.tables import PARTS
from hm_assets.profiles.page import links, pictures_of_facts
from hm_assets.profiles.wording import WORDINGS
from hm_assets.segments.tables import NO_PURCHASE
from hm_assets.warehouse.charts import Chart, NotEnough

STATED = (
    "customers",
    "share_of_customers",
    "share_of_spend_365d",
    "recency_days",
    "orders_365d",
    "spend_365d",
)
SAID = {
    "defining": "What tells them apart",
    "strength": "Strengths",
    "pain": "Pains",
    "opportunity": "Opportunities",
}
# What the strategy says that these do not.
PLANNED = ("channel", "tone", "offer", "frequency", "product", "tactic", "outcome", "budget")
NEXT = "What they will do next (80 % intervals)"


def tab(told: Told) -> Tab:
    """The tab."""
    month = told.month
    last = [NO_PURCHASE] if NO_PURCHASE in month.names else []
    return Tab(
        "segment",
        "One segment",
        "One segment, beside all customers",
        "Choose a segment: who they are, what they have more and less of than all customers, and what they will do.",
        parts=[Choices("segment", "Segment", [_of(told, i) for i in [*month.ids, *last]])],
    )


def _of(told: Told, segment: int) -> Choice:
    month, name = told.month, told.month.names[segment]
    said: dict[str, list[Sentence]] = {words: told.said(segment, kind) for kind, words in SAID.items()}
    said[NEXT] = list(told.expected.get(str(segment), ()))
    for part in PLANNED:
        said[PARTS[part]] = told.planned(segment, part)
    figures = [
        (WORDINGS[fact].label, figure, WORDINGS[fact].what)
        for fact in STATED
        if isinstance(figure := told.cell(segment, fact), Figure)
    ]
    more = [("Playbook", links.playbook(segment, _full_name(told, segment)))]
    if segment != NO_PURCHASE:
        more.append(("Passport", links.passport(segment)))
    who = told.said(segment, "who")
    return Choice(
        str(segment),
        name,
        [part for sentence in who for part in (*sentence, " ")],
        figures,
        {words: sentences for words, sentences in said.items() if sentences},
        _views(told, segment) if segment in month.ids else [_table(told, segment)],
        more,
    )


def _views(told: Told, segment: int) -> list[View]:
    month = told.month
    radar = next(
        (block for block in pictures_of_facts.radars(month) if block.name == f"radar_{segment}"), None
    )
    found, bought = [], tastes(told, segment)
    if isinstance(radar, Chart):
        alone = isinstance(bought.picture, NotEnough)
        found.append(View(replace(radar, height=BESIDE, wide=alone), sheets.spokes(told, segment)))
    found.append(bought)
    bars = beside.one(month, segment)
    found.append(View(bars, None if isinstance(bars, NotEnough) else sheets.profile(told, segment)))
    if isinstance(bars, NotEnough):
        found.append(_table(told, segment))
    return found


def _table(told: Told, segment: int) -> View:
    called = told.month.short(segment)
    picture = Bare(
        f"profile_{segment}",
        f"All that is known of {called}",
        (PROFILES,),
        f"n = {told.sizes.get(segment, 0):,} customers",
    )
    return View(picture, sheets.profile(told, segment))


def _full_name(told: Told, segment: int) -> str:
    """The file is named after the whole name."""
    return told.full_names.get(segment, told.month.names[segment])
