"""`hm audience`: what it prints, the files it writes, and one line for what cannot be."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from hm_assets.cli import app
from hm_assets.warehouse import identity
from hm_assets_tests.playbooks.audience import shop


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command") / "wh"
    shop.fill(folder)
    identity.claim(folder, "a test", folder, (shop.AS_OF, shop.AS_OF), "quick", shop.AS_OF)
    return folder


@pytest.fixture
def hm(made, tmp_path, monkeypatch):
    shutil.copytree(made, tmp_path / "wh")
    monkeypatch.setenv("HM_WAREHOUSE", "")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        return CliRunner().invoke(
            app, ["audience", "--warehouse", str(tmp_path / "wh"), *map(str, arguments)]
        )

    return run


def test_it_tells_size_value_ages_and_overlap_and_writes_nothing(hm, tmp_path):
    result = hm("--where", "segment=1", "--overlap", "optin", "--overlap", "segment=2")
    assert result.exit_code == 0, result.output
    for said in (
        "can be reached by e-mail, of",
        "At stake: an expected spend of",
        "Age:",
        "A: segment=1",
        "C: segment=2",
    ):
        assert said in result.output
    assert not (tmp_path / "wh" / "exports").exists()


def test_it_writes_the_file_and_its_manifest_into_a_folder(hm, tmp_path):
    rule = tmp_path / "rule.json"
    rule.write_text('{"all": [{"field": "segment", "values": ["1"]}, {"field": "optin"}]}')
    result = hm("--rule", rule, "--name", "Spring sale", "--to", tmp_path / "out", "--layout", "hubspot")
    assert result.exit_code == 0, result.output
    made = json.loads((tmp_path / "out" / "spring-sale-hubspot.csv.manifest.json").read_text())
    lines = (tmp_path / "out" / "spring-sale-hubspot.csv").read_text().splitlines()
    assert made["rows"] == len(lines) - 1 and made["rule"] == "segment=1 and optin"
    assert "E-mail addresses are not in the data" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a rule"),
        (["--where", "optin", "--rule", "x.json"], "give a rule"),
        (["--rule", "none.json"], "none.json cannot be read"),
        (["--where", "age>3"], "age is no filter"),
        (["--where", "optin", "--to", "a.csv"], "the name of an audience"),
        (["--where", "optin", "--send-on", "2020-13-01"], "is no day"),
        (["--where", "optin", "--month", "2031-01"], "has no segments"),
        (["--where", "optin", "--by", "fax"], "no way of writing"),
        (["--where", "optin", "--cap", "0"], "a cap of 0"),
    ],
)
def test_what_cannot_be_is_one_line(hm, arguments, said):
    result = hm(*arguments)
    assert result.exit_code == 1 and said in result.output and "Traceback" not in result.output


def test_it_lists_what_a_rule_may_ask_about(hm):
    result = hm("--fields")
    assert result.exit_code == 0 and "Socks & Tights" in result.output and "churn" in result.output
