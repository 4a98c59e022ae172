"""Article text: one readable text per product, and what counts as a word in it.

A product (`product_code`) is described once and sold in several colours, so texts are taken per product: counted
per article, a shirt in ten colours would weigh ten times. Where its articles differ in a name or an attribute, the
value that most of them carry speaks for the product (of equally frequent ones the first in the alphabet).

Only what is listed in `NAME`, `DESCRIPTION` and `ATTRIBUTES` ever enters a text, all of it about the article and
none about customers. A value that says "unknown" is null by then (`facts.py`) and gives no word.
"""

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DESCRIPTION, NAME = "detail_desc", "prod_name"
# Attributes of a product that are worth words; colours differ between the articles of one product.
ATTRIBUTES = (
    "product_type_name",
    "product_group_name",
    "graphical_appearance_name",
    "department_name",
    "index_name",
    "section_name",
    "garment_group_name",
)
FIELDS = (DESCRIPTION, NAME, *ATTRIBUTES)

LONGEST_TEXT = 10_000
# Letters and digits of any script, hyphens, apostrophes and fractions inside, two characters or more, one of them a
# letter: v-neck, t-shirt, 3-pack, 3/4-length, men's, but neither 100 nor a lone v.
_JOINT = r"(?:['-](?=[^\W_])|(?<=\d)/(?=\d))"
WORD = rf"(?<![^\W_])(?=[\w'/-]{{2}})(?=\d*(?:{_JOINT}\d*)*[^\W\d_])[^\W_]+(?:{_JOINT}[^\W_]+)*"

_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL | re.IGNORECASE)
_ALIKE = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2019": "'", "\u2018": "'", "\u2044": "/"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
_WORDS = re.compile(WORD)


@dataclass(frozen=True)
class Document:
    """A product: its usual values by column (null where unknown), and its text, `cut` where more was delivered."""

    product_code: str
    articles: int
    values: Mapping[str, str | None]
    text: str
    cut: bool

    @property
    def words(self) -> int:
        """Words in the text, repeated ones counted again."""
        return len(words(self.text))


def clean(text: str | None) -> str:
    """One line of plain text: markup, entities and invisible characters gone, compatibility forms unified (NFKC).

    Of a text longer than 10,000 characters the first 10,000 are read.
    """
    if not text:
        return ""
    plain = _MARKUP.sub(" ", html.unescape(text[:LONGEST_TEXT]))
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain)).translate(_ALIKE)
    return " ".join(plain.split())


def words(text: str) -> list[str]:
    """The words of a clean text in lower case, in order.

    >>> words("V-neck T-shirt, 3-pack in 100 % cotton")
    ['v-neck', 't-shirt', '3-pack', 'in', 'cotton']
    """
    return _WORDS.findall(text.lower())


def told(description: str | None, whole: str) -> str:
    """What topics are made from: the description, or the whole text of a product without one.

    Names and attributes bring their own words into the topics, which then restate the columns; docs/real-data.md
    has the figures.
    """
    return description or whole


def documents(articles: Iterable[Mapping[str, Any]], fields: Sequence[str] = FIELDS) -> list[Document]:
    """One document per product code, in the order of the codes.

    Parameters
    ----------
    articles
        Rows of `articles/articles`, in any order.
    fields
        The columns whose values make the text, in this order.
    """
    values: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    counts: Counter[str] = Counter()
    for row in articles:
        code = row["product_code"]
        counts[code] += 1
        for name in FIELDS:
            if row[name] is not None:
                values[code][name][row[name]] += 1
    return [_document(code, counts[code], values[code], fields) for code in sorted(counts)]


def _document(code: str, articles: int, found: Mapping[str, Counter[str]], fields: Sequence[str]) -> Document:
    usual = {name: min(seen, key=lambda value: (-seen[value], value)) for name, seen in found.items()}
    values = {name: clean(usual.get(name)) or None for name in FIELDS}
    parts = [value.rstrip(".") for name in fields if (value := values[name])]
    return Document(
        code, articles, values, ". ".join(parts), any(len(value) > LONGEST_TEXT for value in usual.values())
    )
