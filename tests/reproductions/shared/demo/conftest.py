"""The built demonstration, handed out as ``make demo`` does, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.errors import UserError
from reproductions.shared.demo.build import build, installed
from reproductions.shared.demo.serve import serving
from reproductions.shared.networks.manifest import NETWORKS
from tests.support.chromium import chromium, find
from tests.support.portraits import pair, portrait

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Name -> PNG file: one face, a large picture of it, two faces, none."""
    folder = tmp_path_factory.mktemp("pictures")
    large = cv2.resize(portrait(), None, fx=4.5, fy=4.5, interpolation=cv2.INTER_CUBIC)
    wall = np.random.default_rng(1).integers(90, 110, (300, 400, 3), np.uint8)
    made = {"portrait": portrait(), "pair": pair(), "large": large, "wall": wall}
    for name, pixels in made.items():
        cv2.imwrite(str(folder / f"{name}.png"), pixels[..., ::-1])
    (folder / "broken.png").write_bytes(b"no picture")
    return {path.stem: path for path in folder.glob("*.png")}


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """What the fake camera shows: the pair, again and again."""
    path = tmp_path_factory.mktemp("film") / "camera.y4m"
    planes = cv2.cvtColor(pair(), cv2.COLOR_RGB2YUV_I420).tobytes()
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(10):
            file.write(b"FRAME\n" + planes)
    return path


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The address of the built demonstration."""
    if find() is None:
        pytest.skip("no Chromium is installed")
    try:
        packages = ROOT / "runs" / "demo" / "packages"
        installed(packages)
    except UserError as error:
        pytest.skip(str(error))
    page = build(tmp_path_factory.mktemp("demo"), NETWORKS, packages)
    with serving(page.parent, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser(site, film):
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(chromium(find(), *fake, f"--use-file-for-fake-video-capture={film}"))
