"""The dashboard in a browser without a network: by keyboard, on a phone, without a script, on paper."""

import csv
import io
import shutil
from pathlib import Path

import pypdf
import pytest

from hm_assets.playbooks.dashboard import report
from hm_assets_tests.playbooks.dashboard import months

ATTACK = "</option><script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
NAMES = {0: "No purchase yet", 1: f"{ATTACK}: recent", 2: "=1+1 \U0001f457", 3: "x" * 10_000}
TABS = ("overview", "segment", "differences", "comparison", "impact", "movement", "validity")
DESK, PHONE = (1280, 900), (360, 740)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return report.write_dashboard(
        months.told(names=NAMES),
        reports=tmp_path_factory.mktemp("reports"),
        versions=months.VERSIONS,
        source="a made-up shop",
    )


class Opened:
    """The page in a window of a size, with all that it complained of or asked for."""

    def __init__(self, browser, path, size, scripts=True):
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, accept_downloads=True
        )
        self.context.set_offline(True)
        self.page, self.faults = self.context.new_page(), []
        self.page.on("console", lambda said: said.type == "error" and self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.page.goto(path.as_uri())
        if scripts:
            self.page.wait_for_selector("html[data-drawn]", state="attached", timeout=60_000)

    def _asked(self, url):
        if not url.startswith(("file:", "data:", "blob:")):
            self.faults.append(url)

    def __enter__(self):
        return self.page

    def __exit__(self, kind, *_):
        hit = self.page.evaluate("window.hit") if kind is None and not self.faults else None
        self.context.close()
        assert kind or not self.faults, self.faults
        assert hit is None


def shown(page):
    return page.eval_on_selector_all(".panel", "panels => panels.filter(p => !p.hidden).map(p => p.id)")


def downloaded(page, view, button):
    with page.expect_download() as waited:
        page.click(f'[data-view="{view}"] {button}')
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def sheet(page, view):
    """The table as it is seen: a figure exactly, other text as it is."""
    return page.eval_on_selector_all(
        f'[data-view="{view}"] tr',
        """rows => rows.filter(row => !row.hidden).map(row => Array.from(row.cells).filter(c => !c.hidden).map(c => {
            const figure = c.querySelector('[data-value]');
            if (figure && figure.previousSibling === null) { return figure.dataset.value; }
            return c.textContent.trim().replace(/\\u00a0/g, ' ');
        }))""",
    )


def test_each_tab_opens_by_keyboard_and_draws_its_pictures(browser, path):
    with Opened(browser, path, DESK) as page:
        page.focus("#tab-overview")
        assert page.get_attribute("nav.tabs", "role") == "tablist"
        for place, name in enumerate(TABS):
            assert shown(page) == [name]
            assert page.evaluate("document.activeElement.id") == f"tab-{name}"
            assert page.get_attribute(f"#tab-{name}", "aria-selected") == "true"
            assert page.locator("[role=tab][tabindex='0']").count() == 1
            assert page.get_attribute(f"#{name}", "aria-labelledby") == f"tab-{name}"
            waiting = f"#{name} .plot:visible:not(:has(svg.main-svg))"
            page.locator(waiting).first.wait_for(state="hidden", timeout=20_000)
            page.keyboard.press("ArrowRight" if place < len(TABS) - 1 else "Home")
        assert shown(page) == ["overview"]
        page.keyboard.press("ArrowLeft")
        assert shown(page) == ["validity"]
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def test_a_list_chooses_a_segment_and_boxes_choose_several(browser, path):
    with Opened(browser, path, DESK) as page:
        page.click("#tab-segment")
        page.select_option("#choose-segment", "3")
        seen = page.eval_on_selector_all(
            "#segment .choice", "all => all.filter(c => !c.hidden).map(c => c.dataset.choice)"
        )
        assert seen == ["3"]
        page.wait_for_selector('[data-chart="beside_3"] svg.main-svg')
        assert "is shown" in page.inner_text("#announced")

        page.click("#tab-comparison")
        page.wait_for_selector('[data-chart="radar"] svg.main-svg')
        visible = """() => document.querySelector('[data-chart="radar"]').data
            .filter(t => t.meta !== undefined && t.visible !== false).map(t => t.meta).sort()"""
        assert page.evaluate(visible) == [1, 2, 3]
        page.uncheck('[data-several] input[value="2"]')
        page.wait_for_function(f"({visible})().length === 2")
        assert page.evaluate(visible) == [1, 3]
        assert len(sheet(page, "side_by_side")[0]) == 4  # the fact, two segments, all customers


def test_files_are_what_is_seen(browser, path):
    with Opened(browser, path, DESK) as page:
        name, content = downloaded(page, "key_figures", "[data-csv]")
        assert name == "dashboard-2020-09-key_figures.csv"
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        seen = sheet(page, "key_figures")
        assert [[cell.removeprefix("'") for cell in row] for row in rows] == seen
        formulas = [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
        assert formulas == []
        assert any(cell.startswith("'=1+1") for row in rows for cell in row)

        page.click("#tab-comparison")
        page.uncheck('[data-several] input[value="1"]')
        _, content = downloaded(page, "side_by_side", "[data-csv]")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert [len(row) for row in rows] == [4] * len(rows)

        page.wait_for_selector('[data-chart="radar"] svg.main-svg')
        name, content = downloaded(page, "radar", '[data-picture="svg"]')
        assert (name, content[:4]) == ("dashboard-2020-09-radar.svg", b"<svg")
        assert b"They lie farthest apart" in content
        assert b"profiles/segment_profiles" in content
        name, content = downloaded(page, "radar", '[data-picture="png"]')
        assert (name, content[:8]) == ("dashboard-2020-09-radar.png", b"\x89PNG\r\n\x1a\n")


def test_another_assumption_changes_what_rests_on_it_and_no_other_figure(browser, path):
    def figures(page):
        return page.eval_on_selector_all(
            '[data-view="growth"] [data-value]',
            "all => all.map(f => [f.dataset.fact || '', f.hasAttribute('data-assumption'), Number(f.dataset.value)])",
        )

    with Opened(browser, path, DESK) as page:
        page.click("#tab-impact")
        before = figures(page)
        page.fill("#assumed", "30")
        after = figures(page)
        assert len(before) == len(after) > 6
        for (_, assumed, old), (_, _, new) in zip(before, after, strict=True):
            assert new == pytest.approx(3 * old if assumed else old)
        page.wait_for_selector('[data-chart="growth"] svg.main-svg')
        drawn = page.evaluate("Array.from(document.querySelector('[data-chart=\"growth\"]').data[0].x)")
        of_each = [value for fact, _, value in after if fact == "one_order_of_each"]
        assert drawn == pytest.approx([0.3 * value for value in of_each])
        page.fill("#assumed", "300")
        assert figures(page) == after
        page.click(".assumption button")
        page.wait_for_function("document.getElementById('assumed').value === '10'")
        page.wait_for_timeout(50)
        assert [value for *_, value in figures(page)] == pytest.approx([value for *_, value in before])


def test_a_phone_needs_no_scrolling_sideways(browser, path):
    with Opened(browser, path, PHONE) as page:
        for name in TABS:
            page.click(f"#tab-{name}")
            for button in page.locator(f"#{name} [data-table]:visible").all():
                button.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], name


def test_without_a_script_every_figure_stands_in_a_table(browser, path):
    with Opened(browser, path, DESK, scripts=False) as page:
        assert page.locator(".panel:visible").count() == len(TABS)
        assert page.locator(".plot:visible, select:visible, button:visible").count() == 0
        tables = page.locator(".sheet table")
        assert tables.count() == page.locator(".sheet table:visible").count() > 30


def test_on_paper_every_tab_is_there(browser, path):
    with Opened(browser, path, DESK) as page:
        paper = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
        text = " ".join(" ".join(sheet.extract_text().split()) for sheet in paper.pages)
        for title in (
            "One segment, beside all customers",
            "How far to trust the segments",
            "Where customers went",
        ):
            assert title in text
        assert shown(page) == ["overview"]
