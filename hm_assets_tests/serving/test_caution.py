from typing import Any

import pytest

from hm_assets.serving.caution import wrong_to_say

KNOWN: dict[str, Any] = {"left_truncated": 0, "purchase_days": 9, "usual_gap_days": 20.0}


def said(
    age: int | None = 30,
    features: dict[str, Any] | None = KNOWN,
    chance: float | None = 0.9,
    confidence: float | None = 0.9,
) -> str:
    outlook = None if chance is None else {"p_order_90d": chance}
    return " ".join(wrong_to_say({"age": age}, features, outlook, confidence, "Others"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"confidence": 0.55}, "“Others” is nearly as near"),
        ({"age": None}, "How old they are"),
        ({"features": None}, "they have not bought yet"),
        ({"features": {**KNOWN, "left_truncated": 1}}, "Since when they are a customer"),
        ({"features": {**KNOWN, "purchase_days": 1}}, "That they have a habit"),
        ({"features": {**KNOWN, "usual_gap_days": None}}, "When they usually come back"),
        ({"chance": 0.5}, "close to a coin toss"),
    ],
)
def test_what_the_data_do_not_carry_is_named_and_only_then(change: dict[str, Any], words: str) -> None:
    assert words in said(**change)
    assert words not in said()


def test_drivers_are_no_causes_and_fields_that_are_not_in_data_are_named() -> None:
    assert "not causes" in said()
    assert "not causes" not in said(chance=None)
    assert "not in data" in said(chance=None, features=None, confidence=None)
