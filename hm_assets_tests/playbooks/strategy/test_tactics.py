import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hm_assets.playbooks.facts import Profile, read_profiles
from hm_assets.playbooks.strategy.rules import default
from hm_assets.playbooks.strategy.tactics import LEAST, MOST, Tactic, tactics_for
from hm_assets_tests.playbooks.examples import BEST, KINDS, LAPSED, NEVER, row, segment

RULES = default().tactic
NEWS_IS_COMMON = default().limits.email_from_share


def profile_of(facts: dict[str, float], segment_id: int = 1, **categories: float) -> Profile:
    rows = segment(segment_id, "A group", {"customers": 100.0, **facts})
    rows += [
        row(segment_id, "A group", name, 0.02, index, low=index - 20, high=index + 20)
        for name, index in categories.items()
    ]
    return read_profiles(rows)[0]


def rules_of(profile: Profile) -> list[str]:
    return [tactic.rule for tactic in tactics_for(profile)]


figures = {
    name: st.floats(0, 1) if unit == "share" else st.floats(0, 1e6, allow_subnormal=False)
    for name, (_, unit, _) in KINDS.items()
}
profiles = st.builds(
    profile_of,
    st.fixed_dictionaries({}, optional=figures),
    st.sampled_from([0, 1, 7]),
    **{"Dress": st.floats(0, 1000), "Hair clip": st.floats(0, 1000)},
)


@given(profiles)
@example(profile_of({}))
@example(profile_of({}, segment_id=0))
@example(profile_of(BEST))
def test_every_group_gets_three_to_five_different_tactics(profile: Profile) -> None:
    tactics = tactics_for(profile)
    assert LEAST <= len(tactics) <= MOST
    assert len({tactic.title for tactic in tactics}) == len(tactics)
    assert all(tactic.why and tactic.measure and tactic.channels for tactic in tactics)
    assert not any("{" in tactic.action for tactic in tactics)


@given(profiles)
def test_email_is_advised_only_where_most_get_the_fashion_news(profile: Profile) -> None:
    news = profile.value("fashion_news")
    if news is None or news < NEWS_IS_COMMON:
        assert not any("email" in tactic.channels for tactic in tactics_for(profile))
    if news is not None and news < NEWS_IS_COMMON:
        assert "ask_consent" in rules_of(profile)


@given(profiles)
def test_no_two_tactics_share_a_theme(profile: Profile) -> None:
    themes = {rule.name: rule.theme for rule in RULES}
    chosen = [themes[name] for name in rules_of(profile)]
    assert len(set(chosen)) == len(chosen)


@given(profiles)
def test_a_group_without_a_purchase_gets_no_advice_on_purchases(profile: Profile) -> None:
    if not profile.has_bought:
        assert rules_of(profile)[0] == "welcome"
        assert not {"win_back", "vip_service", "feature_categories", "one_more_piece"} & set(
            rules_of(profile)
        )
        assert not any("parcel" in tactic.channels for tactic in tactics_for(profile))


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        ({"recency_days": 212.0}, "win_back"),
        ({"bought_365d": 0.3}, "win_back"),
        ({"bought_365d": 0.95, "orders": 2.0, "recency_days": 40.0}, "second_purchase"),
        ({"recency_days": 12.0, "orders": 24.0}, "keep_the_rhythm"),
        ({"spend_365d": 0.7}, "vip_service"),
        ({"items_per_order": 5.0}, "whole_outfits"),
        ({"items_per_order": 2.0}, "one_more_piece"),
        ({"online_share": 0.9}, "online_first"),
        ({"online_share": 0.2}, "shop_first"),
        ({"fashion_news": 0.2}, "ask_consent"),
        ({"fashion_news": 0.8}, "newsletter"),
        ({"club_active": 0.6}, "join_the_club"),
        ({}, "ask_taste"),
    ],
)
def test_each_fact_calls_for_its_tactic(facts: dict[str, float], first: str) -> None:
    assert rules_of(profile_of(facts))[0] == first


def test_a_difference_whose_interval_touches_the_base_calls_for_nothing() -> None:
    wide = [row(1, "Few customers", "recency_days", 212.0, low=80.0, high=400.0)]
    assert "win_back" not in rules_of(read_profiles(wide)[0])


def test_nobody_is_won_back_after_a_few_days_where_everybody_buys_daily() -> None:
    grocery = [row(1, "Every ten days", "recency_days", 10.0, 200.0, base=5.0)]
    assert "win_back" not in rules_of(read_profiles(grocery)[0])


def test_consent_that_the_source_does_not_record_is_not_taken_for_refusal() -> None:
    unrecorded = [row(1, "Group", "fashion_news", 0.0, base=0.0, index_to_base=None)]
    assert "ask_consent" not in rules_of(read_profiles(unrecorded)[0])
    assert not any("email" in tactic.channels for tactic in tactics_for(read_profiles(unrecorded)[0]))


def test_categories_are_named_best_first_and_three_at_most() -> None:
    tactic = next(
        tactic
        for tactic in tactics_for(profile_of({}, Scarf=190, Dress=300, Belt=200, Skirt=250))
        if tactic.rule == "feature_categories"
    )
    assert "Dress, Skirt and Belt" in tactic.action
    assert tactic.why == "Dress: index 300 (280–320); Skirt: index 250 (230–270); Belt: index 200 (180–220)"


def test_a_reason_is_cited_only_where_it_points_the_rules_way() -> None:
    tactic = tactics_for(profile_of({"recency_days": 212.0, "bought_365d": 0.9}))[0]
    assert [fact.name for fact in tactic.because] == ["recency_days"]
    assert tactic.why == "Last order: 212 days (210–214), all customers 85 days"


def test_the_shop_leads_where_most_orders_are_placed_there() -> None:
    tactics = tactics_for(profile_of({"online_share": 0.2, "club_active": 0.5, "fashion_news": 0.2}))
    assert all(tactic.channels[0] == "shop" for tactic in tactics if "shop" in tactic.channels)


def test_no_rule_promises_an_effect_or_names_money() -> None:
    for rule in RULES:
        text = " ".join((rule.title, rule.action, rule.measure, rule.reason))
        assert not re.search(
            r"[%$€£¥]|\bper ?cent\b|\bpercent|\bkr\b|\bdollar|\beuro", text, re.IGNORECASE
        ), rule.name


@pytest.mark.parametrize("facts", [BEST, LAPSED, NEVER])
def test_the_same_facts_give_the_same_list(facts: dict[str, float]) -> None:
    first: list[Tactic] = tactics_for(profile_of(facts))
    assert first == tactics_for(profile_of(dict(reversed(facts.items()))))
