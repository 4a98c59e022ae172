"""`hm campaign`: a calculator, and a check of a results file that stores nothing."""

from typer.testing import CliRunner

from hm_assets.cli import app
from hm_assets.commands import campaign

runner = CliRunner()


def test_plan_shows_what_each_share_would_show():
    rows = list(campaign.plan(0.2, 5000))
    assert rows[0] == ("500 (10%)", "4,500", "5.6 points")
    assert next(campaign.plan(1.0, 5000))[2] == "none"
    told = runner.invoke(app, ["campaign", "plan", "--base", "0.2", "--customers", "5000"])
    assert told.exit_code == 0
    assert "5.6 points" in told.stdout


def test_read_names_the_fault_in_one_line(tmp_path):
    (tmp_path / "warehouse.json").write_text(
        f'{{"source": "x", "raw": "{tmp_path}", "first_month": "2020-01", "last_month": null, "depth": "quick"}}'
    )
    arguments = ["campaign", "read", "--warehouse", str(tmp_path)]
    absent = runner.invoke(app, arguments)
    assert absent.exit_code == 1
    assert "no such file" in absent.output
    (tmp_path / "campaign_results.csv").write_text("campaign,customer_id,ordered\n2020-01,a,maybe\n")
    wrong = runner.invoke(app, arguments)
    assert wrong.exit_code == 1
    assert "line 2, column ordered: 'maybe'" in " ".join(wrong.output.split())
    (tmp_path / "campaign_results.csv").write_text("campaign,customer_id,ordered\n18,a,1\n")
    other = runner.invoke(app, arguments)
    assert other.exit_code == 0
    assert "not assigned here" in other.output
