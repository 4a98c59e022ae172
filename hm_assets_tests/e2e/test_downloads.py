"""Everything that a marketer takes from the portal with a browser only, opened and held against plain SQL."""

import csv
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.playbooks.experiments.tables import AUDIENCES
from hm_assets.playbooks.strategy.tables import CALENDAR
from hm_assets.segments.tables import ASSIGNMENTS
from hm_assets.serving.published import read_published
from hm_assets.warehouse import delta
from hm_assets.warehouse.schema import Table

pytestmark = pytest.mark.slow
WINDOW = {"width": 1280, "height": 900}


def rows_of(warehouse: Path, table: Table) -> str:
    """The files of a table, for SQL: nothing of the platform stands between them and the query."""
    stored = delta.open_table(warehouse, table)
    assert stored is not None
    return f"read_parquet({delta.files_of(stored)!r}, hive_partitioning = true)"


def taken(page: Any, name: str, folder: Path) -> Path:
    """Click on a link or button and keep what comes."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=name, exact=True).or_(
            page.get_by_role("button", name=name, exact=True)
        ).first.click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_what_is_downloaded_can_be_opened_and_says_what_the_tables_say(
    address: str, chromium: str, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    warehouse = tmp_path / "warehouse"
    now = read_published(warehouse)
    bought = [segment for segment in now.segments.values() if segment.id]
    largest = max(bought, key=lambda s: (s.customers or 0, s.id))
    # A day within the campaign of the month: who is left alone in it must not be written to.
    send_on = now.as_of + dt.timedelta(7)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport=WINDOW, accept_downloads=True)
        page.goto(address)
        page.get_by_role("link", name=f"Open the playbook {largest.name}").click()
        assert page.get_by_role("heading", name="The plan", exact=True).is_visible()
        assert page.get_by_role("heading", name="What to do", exact=True).is_visible()
        page.goto(address)
        packed = taken(page, "Download all (ZIP)", tmp_path)
        found = {
            name: taken(page, name, tmp_path)
            for name in (
                *("Playbook (PDF)", "Slides (PowerPoint)"),
                *("Workbook (Excel)", "Campaign calendar (ICS)"),
            )
        }
        page.get_by_role("link", name="Build an audience").click()
        # Of a small retailer's segments none has twenty people who may be written to.
        for segment in bought:
            page.get_by_role("checkbox", name=segment.name).check()
        page.get_by_role("button", name="Count them").click()
        page.get_by_label("Name of the campaign").fill("Monday letter")
        page.get_by_label("Sent on").fill(send_on.isoformat())
        audience = taken(page, "Download the audience", tmp_path)
        browser.close()

    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        whole = {path.read_bytes() for path in found.values()}
        assert whole <= {archive.read(name) for name in archive.namelist()}
    check_pdf(found["Playbook (PDF)"], [segment.name for segment in bought])
    check_slides(found["Slides (PowerPoint)"])
    check_workbook(found["Workbook (Excel)"])
    month = f"month = DATE '{now.month}'"
    (contacts,) = query(f"SELECT sum(contacts) FROM {rows_of(warehouse, CALENDAR)} WHERE {month}")[0]
    assert found["Campaign calendar (ICS)"].read_text().count("BEGIN:VEVENT") == contacts > 0
    wanted = query(
        f"""SELECT customer_id FROM {rows_of(warehouse, ASSIGNMENTS)} SEMI JOIN
        (SELECT customer_key FROM {rows_of(warehouse, CUSTOMERS)}
         WHERE fn = 1 AND club_member_status IS DISTINCT FROM 'LEFT CLUB') USING (customer_key)
        JOIN (SELECT customer_key, customer_id FROM {rows_of(warehouse, CUSTOMERS)}) USING (customer_key)
        WHERE {month} AND segment_id <> 0 AND customer_key NOT IN
        (SELECT customer_key FROM {rows_of(warehouse, AUDIENCES)} WHERE arm = 'holdout'
         AND as_of < DATE '{send_on}' AND as_of + horizon_days::INTEGER >= DATE '{send_on}')"""
    )
    with audience.open(encoding="utf-8", newline="") as file:
        written = [row["customer_id"] for row in csv.DictReader(file)]
    assert len(written) >= 20
    assert sorted(written) == sorted(row[0] for row in wanted)


def query(text: str) -> list[Any]:
    return duckdb.connect().execute(text).fetchall()


def check_pdf(path: Path, names: list[str]) -> None:
    from pypdf import PdfReader

    text = " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())
    assert "assumption" in text.lower()
    for name in names:
        assert name.split(":")[0] in text


def check_slides(path: Path) -> None:
    from pptx import Presentation

    slides = Presentation(str(path)).slides
    assert 15 <= len(slides) <= 20
    assert sum(shape.has_chart for slide in slides for shape in slide.shapes) >= 3
    assert all(slide.has_notes_slide for slide in slides)


def check_workbook(path: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    assert {"Segments", "Strategy", "Figures", "Assumptions", "Sources", "Data dictionary"} <= set(
        book.sheetnames
    )
    assert book["Strategy"].max_row > 10
    book.close()
