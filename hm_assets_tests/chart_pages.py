"""What a page of charts owes its reader: axes with labels, and every chart drawn without a network."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

import pytest

WIDTHS = (1280, 390)


def titles(layout: dict, data: list) -> list[str]:
    """The axis titles of a chart that has axes."""
    if "scene" in layout:
        return [layout["scene"][axis]["title"]["text"] for axis in ("xaxis", "yaxis", "zaxis")]
    if data[0]["type"] == "pie":
        return [layout["annotations"][0]["text"]]
    return [axis["title"]["text"] for name, axis in layout.items() if re.fullmatch(r"[xy]axis\d*", name)]


def without_scripts(page: str) -> str:
    return re.sub(r"<script>.*?</script>", "", page, flags=re.S)


def opens_offline(
    path: Path, charts: int, without_axes: Collection[str] = (), without_y: Collection[str] = ()
) -> None:
    """Open the page on a desk and on a phone, without a network: every chart drawn, no error, nothing asked for.

    `without_axes` and `without_y` are charts that have no axes, or no title beside the y axis.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    errors: list[str] = []
    requests: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.set_offline(True)
            page = context.new_page()
            page.on("console", lambda message: message.type == "error" and errors.append(message.text))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-drawn]", state="attached", timeout=60_000)
            assert page.evaluate("document.documentElement.dataset.drawn") == str(charts)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for figure in page.query_selector_all("figure"):
                assert figure.query_selector("h3").inner_text().strip()
                assert "As of" in figure.query_selector("figcaption").inner_text()
            for place in page.query_selector_all("[data-chart]"):
                name = place.get_attribute("data-chart")
                assert place.query_selector_all("svg.main-svg"), name
                if name not in without_axes:
                    assert place.query_selector_all(".xtitle, .x2title"), name
                    # A narrow screen gives the room of some titles to long labels.
                    assert name in without_y or width < 600 or place.query_selector_all(".ytitle"), name
            _sorts(page)
            context.close()
        browser.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def _sorts(page) -> None:
    """A press on a heading sorts the table by it, a second one the other way; empty cells stay last."""
    for table in page.query_selector_all("table[data-sortable]"):
        body = "(table, i) => Array.from(table.tBodies[0].rows, (row) => row.cells[i].dataset.order ?? '')"
        for i, button in enumerate(table.query_selector_all("thead button")):
            before = table.evaluate(body, i)
            if not any(before):
                continue
            for descending in (True, False):
                button.evaluate("(button) => button.click()")
                found = table.evaluate(body, i)
                known = [float(value) for value in found if value]
                assert known == sorted(known, reverse=descending)
                assert not any(found[len(known) :])
