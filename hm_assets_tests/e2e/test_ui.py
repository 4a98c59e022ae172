"""The servers that `hm ui` starts: Dagster's webserver and daemon, and the portal, on real ports."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from hm_assets_tests.conftest import hm_command, user_environment

pytestmark = pytest.mark.slow

LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
STATUS = "query Status($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
SENSORS = """
query { sensorsOrError(repositorySelector:
  {repositoryName: "__repository__", repositoryLocationName: "hm_assets"})
  { ... on Sensors { results { name sensorState { status } } } } }
"""
ASSETS = """
query { assetNodes {
  assetKey { path } groupName kinds description owners { ... on TeamAssetOwner { team } }
} }
"""


class Servers:
    """A running `hm ui`."""

    def __init__(self, process: subprocess.Popen[str], port: int, portal: int) -> None:
        self.process, self.port, self.portal = process, port, portal

    def ask(self, query: str, **variables: object) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@pytest.fixture(scope="module")
def servers(tmp_path_factory, finished):
    warehouse = tmp_path_factory.mktemp("ui") / "warehouse"
    shutil.copytree(finished, warehouse)
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    process = subprocess.Popen(
        hm_command(
            "ui", "--warehouse", warehouse, "--port", ports[0], "--portal-port", ports[1], "--no-browser"
        ),
        env=user_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seen = ""
    while "Stop with" not in seen:
        line = process.stdout.readline()
        seen += line
        assert line, seen
    yield Servers(process, *ports)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"port {port} is still served after the end"


def wait_for(question, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.5)
    raise AssertionError("waited in vain")


def test_the_graph_is_there_with_groups_kinds_owners_and_descriptions(servers):
    nodes = servers.ask(ASSETS)["assetNodes"]
    groups = {node["groupName"] for node in nodes}
    assert groups == {
        "sources",
        "raw",
        "customers",
        "articles",
        "features",
        "explore",
        "segments",
        "profiles",
        "forecasts",
        "recommendations",
        "playbooks",
        "monitoring",
    }
    for node in nodes:
        assert node["description"], node
        assert node["kinds"], node
        assert node["owners"], node


def test_the_sensors_run(servers):
    states = {
        s["name"]: s["sensorState"]["status"] for s in servers.ask(SENSORS)["sensorsOrError"]["results"]
    }
    names = ("landing", "automation", "run_incidents", "landing_incidents", "unsent_triggers")
    assert states == dict.fromkeys(names, "RUNNING")


def test_an_asset_is_materialised_over_graphql(servers):
    launched = servers.ask(
        LAUNCH,
        params={
            "selector": {
                "repositoryLocationName": "hm_assets",
                "repositoryName": "__repository__",
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [{"path": ["articles", "articles"]}],
            },
            "mode": "default",
            "runConfigData": {},
        },
    )["launchPipelineExecution"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run = launched["run"]["runId"]

    def ended():
        status = servers.ask(STATUS, id=run)["runOrError"]["status"]
        return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

    assert wait_for(ended) == "SUCCESS"


def test_the_lineage_is_drawn_by_stage(servers, chromium, tmp_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(f"http://127.0.0.1:{servers.port}/asset-groups")
        for group in ("raw", "features", "segments", "playbooks"):
            page.get_by_text(group, exact=True).first.wait_for(timeout=60_000)
        page.screenshot(path=tmp_path / "lineage.png")
        page.goto(f"http://127.0.0.1:{servers.port}/assets/features/customer_features")
        page.get_by_text("recency_days", exact=True).first.wait_for(timeout=60_000)
        page.get_by_text("as_of minus the last day with a purchase").first.wait_for(timeout=60_000)
        browser.close()
    assert (tmp_path / "lineage.png").stat().st_size > 20_000


def test_the_portal_gives_the_playbooks(servers):
    home = urllib.request.urlopen(f"http://127.0.0.1:{servers.portal}/").read().decode()
    pages = re.findall(r'href="(/reports/2019-06/segment-[^"?]+\.html)"', home)
    assert len(pages) >= 3
    page = urllib.request.urlopen(f"http://127.0.0.1:{servers.portal}{pages[0]}").read().decode()
    assert "profiles/segment_profiles" in page


def test_a_taken_port_is_named_with_the_way_out(servers, hm, tmp_path):
    result = hm("ui", "--warehouse", tmp_path / "other", "--port", servers.port, "--no-browser")
    assert result.returncode == 1
    assert f"port {servers.port} is taken" in result.stderr
    assert "--port" in result.stderr
