"""A planted winner is taken, noise is not, and the words say which."""

import datetime as dt

import numpy as np
import pytest

from hm_assets.recommendations.chance import RANDOM
from hm_assets.recommendations.choice import UNJUDGED, choice_of, choose, to_take
from hm_assets.recommendations.ladder.catalogue import BESTSELLERS, DECAYED, RUNGS
from hm_assets.recommendations.measures.uncertainty import Measured
from hm_assets.recommendations.tables import SCOREBOARD
from hm_assets.recommendations.verdicts import verdict
from hm_assets.warehouse import delta

PLAIN = [BESTSELLERS, DECAYED]


def weeks(gains: dict[str, float], count: int = 8, noise: float = 0.002, seed: int = 0):
    """Average precisions of weeks that move together, and of each recommender a little by itself."""
    rng = np.random.default_rng(seed)
    together = rng.normal(0.2, 0.02, count)
    people = [rng.normal(0, 0.05, 200) for _ in range(count)]
    return {
        name: [together[w] + people[w] + gain + rng.normal(0, noise) for w in range(count)]
        for name, gain in gains.items()
    }


def test_a_planted_winner_is_taken_and_of_its_equals_the_simplest():
    gains = {BESTSELLERS: 0.0, DECAYED: 0.05, "neighbours": 0.07, "ranker": 0.0705}
    found = choose(weeks(gains), PLAIN, list(gains))
    assert found.name == "neighbours"
    assert "better than bestsellers" in found.why and "ranker has" in found.why


def test_a_winner_by_noise_is_not_taken():
    gains = {BESTSELLERS: 0.0, DECAYED: 0.05, "lucky": 0.0}
    scores = weeks(gains)
    # The best mean of all by one week.
    scores["lucky"] = [week + (0.3 if i == 4 else 0.02) for i, week in enumerate(scores[DECAYED])]
    scores["lucky"][1] = scores[DECAYED][1] - 0.05
    assert np.mean([w.mean() for w in scores["lucky"]]) > np.mean([w.mean() for w in scores[DECAYED]])
    found = choose(scores, PLAIN, list(gains))
    assert found.name == DECAYED and "lucky has" in found.why


def test_what_is_taken_is_called_no_better_where_it_is_not():
    found = choose(weeks({BESTSELLERS: 0.0, DECAYED: 0.0}), PLAIN, PLAIN)
    assert found.name == DECAYED and "no better than bestsellers" in found.why


def test_a_simpler_one_that_wins_is_taken_however_simple():
    gains = {BESTSELLERS: 0.08, DECAYED: 0.05, "ranker": 0.05}
    assert choose(weeks(gains), PLAIN, list(gains)).name == BESTSELLERS


def test_what_leaves_lists_short_is_never_taken():
    gains = {BESTSELLERS: 0.0, DECAYED: 0.05, "short": 0.2}
    assert choose(weeks(gains), PLAIN, PLAIN).name == DECAYED
    assert RANDOM.name not in to_take((RANDOM, *RUNGS)) and "repurchase" not in to_take(RUNGS)


def test_shuffled_labels_are_no_better_than_bestsellers_in_words():
    difference = Measured(0.001, -0.002, 0.004)
    assert verdict(difference, BESTSELLERS) == "no better than bestsellers"
    assert verdict(Measured(0.01, 0.002, 0.02), BESTSELLERS) == "better than bestsellers"
    assert verdict(Measured(-0.01, -0.02, -0.002), BESTSELLERS) == "worse than bestsellers"
    assert verdict(Measured(0.1), BESTSELLERS) == "one week cannot tell"


@pytest.mark.parametrize("count", [0, 1, 2])
def test_with_too_few_weeks_the_plain_one_is_taken(count):
    gains = {BESTSELLERS: 0.0, DECAYED: 0.0, "ranker": 0.5}
    found = choose(weeks(gains, count), PLAIN, list(gains))
    assert found.name == DECAYED and f"{count} past weeks" in found.why


def test_what_the_scoreboard_takes_up_to_a_month(tmp_path):
    may, june = dt.date(2019, 5, 1), dt.date(2019, 6, 1)
    assert choice_of(None, june).why == UNJUDGED
    rows = [
        {
            "week": "all",
            "recommender": name,
            "slice": "everybody",
            "metric": "map_at_12",
            "against": "",
            "weeks": 8,
            "withheld": False,
            "baseline": False,
            "shipped": shipped,
            "why": f"{name} it is",
            "month": month,
        }
        for month, name, shipped in [(may, "ranker", True), (may, "other", False), (june, "neighbours", True)]
    ]
    stored = SCOREBOARD.in_memory(rows).to_pyarrow().cast(SCOREBOARD.arrow_schema())
    delta.write(tmp_path, SCOREBOARD, stored.to_batches(), [may, june])
    board = delta.open_table(tmp_path, SCOREBOARD)
    assert choice_of(board, june).name == "neighbours"
    assert choice_of(board, may).name == "ranker" and choice_of(board, may).why == "ranker it is"
    assert choice_of(board, dt.date(2019, 4, 1)).name == DECAYED
