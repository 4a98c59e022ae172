import pytest

from hm_assets.monitoring.triggers import rules

NAMES = {1: "VIP Champions", 2: "At Risk", 3: "At Risk"}
GOOD = {"name": "win-back", "when": "enters", "segment": "At Risk", "action": "file"}


@pytest.fixture
def read(tmp_path):
    def of(*entries, text=None):
        lines = [
            f"[[rules]]\n{''.join(f'{k} = {v!r}{chr(10)}' for k, v in entry.items())}" for entry in entries
        ]
        (tmp_path / rules.FILE).write_text("".join(lines) if text is None else text)
        return rules.read(tmp_path / rules.FILE, NAMES)

    return of


def test_no_file_is_no_rule(tmp_path):
    assert rules.read(tmp_path / rules.FILE, NAMES) == []


def test_a_segment_is_a_number_or_a_classic_name(read):
    by_name, by_number, nobody = read(
        GOOD, GOOD | {"name": "b", "segment": 1}, GOOD | {"name": "c", "segment": "Dormant"}
    )
    assert by_name.segments == {2, 3}
    assert by_number.segments == {1}
    assert nobody.segments == frozenset()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"when": "becomes"}, "rule 'win-back': when 'becomes' is not 'enters' or 'leaves'"),
        ({"segment": "Champs"}, r"segment 'Champs' is not a segment \(1 \(VIP Champions\)"),
        ({"segment": 9}, "segment 9 is not"),
        ({"segment": 1.5}, "segment 1.5 is not"),
        ({"action": "mail"}, "action 'mail' is not 'file' or 'webhook'"),
        ({"action": "webhook"}, "url is missing: it must be an http or https address"),
        ({"action": "webhook", "url": "ftp://x"}, "url 'ftp://x' is not"),
        ({"action": "webhook", "url": "http://[x"}, "url 'http://.x' is not"),
        ({"url": "http://x"}, "url 'http://x' is not a key of a rule with this action"),
        ({"name": "../up"}, "rule '../up': name '../up' is not up to 64 letters"),
        ({"colour": "red"}, "colour 'red' is not a key"),
    ],
)
def test_an_invalid_rule_names_rule_key_and_value(read, change, words):
    with pytest.raises(rules.RuleError, match=words):
        read(GOOD | change)


@pytest.mark.parametrize("text", ["rules = 3", "[rule]\nname = 'x'", "[[rules]\n", "rules = [1]"])
def test_a_file_that_holds_something_else_is_one_error(read, text):
    with pytest.raises(rules.RuleError, match=rules.FILE):
        read(text=text)


def test_two_rules_of_one_name_are_refused(read):
    with pytest.raises(rules.RuleError, match="two rules have the name"):
        read(GOOD, GOOD | {"name": "Win-Back"})
