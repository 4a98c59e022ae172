"""`hm rules`: what it copies is right, what is wrong is named, and nobody's file is overwritten."""

from typer.testing import CliRunner

from hm_assets.cli import app

RUNNER = CliRunner()


def test_a_copy_can_be_edited_checked_and_is_never_overwritten(tmp_path):
    path = tmp_path / "own" / "rules.toml"
    assert RUNNER.invoke(app, ["rules", "--to", str(path)]).exit_code == 0
    path.write_text(path.read_text().replace("tactics = 3", "tactics = 9"))
    bad = RUNNER.invoke(app, ["rules", "--check", str(path)])
    assert bad.exit_code == 1
    assert "limits, tactics" in bad.output.replace("\n", " ") and "Traceback" not in bad.output
    path.write_text(path.read_text().replace("tactics = 9", "tactics = 2"))
    good = RUNNER.invoke(app, ["rules"], env={"HM_RULES": str(path)})
    assert good.exit_code == 0 and "no mistakes" in good.output.replace("\n", " ")
    again = RUNNER.invoke(app, ["rules", "--to", str(path)])
    assert again.exit_code == 1 and "is there already" in again.output.replace("\n", " ")
    assert "tactics = 2" in path.read_text()


def test_the_rules_as_shipped_have_no_mistakes():
    done = RUNNER.invoke(app, ["rules"])
    assert done.exit_code == 0 and "16 tactic" in done.output.replace("\n", " ")
