from hm_assets.forecasts import kept
from hm_assets.forecasts.inputs import KINDS


def test_what_all_rooms_share_is_part_of_what_a_model_is_kept_for(monkeypatch):
    before = kept.recipe("1", "quick", 0)
    assert before == kept.recipe("1", "quick", 0) and len({before, kept.recipe("1", "full", 0)}) == 2
    monkeypatch.setattr(kept, "KINDS", {name: kind for name, kind in KINDS.items() if name != "spend"})
    assert kept.recipe("1", "quick", 0) != before, "a column that a kept model would miss"
