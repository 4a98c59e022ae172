"""Text for files: harmless, not too long, and every assumed figure with its mark."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from hm_assets.playbooks.metrics.figure import Figure, Sentence

# Controls, and marks that turn the direction of what follows.
UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
SPACES: Final = re.compile(r"\s+")
ASSUMED: Final = " (assumption)"
# A number at the cut, unless it is (part of) a word.
HALF_NUMBER: Final = re.compile(r"\s[^\w\s]*\d[\d,.]*\s?$")
LONGEST: Final = 400
WORD: Final = 40
NAME: Final = 60
BRIEF: Final = 26


def clean(text: str) -> str:
    """On one line, without characters that are not seen."""
    lone = text.encode("utf-8", "ignore").decode("utf-8")
    return SPACES.sub(" ", UNSEEN.sub(" ", lone)).strip()


def short(text: str, most: int = LONGEST) -> str:
    """Cut to so many characters, and each word to what fits a line; a cut is marked."""
    text = " ".join(_cut(word, WORD) for word in clean(text).split(" "))
    return _cut(text, most)


def _cut(text: str, most: int) -> str:
    """The text up to so many characters; never a number without its unit, or a part of one."""
    return text if len(text) <= most else f"{HALF_NUMBER.sub('', text[: most - 1]).rstrip()}…"


def brief(name: str, others: Iterable[str]) -> str:
    """A name for a chart: what stands before its colon where that tells it from the others."""
    first = name.split(":", maxsplit=1)[0]
    alone = sum(other.split(":")[0] == first for other in others) <= 1
    return short(first if alone else name, BRIEF)


def parts(sentence: Sentence) -> Iterator[tuple[str, bool]]:
    """The texts of a sentence, and whether each is a figure; an assumed one says so unless the sentence does."""
    marked = any(isinstance(part, str) and "assum" in part.lower() for part in sentence)
    for part in sentence:
        if isinstance(part, Figure):
            yield part.text, True
            if part.assumption and not marked:
                yield ASSUMED, False
        elif part:
            # Spaces at its ends join it to the figures beside it.
            inner = short(part)
            yield f"{' ' * part[:1].isspace()}{inner}{' ' * part[-1:].isspace()}" if inner else " ", False


def written(sentence: Sentence) -> str:
    """The same as one text."""
    return "".join(text for text, _ in parts(sentence)).strip()
