"""The demonstration in a browser says what Python says, asks for nothing, and can be used by everybody."""

from __future__ import annotations

import base64
import os
import time

import numpy as np
import pytest

from reproductions.shared.networks.manifest import NETWORKS, read
from reproductions.shared.networks.synthesis import SynthesisNetwork
from reproductions.shared.photographs.answers import ages_of
from reproductions.shared.photographs.finding import aligned, find, opened
from reproductions.shared.photographs.recognising import embedded
from tests.common.evidence.page.test_browser import PALE, WIDER
from tests.support.portraits import pair

DETECTOR = "retinaface-mobilenet"
READY = "document.documentElement.dataset.ready === 'yes'"
TOLD = "document.getElementById('status').textContent"
ROWS = """[...document.querySelectorAll("#faces li")].map((row) =>
  [row.dataset.years, row.dataset.low, row.dataset.high].map(Number))"""
GENDERS = """[...document.querySelectorAll("#faces li")].map((row) =>
  [row.dataset.gender, Number(row.dataset.probability)])"""
PAIRS = """[...document.querySelectorAll("#likeness td[data-cosine]")].map((cell) =>
  [Number(cell.dataset.cosine), cell.dataset.same === "true"])"""
TITLES = """[...document.querySelectorAll("#likeness th .label")].map((one) => one.textContent)"""
AGED = """[...document.querySelectorAll("#faces .ages li")].map((one) => {
  const canvas = one.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return { group: one.textContent, size: canvas.width, data: [...data] };
})"""

# The page's own networks, asked for what it does not show.
WORKED_OUT = """(async () => {
  const { networks } = await import("./main.js");
  const bytes = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const brush = canvas.getContext("2d");
  brush.drawImage(bitmap, 0, 0);
  const faces = await networks.answer(brush.getImageData(0, 0, bitmap.width, bitmap.height));
  return faces.map(({ ageable, ...face }) => ({ ...face, crop: [...face.crop.data] }));
})()"""

DROP = """(() => {
  const bytes = Uint8Array.from(atob("%s"), (one) => one.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
  document.getElementById("drop").dispatchEvent(
    new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
})()"""


@pytest.fixture(scope="module")
def loaded(browser, site):
    """The page, loaded once for all tests, and what it asked for until it was ready."""
    browser.open(site)
    waited(browser, READY)
    return browser, browser.requests(), browser.complaints()


@pytest.fixture
def page(loaded):
    loaded[0].events.clear()
    return loaded[0]


def waited(browser, script: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not browser.evaluate(script):
        assert time.monotonic() < end, f"{script}: {browser.evaluate(TOLD)} {browser.complaints()}"
        time.sleep(0.05)


def pick(browser, path) -> None:
    """Choose a file as a person does, and wait for the answer."""
    browser.evaluate("document.getElementById('status').textContent = ''")
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    node = browser.send("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    browser.send("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    waited(browser, f"/\\(\\d+\\.\\d s\\)|No face|cannot be/.test({TOLD})")


def encoded(path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


@pytest.mark.parametrize("name", ["portrait", "pair", "large"])
def test_faces_are_found_aligned_and_answered_as_in_python(page, pictures, name):
    pixels = opened(pictures[name])
    given = read(NETWORKS).networks["age"].input
    faces = find(pixels, DETECTOR)
    crops = aligned(pixels, faces, given.size, given.template)
    said = ages_of(pixels, detector=DETECTOR)
    found = page.evaluate(WORKED_OUT % encoded(pictures[name]))
    assert len(found) == len(faces) == (2 if name == "pair" else 1)
    for one, face, crop, answer in zip(found, faces, crops, said, strict=True):
        np.testing.assert_allclose(one["landmarks"], face.landmarks, atol=0.5)
        np.testing.assert_allclose(one["box"], face.box, atol=0.5)
        assert one["score"] == pytest.approx(face.score, abs=1e-3)
        apart = np.abs(np.reshape(one["crop"], crop.shape) - crop.astype(int))
        assert apart.mean() < 0.5 and np.percentile(apart, 99) <= 4
        age = [one["age"][end] for end in ("years", "low", "high")]
        np.testing.assert_allclose(age, [answer.age.years, answer.age.low, answer.age.high], atol=0.2)
        assert one["gender"]["name"] == answer.gender.name
        assert one["gender"]["probability"] == pytest.approx(answer.gender.probability, abs=0.02)
    for one, face in zip(found, embedded(pixels, detector=DETECTOR), strict=True):
        assert float(np.dot(one["embedding"], face.vector)) > 0.999
    assert page.complaints() == []


def test_a_photograph_is_answered_in_rows(page, pictures):
    pick(page, pictures["pair"])
    expected = ages_of(pictures["pair"], detector=DETECTOR)
    said = np.array([[one.age.years, one.age.low, one.age.high] for one in expected])
    np.testing.assert_allclose(page.evaluate(ROWS), said, atol=0.2)
    genders = page.evaluate(GENDERS)
    assert [name for name, _ in genders] == [one.gender.name for one in expected]
    text = page.evaluate("document.getElementById('faces').textContent")
    assert all(f"{name}, {100 * probability:.0f}%" in text for name, probability in genders)


def test_a_face_is_shown_at_other_ages_as_in_python(page, pictures):
    network = SynthesisNetwork()
    one = network.published
    pixels = opened(pictures["portrait"])
    crop = aligned(pixels, find(pixels, DETECTOR), one.input.size, one.input.template, one.border)
    expected = network.aged(crop)[0].astype(int)
    pick(page, pictures["portrait"])
    page.evaluate("document.querySelector('#faces .ages button').click()")
    waited(page, "document.querySelectorAll('#faces .ages li').length > 0")
    shown = page.evaluate(AGED)
    assert [found["group"] for found in shown] == list(one.groups)
    for found, picture in zip(shown, expected, strict=True):
        own = np.reshape(found["data"], (one.input.size, one.input.size, 4))[..., :3]
        assert np.abs(own - picture).mean() < 1
    assert page.complaints() == []


def test_faces_are_compared_two_by_two_and_from_one_picture_to_the_next(page, pictures):
    left, right = embedded(pictures["pair"], detector=DETECTOR)
    threshold = read(NETWORKS).networks["recognition"].threshold
    pick(page, pictures["pair"])
    ((cosine, same),) = page.evaluate(PAIRS)
    assert cosine == pytest.approx(float(left.vector @ right.vector), abs=0.02)
    assert same == (cosine >= threshold)
    page.evaluate("document.querySelectorAll('#faces button[aria-pressed]')[1].click()")
    pick(page, pictures["portrait"])
    ((cosine, same),) = page.evaluate(PAIRS)
    (face,) = embedded(pictures["portrait"], detector=DETECTOR)
    assert same and cosine == pytest.approx(float(face.vector @ right.vector), abs=0.02)
    assert page.evaluate(TITLES) == ["Face 1", "Kept 1"]
    page.evaluate("document.querySelector('#likeness button').click()")
    assert page.evaluate("document.getElementById('likeness').hidden")


def test_a_dropped_photograph_is_answered_within_five_seconds(page, pictures):
    began = time.monotonic()
    page.evaluate("document.getElementById('status').textContent = ''")
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


def test_nothing_is_asked_for_after_loading(loaded, site, page, pictures):
    _, asked, complained = loaded
    assert all(url.startswith((site, "blob:", "data:")) for url in asked) and complained == []
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
    page.evaluate("document.getElementById('result').dataset.rate = ''")
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


def test_it_fits_and_is_legible_at_every_width_and_in_both_colours(page, pictures):
    pick(page, pictures["pair"])
    for width in (360, 1280):
        for dark in (False, True):
            page.seen_at(width, dark)
            assert page.evaluate(WIDER) <= width
            assert page.evaluate(PALE) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_card_fits_and_is_legible(browser, site, dark):
    browser.open(f"{site}card.html", width=360, dark=dark)
    assert browser.evaluate(WIDER) <= 360
    assert browser.evaluate(PALE) == []
    assert browser.complaints() == []
