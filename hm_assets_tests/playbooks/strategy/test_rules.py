"""The rules file: what may be written in it, and what is said of what may not."""

import tomllib
from pathlib import Path

import pytest

from hm_assets.playbooks.facts import read_profiles
from hm_assets.playbooks.strategy.conditions import Known, parse
from hm_assets.playbooks.strategy.rules import DEFAULT, RulesError, default, digest_of, read, rules_of
from hm_assets.settings import Settings
from hm_assets_tests.playbooks.examples import BEST, row, segment


def known(measures: dict[str, float] | None = None, **facts: float) -> Known:
    rows = segment(1, "A group", {"customers": 100.0, **facts})
    return Known(read_profiles(rows)[0], measures or {})


@pytest.mark.parametrize(
    ("line", "facts", "holds"),
    [
        ("recency_days >= 60", {"recency_days": 60.0}, True),
        ("recency_days >= 60", {"recency_days": 59.9}, False),
        ("orders < 3", {"orders": 3.0}, False),
        ("orders index <= 75", {"orders": 4.0}, True),
        ("orders index <= 75", {"orders": 5.9}, False),
        ("recency_days index >= 150 and orders < 3", {"recency_days": 200.0, "orders": 2.0}, True),
        ("recency_days index >= 150 and orders < 3", {"recency_days": 200.0, "orders": 9.0}, False),
        ("has bought", {}, True),
        ("has not bought", {}, False),
        ("over-buys a category", {}, False),
        ("recency_days >= 60", {}, False),
        ("recency_days < 60", {}, False),
    ],
)
def test_a_condition_holds_as_it_reads_and_never_on_what_is_not_in_the_data(line, facts, holds):
    assert parse(line)(known(**facts)) is holds


def test_a_forecast_counts_where_there_is_one():
    assert parse("leaving_90d >= 0.5")(known({"leaving_90d": 0.5}))
    assert not parse("leaving_90d >= 0.5")(known())


def test_an_index_counts_only_where_the_interval_is_clear_of_all_customers():
    wide = [row(1, "Few", "recency_days", 212.0, low=80.0, high=400.0)]
    assert not parse("recency_days index >= 150")(Known(read_profiles(wide)[0]))


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = DEFAULT.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "contacts_in_30_days = 4 ",
            "contacts_in_30_days = 0 ",
            ("limits, contacts_in_30_days", "'0'", "or equal to 1"),
        ),
        (
            "contacts_in_30_days = 4 ",
            "contact_in_30_days = 4 ",
            ("limits, contact_in_30_days", "not permitted"),
        ),
        (
            "least_days_between = 7",
            "least_days_between = 90",
            ("limits", "lies above", "most_days_between = 60"),
        ),
        (
            'when = ["has not bought"]\nsay = "Welcoming',
            'when = ["recency >= 60"]\nsay = "Welcoming',
            ("[[tone]] “welcome”, when", "no fact “recency”", "recency_days"),
        ),
        (
            'when = ["has not bought"]\nsay = "Welcoming',
            'when = ["when the moon is full"]\nsay = "Welcoming',
            ("“when the moon is full” cannot be read", "recency_days >= 60"),
        ),
        (
            'because = ["+spend_365d", "+orders"]',
            'because = ["+income"]',
            ("[[tone]] “insider”, because", "income"),
        ),
        (
            'channels = ["app", "email", "shop"]',
            'channels = ["fax"]',
            ("[[tactic]]", "channels", "'fax'", "'app'"),
        ),
        ("low = 0.01\nhigh = 0.05", "low = 0.5\nhigh = 0.05", ("[[outcome]] “kept_when_gone”", "lies above")),
        ("low = 0.01\nhigh = 0.05", "low = 0.01\nhigh = 5", ("[[outcome]] “kept_when_gone”, high", "'5'")),
        (
            "days = 21\n",
            "days = 21\ntimes_own_gap = 1\n",
            ("[[frequency]] “welcome”", "either times_own_gap or days"),
        ),
        (
            'name = "friendly"\n',
            'name = "friendly"\nwhen = ["has bought"]\n',
            ("last [[tone]] needs no `when`",),
        ),
        ('name = "insider"', 'name = "friendly"', ("two [[tone]] have the name “friendly”",)),
        (
            'place = "fill up"\ntitle = "Ask',
            'place = "later"\ntitle = "Ask',
            ("“fill up”", "app, shop or post"),
        ),
        ("[limits]", "[limits", ("is not TOML",)),
    ],
)
def test_a_mistake_is_named_with_file_place_value_and_way_out(tmp_path, old, new, said):
    path = changed(tmp_path, old, new)
    with pytest.raises(RulesError) as raised:
        read(path)
    assert str(path) in str(raised.value)
    assert "HM_RULES" in str(raised.value)
    for words in said:
        assert words in str(raised.value)


def test_all_mistakes_are_named_at_once(tmp_path):
    path = changed(tmp_path, "calendar_weeks = 13", "calendar_weeks = 0")
    path.write_text(path.read_text().replace("products = 5", "products = 99"))
    with pytest.raises(RulesError, match=r"calendar_weeks[\s\S]*products"):
        read(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(RulesError, match=r"none\.toml cannot be read"):
        rules_of(tmp_path / "none.toml")
    assert digest_of(tmp_path / "none.toml") == "unreadable"


def test_a_setting_points_to_an_own_file_and_other_content_is_another_version(tmp_path, monkeypatch):
    path = changed(tmp_path, "tactics = 3", "tactics = 2")
    monkeypatch.setenv("HM_RULES", str(path))
    assert rules_of(Settings().rules).limits.tactics == 2
    assert digest_of(Settings().rules) != digest_of(None)


def test_the_rules_as_shipped_promise_nothing_and_name_no_money():
    content = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    for kind, rules in content.items():
        for rule in rules if isinstance(rules, list) else []:
            text = " ".join(str(rule.get(key, "")) for key in ("say", "title", "action", "measure", "reason"))
            assert not any(mark in text for mark in "%$€£¥"), (kind, rule["name"])
            assert "will buy" not in text and "increase" not in text, (kind, rule["name"])


def test_every_rule_as_shipped_can_apply_to_somebody():
    everybody = [known(**BEST), known({"leaving_90d": 0.2})]
    groups = [
        {
            "recency_days": 300.0,
            "bought_365d": 0.1,
            "orders": 1.0,
            "items_per_order": 1.5,
            "club_active": 0.3,
        },
        {"recency_days": 20.0, "orders": 12.0, "gap_days": 90.0, "online_share": 0.3},
        {"orders": 2.0, "bought_365d": 0.9, "fashion_news": 0.1, "club_active": 0.9},
        {"items_per_order": 5.0, "online_share": 0.9, "fashion_news": 0.9, "gap_days": 20.0},
    ]
    everybody += [known({"leaving_90d": share}, **facts) for facts in groups for share in (0.05, 0.6)]
    never = read_profiles(segment(0, "Never", {"customers": 50.0, "fashion_news": 0.1}))[0]
    everybody.append(Known(never))
    odd = {"discount_share": 0.2, "price_per_item": 0.05, "tenure_days": 50.0, "gap_days": 90.0}
    for value, base in ((1.5, 1.0), (0.5, 1.0)):
        rows = [
            row(1, "G", f, value * x, 100 * value / base, base=x, kind="behaviour") for f, x in odd.items()
        ]
        everybody.append(Known(read_profiles(rows)[0]))
    rows = [row(1, "G", "Dress", 0.02, 200, low=150, high=250)]
    everybody.append(Known(read_profiles(rows)[0]))
    rules = default()
    for kind in ("tone", "offer", "template", "frequency", "retention", "growth", "outcome", "tactic"):
        for rule in getattr(rules, kind):
            assert any(rule.applies(each) for each in everybody), (kind, rule.name)
