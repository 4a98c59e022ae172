"""The finding of a page in a sentence: text, and the facts whose figures it says."""

from collections.abc import Sequence
from dataclasses import dataclass

from hm_assets.playbooks.facts import Fact, Field, Profile


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence; with a fact it is that fact's figure in words."""

    text: str
    fact: Fact | None = None
    field: Field = "value"


def headline(profile: Profile) -> list[Piece]:
    """The finding of a playbook in a sentence."""
    if not profile.has_bought:
        return _headline_without_purchase(profile)
    pieces = _size(profile)
    spend = profile.get("share_of_spend_365d")
    if spend is not None:
        pieces += [Piece(", "), Piece(spend.written(), spend), Piece(" of the year’s spend")]
    return [*pieces, *_rhythm(profile), Piece(".")]


def plain(pieces: Sequence[Piece]) -> str:
    """The sentence as text."""
    return "".join(piece.text for piece in pieces)


def overview_headline(profiles: list[Profile]) -> list[Piece]:
    """Who brings most spend for their number."""
    pairs = [
        (spend, share, profile)
        for profile in profiles
        if (spend := profile.get("share_of_spend_365d")) and (share := profile.get("share_of_customers"))
    ]
    if not pairs:
        return [Piece("The segments of this month.")]
    spend, share, profile = max(pairs, key=lambda pair: pair[0].value - pair[1].value)
    in_words = one_in(share.value)
    size = (
        [Piece(in_words[:1].lower() + in_words[1:], share)] if in_words else [Piece(share.written(), share)]
    )
    ending = Piece(f"{' customers' if in_words else ' of customers'}: “{profile.name}”.")
    return [Piece(spend.written(), spend), Piece(" of the year’s spend comes from "), *size, ending]


def _headline_without_purchase(profile: Profile) -> list[Piece]:
    customers, news = profile.get("customers"), profile.get("fashion_news")
    if customers is None:
        pieces = [Piece("Customers on file who have not bought yet")]
    elif customers.value == 1:
        pieces = [Piece("1", customers), Piece(" customer on file has not bought yet")]
    else:
        pieces = [Piece(customers.written(), customers), Piece(" customers on file have not bought yet")]
    if news is not None:
        pieces += [Piece("; "), Piece(news.written(), news), Piece(" of them get the fashion news")]
    return [*pieces, Piece(".")]


def _size(profile: Profile) -> list[Piece]:
    share, customers = profile.get("share_of_customers"), profile.get("customers")
    if share is not None:
        in_words = one_in(share.value)
        return [
            Piece(in_words or share.written(), share),
            Piece(" customers" if in_words else " of customers"),
        ]
    if customers is not None:
        return [
            Piece(customers.written(), customers),
            Piece(" customer" if customers.value == 1 else " customers"),
        ]
    return [Piece("A group whose size is not in data")]


def _rhythm(profile: Profile) -> list[Piece]:
    recency, orders = profile.get("recency_days"), profile.get("orders")
    pieces: list[Piece] = []
    if recency is not None:
        pieces += [
            Piece("; they last bought "),
            Piece(recency.written(), recency),
            Piece(" ago at the median"),
        ]
    if orders is not None:
        joint = ", and ordered " if recency is not None else "; they ordered "
        pieces += [Piece(joint), Piece(*_how_often(orders)), Piece(" in all")]
    return pieces


def _how_often(orders: Fact) -> tuple[str, Fact]:
    word = {1.0: "once", 2.0: "twice"}.get(orders.value)
    return word or f"{orders.written()} times", orders


def one_in(share: float) -> str | None:
    """A share as `1 in 5` where that is true to 7 %, else None."""
    if not 0.05 <= share <= 0.55:
        return None
    count = round(1 / share)
    off = abs(share * count - 1)
    if off > 0.07:
        return None
    return f"1 in {count}" if off <= 0.02 else f"About 1 in {count}"
