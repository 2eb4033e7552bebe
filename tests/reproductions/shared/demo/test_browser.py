"""The demonstration in a browser says what Python says, asks for nothing, and can be used by everybody."""

from __future__ import annotations

import base64
import os
import time

import numpy as np
import pytest

from reproductions.shared.networks.manifest import NETWORKS, read
from reproductions.shared.photographs.answers import ages_of
from reproductions.shared.photographs.finding import aligned, find, opened
from tests.common.evidence.page.test_browser import PALE, WIDER
from tests.support.portraits import pair

DETECTOR = "retinaface-mobilenet"
READY = "document.documentElement.dataset.ready === 'yes'"
TOLD = "document.getElementById('status').textContent"
ROWS = """[...document.querySelectorAll("#faces li")].map((row) =>
  [row.dataset.years, row.dataset.low, row.dataset.high].map(Number))"""

# The page's own modules, asked for what it does not show.
WORKED_OUT = """(async () => {
  const { start } = await import("./networks.js");
  const networks = await start();
  const bytes = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const brush = canvas.getContext("2d");
  brush.drawImage(bitmap, 0, 0);
  const faces = await networks.answer(brush.getImageData(0, 0, bitmap.width, bitmap.height));
  return faces.map(({ box, landmarks, score, crop }) => ({ box, landmarks, score, crop: [...crop.data] }));
})()"""

DROP = """(() => {
  const bytes = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  document.getElementById("drop").dispatchEvent(
    new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
})()"""


@pytest.fixture
def page(browser, site):
    browser.open(site)
    waited(browser, READY)
    return browser


def waited(browser, script: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not browser.evaluate(script):
        assert time.monotonic() < end, f"{script}: {browser.evaluate(TOLD)} {browser.complaints()}"
        time.sleep(0.05)


def pick(browser, path) -> None:
    """Choose a file as a person does, and wait for the answer."""
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    node = browser.send("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    browser.send("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    waited(browser, f"/\\(\\d+\\.\\d s\\)|No face|cannot be/.test({TOLD})")


def encoded(path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


@pytest.mark.parametrize("name", ["portrait", "pair", "large"])
def test_ages_are_those_of_python(page, pictures, name):
    pick(page, pictures[name])
    expected = ages_of(pictures[name], detector=DETECTOR)
    assert len(expected) == (2 if name == "pair" else 1)
    said = np.array([[one.age.years, one.age.low, one.age.high] for one in expected])
    np.testing.assert_allclose(page.evaluate(ROWS), said, atol=0.2)
    assert page.complaints() == []


@pytest.mark.parametrize("name", ["pair", "large"])
def test_faces_are_found_and_aligned_as_in_python(page, pictures, name):
    pixels = opened(pictures[name])
    given = read(NETWORKS).networks["age"].input
    faces = find(pixels, DETECTOR)
    crops = aligned(pixels, faces, given.size, given.template)
    found = page.evaluate(WORKED_OUT % encoded(pictures[name]))
    assert len(found) == len(faces)
    for one, face, crop in zip(found, faces, crops, strict=True):
        np.testing.assert_allclose(one["landmarks"], face.landmarks, atol=0.5)
        np.testing.assert_allclose(one["box"], face.box, atol=0.5)
        assert one["score"] == pytest.approx(face.score, abs=1e-3)
        apart = np.abs(np.reshape(one["crop"], crop.shape) - crop.astype(int))
        assert apart.mean() < 0.5 and np.percentile(apart, 99) <= 4


def test_a_dropped_photograph_is_answered_within_five_seconds(page, pictures):
    began = time.monotonic()
    page.evaluate(DROP % encoded(pictures["pair"]))
    waited(page, f"/^2 faces, left to right/.test({TOLD})")
    if os.getloadavg()[0] < (os.cpu_count() or 1):
        assert time.monotonic() - began < 5


def test_what_cannot_be_answered_is_said(page, pictures):
    pick(page, pictures["wall"])
    assert page.evaluate(TOLD).startswith("No face is found")
    pick(page, pictures["broken"])
    assert page.evaluate(TOLD).startswith("broken.png cannot be read as a picture")
    assert page.complaints() == []


def test_nothing_is_asked_for_after_loading(page, site, pictures):
    assert all(url.startswith((site, "blob:", "data:")) for url in page.requests())
    page.events.clear()
    pick(page, pictures["pair"])
    page.evaluate("document.getElementById('camera').click()")
    waited(page, "document.getElementById('result').dataset.rate")
    page.evaluate("document.getElementById('camera').click()")
    waited(page, f"{TOLD} === 'The camera is off.'")
    assert page.requests() == []
    assert page.complaints() == []


def test_the_policy_forbids_what_the_page_never_does(page):
    tried = """fetch("https://127.0.0.1:9/").then(() => "went", (error) => error.name)"""
    assert page.evaluate(tried) == "TypeError"
    assert any("Content Security Policy" in one for one in page.complaints())


def test_the_camera_is_answered_again_and_again(page):
    """Three times a second where the machine has nothing else to do."""
    least = 3 if os.getloadavg()[0] < (os.cpu_count() or 1) else 0.1
    page.evaluate("document.getElementById('camera').click()")
    waited(page, f"Number(document.getElementById('result').dataset.rate) >= {least}")
    expected = ages_of(pair(), detector=DETECTOR)
    assert np.abs(np.array(page.evaluate(ROWS))[:, 0] - [one.age.years for one in expected]).max() < 3
    page.evaluate("document.getElementById('camera').click()")


def test_it_can_be_used_without_a_mouse(page):
    page.evaluate("document.getElementById('file').focus()")
    ring = "getComputedStyle(document.querySelector('label.button')).outlineStyle"
    assert page.evaluate(ring) == "solid"
    page.evaluate("document.getElementById('camera').focus()")
    page.press("Enter", 13)
    waited(page, "document.getElementById('camera').getAttribute('aria-pressed') === 'true'")
    page.press("Enter", 13)
    waited(page, f"{TOLD} === 'The camera is off.'")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_legible(browser, site, pictures, width, dark):
    browser.open(site, width=width, dark=dark)
    waited(browser, READY)
    pick(browser, pictures["pair"])
    assert browser.evaluate(WIDER) <= width
    assert browser.evaluate(PALE) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_card_fits_and_is_legible(browser, site, dark):
    browser.open(f"{site}card.html", width=360, dark=dark)
    assert browser.evaluate(WIDER) <= 360
    assert browser.evaluate(PALE) == []
    assert browser.complaints() == []
