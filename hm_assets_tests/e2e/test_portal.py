"""The portal on a finished warehouse, with a browser only; and every customer of it, placed online."""

import zipfile
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from hm_assets.customers.tables import CUSTOMERS
from hm_assets.raw.tables import TRANSACTIONS
from hm_assets.recommendations.lists_for.tables import CUSTOMERS as LISTS
from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving import products
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.preprocess import PURCHASES
from hm_assets.serving.published import rows_of
from hm_assets.warehouse import delta

pytestmark = pytest.mark.slow


def test_every_customer_is_placed_and_served_as_in_the_tables(finished: Path) -> None:
    pipeline = CustomerSegmentationPipeline.load_model(finished)
    now = pipeline.published
    stored = delta.open_table(finished, TRANSACTIONS)
    assert stored is not None
    lines = ds.dataset(delta.files_of(stored)).to_table(
        columns=PURCHASES.names, filter=ds.field("t_dat") <= now.as_of
    )
    online = {
        row["customer_key"]: row for row in pipeline.predict_segment(pipeline.preprocess(lines)).to_pylist()
    }
    offline = [r for r in rows_of(finished, ASSIGNMENTS, now.month) if r["segment_id"] != NO_PURCHASE]
    assert len(offline) == len(online) > 100
    for row in offline:
        found = online[row["customer_key"]]
        assert all(found[name] == row[name] for name in ("segment_id", "runner_up", "sub_segment"))
        assert found["confidence"] == pytest.approx(row["confidence"], abs=1e-9)
    listed: dict[int, list[str]] = {}
    for row in rows_of(finished, LISTS, now.month):
        listed.setdefault(row["customer_key"], []).append(row["article_id"])
    for person in rows_of(finished, CUSTOMERS)[:25]:
        found, _ = products.of_customer(finished, person["customer_id"]) or ([], None)
        assert sorted(each["article_id"] for each in found) == sorted(listed[person["customer_key"]])


def test_a_marketer_needs_a_browser_only(address: str, finished: Path, chromium: str, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    customer = next(row for row in rows_of(finished, CUSTOMERS))["customer_id"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 390, "height": 844})
        faults: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))

        def fits() -> None:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url

        page.goto(address)
        fits()
        with page.expect_download() as archive:
            page.get_by_text("Download all (ZIP)").first.click()
        archive.value.save_as(tmp_path / "all.zip")
        with zipfile.ZipFile(tmp_path / "all.zip") as packed:
            assert packed.testzip() is None
            assert "manifest.json" in packed.namelist()
        page.get_by_text("Open", exact=True).first.click()
        assert page.locator("h1").inner_text()
        page.goto(address)
        page.get_by_role("link", name="Segments", exact=True).click()
        fits()
        page.locator("tbody a").first.click()
        assert page.get_by_role("heading", name="Figures").is_visible()
        fits()
        page.get_by_role("link", name="Customers", exact=True).click()
        page.get_by_label("The retailer's id").fill(customer)
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/*")
        assert page.get_by_role("heading", name="What would be wrong to say").is_visible()
        fits()
        page.get_by_role("link", name="Launch matcher").click()
        assert page.get_by_label("Description").is_visible()
        fits()
        browser.close()
    assert faults == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
