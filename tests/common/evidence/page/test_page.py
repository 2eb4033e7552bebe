"""The page of all results: the same bytes twice, no number without a run, no link to nowhere, no network."""

from __future__ import annotations

import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from common.evidence.answers import slug
from common.evidence.page.charts import nice
from common.evidence.page.html import numbered, prose, tag
from tests.support.page_of_fakes import fill_results, page_of, render_all

COMMITTED = Path(__file__).parents[4] / "results"
VOID = {"meta", "link", "input", "br", "hr"}


class Elements(HTMLParser):
    """Elements with their attributes, and whether each is closed where it was opened."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.texts = [], [], {}
        self.feed(text)
        assert self.open == [], "everything is closed"

    def handle_starttag(self, name, attributes):
        self.found.append((name, dict(attributes), tuple(self.open)))
        if name not in VOID:
            self.open.append((name, dict(attributes).get("id")))

    def handle_endtag(self, name):
        assert self.open.pop()[0] == name

    def attributes(self, name):
        return [attributes for found, attributes, _ in self.found if found == name]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    fill_results(folder)
    return folder, render_all(folder)


@pytest.fixture(scope="module", params=["made", "committed"])
def page(request, made):
    if request.param == "made":
        return made
    return COMMITTED, (COMMITTED / "index.html").read_text(encoding="utf-8")


def test_the_same_records_give_the_same_bytes(made):
    folder, text = made
    assert page_of(folder) == text


def test_every_link_leads_somewhere(page):
    folder, text = page
    elements = Elements(text)
    names = {attributes["id"] for _, attributes, _ in elements.found if "id" in attributes}
    links = [attributes["href"] for attributes in elements.attributes("a")]
    assert links
    for link in set(links):
        if link.startswith("#"):
            assert link[1:] in names, link
        elif folder == COMMITTED or not link.startswith("../"):
            path, _, heading = link.partition("#")
            assert (folder / path).exists(), link
            assert not heading or heading in headings(folder / path), link


def headings(path):
    """Return the anchors of a page in Markdown."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {slug(line.lstrip("# ")) for line in lines if line.startswith("#")}


def test_every_measured_number_opens_its_runs(page):
    _, text = page
    elements = Elements(text)
    boxes = {}
    for name, attributes, above in elements.found:
        if name == "a" and attributes["href"].endswith(".json"):
            boxes.setdefault(next((id for _, id in reversed(above) if id), None), []).append(attributes)
    buttons = [one for one in elements.attributes("button") if "popovertarget" in one]
    assert len(buttons) > 5
    assert all(boxes.get(one["popovertarget"]) for one in buttons)


def test_nothing_is_loaded_from_anywhere(page):
    _, text = page
    elements = Elements(text)
    for name, attributes, _ in elements.found:
        assert "src" not in attributes and name not in ("iframe", "object", "embed", "base")
        for key in ("href", "action", "poster", "data", "xlink:href"):
            assert not re.match(r"(?i)[a-z]+:(?!,)|//", attributes.get(key) or "")
    assert "@import" not in text and "url(" not in text and "fetch(" not in text
    assert "default-src 'none'" in text and len(text.encode()) < 2_000_000


def test_headings_of_tables_have_their_scope(page):
    assert all("scope" in attributes for attributes in Elements(page[1]).attributes("th"))


def test_what_holds_no_number_is_one_line(made):
    _, text = made
    assert re.search(r'<p class="absent">[^<]*Never[^<]*</p>', text)
    assert re.search(r'<p class="absent">[^<]*MORPH[^<]*make data-morph[^<]*</p>', text)
    assert "Nothing was run of: Table 9. Nothing." in text
    assert "Nothing to compare yet: deeper." in text and "Cross &lt;entropy&gt;" in text
    assert "It says &lt;both&gt;." in text and "<strong>Adam</strong> at <code>0.1</code>" in text


def test_a_number_says_its_seeds_and_its_commands(made):
    _, text = made
    box = re.search(r'<div id="n\d+"[^>]*>(?:(?!</div>).)*explain(?:(?!</div>).)*</div>', text, re.DOTALL)[0]
    said = json.loads(re.search(r'id="said">(.*?)</script>', text, re.DOTALL)[1])
    box = re.sub(
        r' data-said="([\d ]+)">', lambda found: ">" + "".join(said[int(i)] for i in found[1].split()), box
    )
    assert box.count("neighborhood/runs/") == 3 and ">seed 1</a>: 9.09 [8.79, 9.39]" in box
    assert "make SEEDS=3" in box and "python -m reproductions explain neighborhood/table2" in box
    assert "sixty" not in text and "60 images of 12 subjects" in box


def test_generated_faces_are_said_once_and_above(made, tmp_path):
    assert "The faces are generated" not in made[1]
    fill_results(tmp_path, "synthetic")
    text = render_all(tmp_path)
    assert text.count("The faces are generated and the networks small") == 1
    assert text.index("The faces are generated") < text.index("<main")


def test_calibration_is_the_share_inside(made):
    _, text = made
    row = re.search(r"<h4>Calibration</h4>.*?</section>", text, re.DOTALL)[0]
    shares = [float(one) for one in re.findall(r'<td class="n">([\d.]+)</td>', row)]
    assert len(shares) == 8 and shares[:4] == sorted(shares[:4])


@pytest.mark.parametrize("ends", [(0.1, 0.9), (3.2, 9.1), (-4, 17), (98.1, 98.3), (5, 5), (0, 41000)])
def test_ticks_are_round_and_cover_the_values(ends):
    bottom, top, ticks = nice(*ends)
    assert bottom <= ends[0] and top >= ends[1] and 3 <= len(ticks) <= 9
    steps = {round(b - a, 9) for a, b in itertools.pairwise(ticks)}
    assert len(steps) == 1 and re.fullmatch(r"[125]0*|0\.0*[125]|[125]\.0", f"{steps.pop():g}")


def test_texts_are_escaped_and_markdown_is_understood():
    assert tag("p", class_="a", data_v='"', hidden=True) == '<p class="a" data-v="&quot;" hidden></p>'
    assert (
        prose("*a* of b*c*d, 2 * 3 * 4 and `x*y*`") == "<em>a</em> of b*c*d, 2 * 3 * 4 and <code>x*y*</code>"
    )
    assert numbered("So:\n\n1. a\n   b\n2. c") == "<p>So:</p><ol><li>a b</li><li>c</li></ol>"
