import datetime as dt
import http.client
import io
import shutil
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from hm_assets.playbooks.documents import write_playbooks
from hm_assets.serving import portal
from hm_assets.serving.portal import create_app
from hm_assets.settings import Settings
from hm_assets.warehouse import identity
from hm_assets.warehouse import manifest as manifests
from hm_assets_tests.playbooks.examples import AS_OF, SOURCE, VERSIONS, rows

PLAYBOOK = "segment-0-no-purchase-yet.html"


def app_of(reports: Path, warehouse: Path) -> FastAPI:
    return create_app(Settings(warehouse=warehouse, reports=reports))


def client_of(reports: Path, warehouse: Path) -> TestClient:
    return TestClient(app_of(reports, warehouse), base_url="http://127.0.0.1", raise_server_exceptions=False)


def write_month(reports: Path, month: dt.date, as_of: dt.date) -> None:
    facts = [{**line, "as_of": as_of} for line in rows()]
    write_playbooks(facts, as_of=as_of, month=month, reports=reports, versions=VERSIONS, source=SOURCE)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    write_month(tmp_path / "reports", dt.date(2020, 8, 1), dt.date(2020, 8, 31))
    write_month(tmp_path / "reports", dt.date(2020, 9, 1), AS_OF)
    return tmp_path / "reports"


@pytest.fixture
def client(reports: Path) -> TestClient:
    return client_of(reports, reports.parent / "warehouse")


def test_before_anything_is_made_it_says_what_to_run(tmp_path: Path) -> None:
    client = client_of(tmp_path / "nothing", tmp_path / "warehouse")
    page = client.get("/")
    assert page.status_code == 200
    assert "make run" in page.text
    assert client.get("/healthz").json() == {"status": "ok", "latest_month": None}


def test_months_are_listed_latest_first_and_the_latest_is_open(client: TestClient) -> None:
    text = client.get("/").text
    assert text.index("September 2020") < text.index("August 2020")
    assert text.count('<details class="month" open>') == 1
    assert text.count('<details class="month">') == 1
    for target in (
        f"2020-09/{PLAYBOOK}",
        f"2020-09/{PLAYBOOK}?download=1",
        "2020-09.zip",
        "2020-09/segments.csv?download=1",
    ):
        assert f'href="/reports/{target}"' in text
        assert client.get(f"/reports/{target}").status_code == 200
    assert client.get("/healthz").json()["latest_month"] == "2020-09"


def test_the_source_of_the_warehouse_is_named(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "read", lambda warehouse: SimpleNamespace(source="Demo <shop>"))
    assert "Demo &lt;shop&gt;" in client.get("/").text


def test_a_broken_identity_does_not_hide_the_documents(client: TestClient, reports: Path) -> None:
    (reports.parent / "warehouse").mkdir()
    (reports.parent / "warehouse" / "warehouse.json").write_text("{")
    assert "September 2020" in client.get("/").text


def test_names_from_the_data_are_escaped(client: TestClient) -> None:
    text = client.get("/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert "<b>shop" not in text


def test_new_documents_show_without_a_restart(client: TestClient, reports: Path) -> None:
    write_month(reports, dt.date(2020, 10, 1), dt.date(2020, 10, 31))
    assert "October 2020" in client.get("/").text
    shutil.rmtree(reports / "2020-10")
    assert "October 2020" not in client.get("/").text


def test_documents_come_as_written_with_their_type(client: TestClient, reports: Path) -> None:
    page = client.get(f"/reports/2020-09/{PLAYBOOK}")
    assert page.content == (reports / "2020-09" / PLAYBOOK).read_bytes()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "content-disposition" not in page.headers
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    facts = client.get("/reports/2020-09/segments.csv?download=1")
    assert facts.headers["content-type"] == "text/csv; charset=utf-8"
    assert facts.headers["content-disposition"] == 'attachment; filename="2020-09-segments.csv"'
    assert client.head(f"/reports/2020-09/{PLAYBOOK}").status_code == 200


def test_the_zip_holds_the_files_as_they_are(client: TestClient, reports: Path) -> None:
    packed = client.get("/reports/2020-09.zip")
    assert packed.headers["content-type"] == "application/zip"
    assert packed.headers["content-disposition"] == 'attachment; filename="playbooks-2020-09.zip"'
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {path.name: path.read_bytes() for path in (reports / "2020-09").iterdir()}
    assert packed.content == client.get("/reports/2020-09.zip").content


@pytest.mark.parametrize(
    "target",
    [
        "2020-09/../2020-08/index.html",
        "2020-09/..%2F2020-08%2Findex.html",
        "2020-09/%2e%2e%2f%2e%2e%2fsecret.txt",
        "2020-09/%2E%2E",
        "2020-09/..%5C..%5Csecret.txt",
        "2020-09/%2Fetc%2Fpasswd",
        "2020-09//etc/passwd",
        "2020-09/index.html%00.txt",
        "%2e%2e/secret.txt",
        "../secret.txt",
        "..%2Fsecret.txt",
        "2020-09/notes.txt",
        "2020-09/manifest.json",
        "2020-09/",
        "2020-07/index.html",
        "2020-13/index.html",
        "2020-09%0A/index.html",
        "2020-07.zip",
        "...zip",
        "%2e%2e%2freports.zip",
    ],
)
def test_nothing_but_listed_documents_is_served(client: TestClient, reports: Path, target: str) -> None:
    (reports / "secret.txt").write_text("secret")
    (reports.parent / "secret.txt").write_text("secret")
    (reports / "2020-09" / "notes.txt").write_text("secret")
    answer = client.get(f"/reports/{target}")
    assert answer.status_code == 404 or answer.url.path == "/reports/2020-08/index.html"
    assert "secret" not in answer.text


def test_a_link_out_of_the_folder_is_not_followed(client: TestClient, reports: Path) -> None:
    (reports.parent / "secret.txt").write_text("secret")
    (reports / "2020-09" / "index.html").unlink()
    (reports / "2020-09" / "index.html").symlink_to(reports.parent / "secret.txt")
    assert client.get("/reports/2020-09/index.html").status_code == 404
    assert client.get("/reports/2020-09.zip").status_code == 404


def test_a_month_whose_manifest_cannot_be_read_does_not_hide_the_others(
    client: TestClient, reports: Path
) -> None:
    (reports / "2020-09" / "manifest.json").write_text("{")
    page = client.get("/")
    assert page.status_code == 200
    assert "The documents of 2020-09 cannot be read" in page.text
    assert "August 2020" in page.text
    assert client.get(f"/reports/2020-09/{PLAYBOOK}").status_code == 404


def test_a_fault_is_a_page_that_leads_back(client: TestClient) -> None:
    page = client.get("/reports/2020-09/<script>.html")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert 'href="/"' in page.text


@pytest.fixture
def address(reports: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app_of(reports, reports.parent), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def test_the_command_serves_what_the_settings_name(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[FastAPI, dict[str, Any]]] = []
    monkeypatch.setenv("HM_REPORTS", str(reports))
    monkeypatch.setenv("HM_WAREHOUSE", str(reports.parent / "warehouse"))
    monkeypatch.setattr(sys, "argv", ["portal", "--port", "8123"])
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
    portal.main()
    app, options = served[0]
    assert (options["host"], options["port"]) == ("127.0.0.1", 8123)
    assert TestClient(app, base_url="http://127.0.0.1").get("/healthz").json()["latest_month"] == "2020-09"


@pytest.mark.slow
@pytest.mark.parametrize(
    "target", ["2020-09/../../secret.txt", "..%2fsecret.txt", "%2e%2e/%2e%2e/etc/passwd"]
)
def test_dots_that_a_client_did_not_tidy_away_lead_nowhere(address: str, reports: Path, target: str) -> None:
    (reports.parent / "secret.txt").write_text("secret")
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    connection.request("GET", f"/reports/{target}")
    answer = connection.getresponse()
    assert answer.status == 404
    assert b"secret" not in answer.read()
    connection.close()


@pytest.mark.slow
def test_a_marketer_opens_and_downloads_a_playbook_in_a_browser(address: str, reports: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        faults: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        with page.expect_download() as archive:
            page.get_by_text("Download all (ZIP)").first.click()
        assert zipfile.is_zipfile(archive.value.path())
        with page.expect_download() as playbook:
            page.get_by_label("Download the playbook No purchase yet").first.click()
        assert Path(playbook.value.path()).read_bytes() == (reports / "2020-09" / PLAYBOOK).read_bytes()
        page.get_by_role("link", name="No purchase yet", exact=True).first.click()
        assert "9,699 customers on file" in page.locator("h1").inner_text()
        page.get_by_text("All segments").first.click()
        assert page.url.endswith("/reports/2020-09/index.html")
        browser.close()
    assert faults == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []


LAB = ("segmentation-lab.html", manifests.LAB_MANIFEST, "lab")


def add_report(
    reports: Path,
    month: str,
    as_of: dt.date,
    name: str = "eda.html",
    manifest: str = manifests.EDA_MANIFEST,
    kind: manifests.Kind = "eda",
) -> bytes:
    """A page of charts with its own manifest, as the stages that explore and segment write them."""
    page = reports / month / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<!doctype html><title>What the data say</title>")
    entry = manifests.describe(page, "What the data say", kind, "The tenth that spends most brings half.")
    found = manifests.Manifest(month, as_of, SOURCE, {"explore/questions": "q1"}, (entry,))
    manifests.write_manifest(page.parent, found, manifest)
    return page.read_bytes()


def test_the_report_of_the_data_is_listed_beside_the_playbooks(client: TestClient, reports: Path) -> None:
    assert "What the data say" not in client.get("/").text
    content = add_report(reports, "2020-09", AS_OF)
    text = client.get("/").text
    assert 'href="/reports/2020-09/eda.html">What the data say</a>' in text
    assert f'href="/reports/2020-09/{PLAYBOOK}"' in text
    assert "From explore/questions, version q1." in text
    page = client.get("/reports/2020-09/eda.html")
    assert page.content == content
    with zipfile.ZipFile(io.BytesIO(client.get("/reports/2020-09.zip").content)) as archive:
        assert {"eda.html", "eda-manifest.json", "manifest.json", PLAYBOOK} <= set(archive.namelist())


def test_the_page_of_the_lab_is_listed_too(client: TestClient, reports: Path) -> None:
    content = add_report(reports, "2020-09", AS_OF, *LAB)
    assert (
        'href="/reports/2020-09/segmentation-lab.html">How the segments were chosen</a>'
        in client.get("/").text
    )
    page = client.get("/reports/2020-09/segmentation-lab.html")
    assert page.content == content
    assert "script-src" in page.headers["content-security-policy"]
    with zipfile.ZipFile(io.BytesIO(client.get("/reports/2020-09.zip").content)) as archive:
        assert {"segmentation-lab.html", "lab-manifest.json", PLAYBOOK} <= set(archive.namelist())


def test_the_page_of_the_segments_is_listed_and_draws(client: TestClient, reports: Path) -> None:
    content = add_report(reports, "2020-09", AS_OF, "segments.html", manifests.SEGMENTS_MANIFEST, "segments")
    assert 'href="/reports/2020-09/segments.html">Who the segments are</a>' in client.get("/").text
    page = client.get("/reports/2020-09/segments.html")
    assert page.content == content
    assert "script-src" in page.headers["content-security-policy"]


def test_the_page_of_the_forecasts_is_listed_and_draws(client: TestClient, reports: Path) -> None:
    content = add_report(
        reports, "2020-09", AS_OF, "forecasts.html", manifests.FORECASTS_MANIFEST, "forecasts"
    )
    assert 'href="/reports/2020-09/forecasts.html">What customers will do</a>' in client.get("/").text
    page = client.get("/reports/2020-09/forecasts.html")
    assert page.content == content
    assert "script-src" in page.headers["content-security-policy"]


def test_only_the_page_of_charts_may_run_scripts(client: TestClient, reports: Path) -> None:
    add_report(reports, "2020-09", AS_OF)
    policies = {
        name: client.get(f"/reports/2020-09/{name}").headers["content-security-policy"]
        for name in ("eda.html", PLAYBOOK)
    }
    assert "script-src" in policies["eda.html"]
    assert "script-src" not in policies[PLAYBOOK]
    assert all(policy.startswith("default-src 'none'") for policy in policies.values())


def test_a_month_with_the_report_alone_is_shown(tmp_path: Path) -> None:
    add_report(tmp_path / "reports", "2020-09", AS_OF)
    client = client_of(tmp_path / "reports", tmp_path / "warehouse")
    text = client.get("/").text
    assert "September 2020" in text
    assert "eda.html" in text
    assert "No playbooks yet" not in text


def test_playbooks_made_again_leave_the_report_alone(client: TestClient, reports: Path) -> None:
    content = add_report(reports, "2020-09", AS_OF)
    write_month(reports, dt.date(2020, 9, 1), AS_OF)
    assert client.get("/reports/2020-09/eda.html").content == content


def test_a_playbook_stands_beside_the_passport_of_its_segment(reports: Path) -> None:
    folder = reports / "2020-09"
    passport = folder / "passport-1.html"
    passport.write_text("a passport")
    entry = manifests.describe(passport, "Passport: Recent", "passport", "It passes all 7 criteria.")
    manifest = manifests.Manifest("2020-09", AS_OF, SOURCE, {}, (entry,))
    manifests.publish(folder, manifest, manifests.PASSPORT_MANIFEST)
    text = client_of(reports, reports.parent / "warehouse").get("/").text
    assert text.count("/reports/2020-09/passport-") == 1
    playbook = text.index(next(path.name for path in folder.glob("segment-1-*.html")))
    later = [text.index(path.name) for path in folder.glob("segment-[02-9]-*.html")]
    link = text.index("/reports/2020-09/passport-1.html")
    assert playbook < link
    assert not [place for place in later if playbook < place < link]


def test_downloads_are_listed_by_form_with_their_size(client: TestClient, reports: Path) -> None:
    folder, entries = reports / "2020-09", []
    for name, title in (
        ("book.pptx", "Slides"),
        ("book.pdf", "The <b>book</b>"),
        ("dashboard.html", "Dashboard"),
    ):
        (folder / name).write_bytes(b"x" * 12_345)
        described = manifests.describe(folder / name, title, "facts", "What it says.")
        entries.append(replace(described, kind=name.partition(".")[2] if "book" in name else "dashboard"))
    found = manifests.Manifest("2020-09", AS_OF, SOURCE, {}, tuple(entries))
    manifests.write_manifest(folder, found, manifests.EDA_MANIFEST)
    text = client.get("/").text
    assert 'href="/reports/2020-09/dashboard.html">Explore the dashboard</a>' in text
    assert "The &lt;b&gt;book&lt;/b&gt;" in text
    assert text.index("book.pdf?download=1") < text.index("book.pptx?download=1")
    assert '<td>PowerPoint</td><td class="number">12 kB</td>' in text
    assert client.get("/reports/2020-09/book.pdf").headers["content-type"] == "application/pdf"
    with zipfile.ZipFile(io.BytesIO(client.get("/reports/2020-09.zip").content)) as archive:
        assert {"book.pdf", "book.pptx", "dashboard.html"} <= set(archive.namelist())
