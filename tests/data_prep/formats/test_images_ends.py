"""What lies behind a JPEG's end, of a phone or a tool, neither hurts the picture nor heals one cut short."""

import numpy as np
from PIL import Image

from data_prep.formats.images import BadImage, decode
from tests.support.image_files import encoded, jpeg, picture


def noise(random, length, *inside):
    """Bytes as of a coded film, with those of `inside` somewhere among them."""
    data = random.integers(0, 256, length, np.uint8).tobytes()
    at = int(random.integers(length))
    return data[:at] + b"".join(inside) + data[at:]


def behind(random):
    """What phones, cameras and tools put behind the end of a picture."""
    film = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"
    return {
        "a film": film + noise(random, 4000),
        "a film with the marker of a scan": film + noise(random, 4000, b"\xff\xda"),
        "a film with both markers": film + noise(random, 4000, b"\xff\xd9", b"\xff\xda\0\x02"),
        "zeros": bytes(2000),
        "another picture": jpeg(77),
        "another picture, cut": jpeg(77)[:-40],
        "a trailer": noise(random, 60) + b"SEFH\0\0SEFT",
        "a word": b"trailing",
    }


def pictures(random):
    """JPEGs of every make, some with a thumbnail that has markers of its own."""
    width, height = (int(side) for side in random.integers(24, 160, 2))
    image = Image.fromarray(picture(int(random.integers(1000)), width, height))
    thumbnail = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + encoded(image.resize((24, 24)), "JPEG")
    yield encoded(image, "JPEG")
    yield encoded(image, "JPEG", exif=thumbnail)
    yield encoded(image, "JPEG", progressive=True, exif=thumbnail)
    yield encoded(image, "JPEG", restart_marker_blocks=1, subsampling=2, quality=40)
    yield encoded(image, "JPEG", comment=b"\xff\xd9 \xff\xda")
    yield encoded(image.convert("L"), "JPEG")
    yield encoded(image.convert("CMYK"), "JPEG")


def test_what_lies_behind_the_end_of_a_jpeg_neither_hurts_nor_heals_it():
    random = np.random.default_rng(3)
    refused = cases = 0
    for _ in range(3):
        for data in pictures(random):
            whole = decode(data)
            for what, more in behind(random).items():
                np.testing.assert_array_equal(decode(data + more), whole, err_msg=what)
                cases += 1
                try:
                    decode(data[: int(len(data) * random.uniform(0.3, 0.98))] + more)
                except BadImage:
                    refused += 1
    assert refused == cases == 168
