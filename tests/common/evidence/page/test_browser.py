"""The page of all results in a browser: it sorts, fits a phone, is legible, and asks for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.chromium import chromium, find
from tests.support.page_of_fakes import fill_results, render_all

COMMITTED = Path(__file__).parents[4] / "results" / "index.html"
pytestmark = pytest.mark.skipif(find() is None, reason="no Chromium is installed")

SORTED = """(() => {
  const table = document.querySelector("table.sortable");
  const place = [...table.tHead.rows[0].cells].findIndex((_, n) =>
    [...table.tBodies[0].rows].filter((row) => row.cells[n].dataset.v).length > 1);
  const head = table.tHead.rows[0].cells[place];
  const values = () => [...table.tBodies[0].rows].map((row) => row.cells[place].dataset.v ?? "");
  const found = [];
  for (let n = 0; n < 2; n++) {
    head.querySelector("button").click();
    found.push([head.getAttribute("aria-sort"), values().filter((one) => one !== "").map(Number)]);
  }
  return found;
})()"""

# Text below WCAG's 4.5 to 1 against the nearest background that is not transparent.
PALE = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => [0, 1, 2].reduce((sum, n) => {
    const v = c[n] / 255;
    return sum + [0.2126, 0.7152, 0.0722][n] * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const found = rgb(getComputedStyle(one).backgroundColor);
      if (found[3] === 255) return found;
    }
    return rgb(getComputedStyle(document.documentElement).colorScheme.includes("dark") ? "#000" : "#fff");
  };
  const pale = new Set();
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || ["SCRIPT", "STYLE"].includes(one.tagName)) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(rgb(one.closest("svg") ? style.fill : style.color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) pale.add(`${one.tagName}.${one.getAttribute("class")} ${ratio.toFixed(2)}`);
  }
  return [...pale];
})()"""

WIDER = """(() => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  return document.documentElement.scrollWidth;
})()"""


@pytest.fixture(scope="module")
def browser():
    with chromium(find()) as one:
        yield one


@pytest.fixture(scope="module", params=["made", "committed"])
def page(request, tmp_path_factory):
    if request.param == "committed":
        return COMMITTED
    folder = tmp_path_factory.mktemp("results")
    fill_results(folder)
    render_all(folder)
    return folder / "index.html"


def test_nothing_is_asked_for_and_nothing_goes_wrong(browser, page):
    browser.open(page)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.evaluate("new Promise((done) => setTimeout(done, 200))")
    assert [url for url in browser.requests() if not url.startswith("data:")] == [page.resolve().as_uri()]
    assert browser.complaints() == []


def test_a_table_is_sorted_both_ways(browser, page):
    browser.open(page)
    (up, rising), (down, falling) = browser.evaluate(SORTED)
    assert (up, down) == ("ascending", "descending")
    assert len(rising) > 1 and rising == sorted(rising) and falling == rising[::-1]


def test_sorting_and_opening_need_no_mouse(browser, page):
    browser.open(page)
    browser.evaluate("document.querySelector('.sortable thead button').focus()")
    browser.press("Enter", 13)
    assert browser.evaluate("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"
    browser.evaluate("document.querySelector('.scores [popovertarget]').focus()")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert browser.evaluate(f"document.activeElement.matches(':focus-visible') && {outline}") == "solid"
    browser.press("Enter", 13)
    opened = "[...document.querySelectorAll('[popover]')].filter((one) => one.matches(':popover-open'))"
    assert browser.evaluate(f"{opened}.length") == 1
    assert browser.evaluate(f"{opened}[0].querySelectorAll('a[href$=\".json\"]').length") >= 3
    assert "make " in browser.evaluate(f"{opened}[0].querySelector('pre').textContent")
    browser.press("Escape", 27)
    assert browser.evaluate(f"{opened}.length") == 0


def test_a_box_is_filled_when_it_is_opened(browser, page):
    browser.open(page)
    empty, told, command = browser.evaluate("""(() => {
      const box = document.querySelector("td [popover]:has(dl)");
      const empty = box.querySelector("dl").childElementCount;
      box.showPopover();
      const told = [...box.querySelectorAll("dt")].map((one) => one.textContent);
      return [empty, told, box.querySelector("pre").textContent];
    })()""")
    assert empty == 0 and told[:2] == ["Measures", "Tested on"]
    assert "\npython -m reproductions explain " in command and "undefined" not in command
    assert browser.evaluate("document.querySelectorAll('[popover] [data-said]').length") > 0
    missing = """(() => {
      const said = JSON.parse(document.getElementById("said").textContent);
      const boxes = [...document.querySelectorAll("[data-said]")];
      const places = boxes.flatMap((one) => one.dataset.said.split(" "));
      return places.filter((place) => said[place] === undefined).length;
    })()"""
    assert browser.evaluate(missing) == 0 and browser.complaints() == []


def test_pictures_are_found_by_name(browser, page):
    browser.open(page)
    left = browser.evaluate("""(() => {
      const table = document.querySelector("table.filtered");
      const input = table.closest(".wide").previousElementSibling.querySelector("input");
      const name = table.tBodies[0].rows[3].cells[0].textContent;
      input.value = name.toUpperCase();
      input.dispatchEvent(new Event("input"));
      const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
      return [name, shown.map((row) => row.cells[0].textContent)];
    })()""")
    assert left[1] and all(left[0].lower() in one.lower() for one in left[1])


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_width_needs_scrolling_sideways(browser, page, width):
    browser.open(page, width=width)
    assert browser.evaluate(WIDER) <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_is_legible_in_both_schemes(browser, page, dark):
    browser.open(page, dark=dark)
    assert browser.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark
    assert browser.evaluate(PALE) == []


def test_on_paper_there_is_nothing_to_press(browser, page):
    browser.open(page, paper=True)
    assert browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert browser.evaluate(PALE) == []
