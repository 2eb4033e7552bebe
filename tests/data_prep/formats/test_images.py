"""Every kind of bad image file has its own sentence; every kind of good one becomes upright 8-bit RGB."""

import io
import struct
import zlib
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image

from data_prep.formats import images as inspect
from data_prep.formats.images import BadImage, decode, dhash, read_bytes
from tests.support.image_files import encoded, jpeg, picture

JPEG = jpeg(1, 64, 48)
PNG = encoded(picture(1, 64, 48), "PNG")

UNKNOWN = "the file is not an image of a known format (JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000)"


def png_declaring(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + checksum + PNG[33:]


def jpeg_declaring(width, height):
    at = JPEG.index(b"\xff\xc0") + 5
    return JPEG[:at] + struct.pack(">HH", height, width) + JPEG[at + 4 :]


def overwritten(data, share, filling):
    at = int(len(data) * share)
    return data[:at] + filling + data[at + len(filling) :]


BAD = {
    "cut in half": (JPEG[: len(JPEG) // 2], "the image is truncated"),
    "end marker missing": (JPEG[:-2], "the image is truncated"),
    "rest of a download zero": (
        JPEG[: len(JPEG) // 2] + bytes(len(JPEG) // 2),
        "the image is truncated",
    ),
    "cut in the header": (JPEG[:20], "the image is truncated or damaged within its header"),
    "cut, end marker put back": (
        JPEG[: len(JPEG) // 2] + b"\xff\xd9",
        "the image is damaged: premature end of data segment",
    ),
    "another marker in the middle": (
        overwritten(JPEG, 0.7, b"\xff\xd9"),
        "the image is damaged: premature end of data segment",
    ),
    "PNG cut in half": (PNG[: len(PNG) // 2], "the image is truncated"),
    "PNG with a wrong checksum": (
        overwritten(PNG, 0.5, b"????"),
        "the image is damaged and cannot be decoded",
    ),
    "web page": (b"\n<!DOCTYPE html><html>404</html>", "the file is a web page, not an image"),
    "text": (b"not an image at all", UNKNOWN),
    "HEIC": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "the file is a HEIC photograph: run pip install pillow-heif, or convert it to JPEG",
    ),
    "film": (
        b"\0\0\0\x18ftypmp42\0\0\0\0isom",
        "the file is a film, not a photograph: save one of its pictures as JPEG",
    ),
    "raw data": (
        b"\0\0\0\x18ftypcrx \0\0\0\1crx ",
        "the file is a camera's raw data: convert it to JPEG",
    ),
    "raw data in a TIFF": (
        encoded(picture(1), "TIFF", tiffinfo={254: 1}),
        "the file begins with a thumbnail, as a camera's raw data does: convert it to JPEG",
    ),
    "JPEG XL": (b"\xff\x0a\xfa\x1f", "the file is a JPEG XL picture, which is not read: convert it to JPEG"),
    "PDF": (b"%PDF-1.7", "the file is a document, not an image: convert it to JPEG"),
    "EPS": (encoded(picture(1), "EPS"), "the file is a document, not an image: convert it to JPEG"),
    "archive": (b"PK\3\4\x14\0", "the file is an archive, not an image: unpack it"),
    "drawing": (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        "the file is a drawing (SVG), not a photograph: convert it to JPEG",
    ),
    "GIF cut in the header": (
        encoded(picture(1), "GIF")[:8],
        "the image is truncated or damaged within its header",
    ),
    "Lab colours": (
        encoded(Image.new("LAB", (20, 20)), "TIFF"),
        "the image has Lab colours, which are not read: convert it to JPEG",
    ),
    "four inks, rest zero": (
        (CMYK := encoded(Image.fromarray(picture(1)).convert("CMYK"), "JPEG"))[: len(CMYK) // 2] + bytes(999),
        "the image is truncated",
    ),
    "too small": (jpeg(1, 60, 15), "the image is 60 x 15 px, smaller than 16 px a side"),
    "bomb": (
        png_declaring(20_000, 4_000),
        "the image declares 20,000 x 4,000 px, more than 64 million pixels",
    ),
    "larger bomb": (
        png_declaring(2**30, 2**30),
        "the image declares an absurd size, more than 64 million pixels",
    ),
    "JPEG bomb": (
        jpeg_declaring(65_000, 65_000),
        "the image declares an absurd size, more than 64 million pixels",
    ),
    "floating point": (
        encoded(Image.new("F", (20, 20)), "TIFF"),
        "the image has 32 bits a pixel and no range that could be scaled to 8",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_image_has_its_sentence(case):
    data, reason = BAD[case]
    with pytest.raises(BadImage) as caught:
        decode(data)
    assert str(caught.value) == reason


@pytest.mark.parametrize("data", [png_declaring(20_000, 4_000), jpeg_declaring(60_000, 60_000)])
def test_a_bomb_is_refused_before_anything_is_decoded(data, monkeypatch):
    def exploded(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(cv2, "imdecode", exploded)
    monkeypatch.setattr(Image.Image, "load", exploded)
    with pytest.raises(BadImage):
        decode(data)


def test_unreadable_files_have_their_sentence(tmp_path):
    (tmp_path / "empty.jpg").touch()
    cases = {
        "empty.jpg": "the file is empty (zero bytes)",
        "absent.jpg": "the file cannot be read: No such file or directory",
        ".": "the file cannot be read: Is a directory",
    }
    for name, reason in cases.items():
        with pytest.raises(BadImage) as caught:
            read_bytes(tmp_path / name)
        assert str(caught.value) == reason


def test_a_huge_file_is_not_read(tmp_path):
    with open(tmp_path / "huge.jpg", "wb") as file:
        file.truncate(inspect.MOST_BYTES + 1)
    with pytest.raises(BadImage, match="the file is larger than 256 MiB"):
        read_bytes(tmp_path / "huge.jpg")


def test_bytes_before_the_end_marker_are_accepted():
    np.testing.assert_array_equal(decode(JPEG[:-2] + b"abcd" + JPEG[-2:]), decode(JPEG))


def test_the_first_picture_of_several_is_read():
    first, second = Image.fromarray(picture(1)), Image.fromarray(picture(2))
    for kind in ("PNG", "TIFF"):
        several = encoded(first, kind, save_all=True, append_images=[second])
        np.testing.assert_array_equal(decode(several), picture(1), err_msg=kind)
    several = encoded(first, "WEBP", save_all=True, append_images=[second], lossless=True)
    np.testing.assert_array_equal(decode(several), picture(1))
    several = encoded(first, "MPO", save_all=True, append_images=[second], quality=92)
    np.testing.assert_array_equal(decode(several), decode(jpeg(1)))
    np.testing.assert_array_equal(decode(several[: several.index(b"\xff\xd9\xff\xd8") + 2]), decode(jpeg(1)))
    grey = [image.convert("L") for image in (first, second)]
    several = encoded(grey[0], "GIF", save_all=True, append_images=grey[1:])
    np.testing.assert_array_equal(decode(several)[..., 0], np.asarray(grey[0]))


def test_lossless_formats_keep_every_pixel():
    pixels = picture(3, 40, 30)
    kinds = ("PNG", "BMP", "TIFF", "JPEG2000", "PPM", "TGA", "PCX", "QOI", "SGI")
    for kind, options in [("WEBP", {"lossless": True}), *((kind, {}) for kind in kinds)]:
        np.testing.assert_array_equal(decode(encoded(pixels, kind, **options)), pixels, err_msg=kind)


def test_jpeg_decodes_as_pillow_does():
    reference = np.asarray(Image.open(io.BytesIO(JPEG)))
    assert np.abs(decode(JPEG).astype(int) - reference).max() <= 3


def test_grey_pictures_become_rgb():
    grey = picture(4)[..., 0]
    for kind in ("PNG", "BMP", "GIF", "JPEG2000"):
        np.testing.assert_array_equal(decode(encoded(grey, kind)), np.repeat(grey[..., None], 3, axis=2))
    assert decode(encoded(grey, "JPEG")).shape == (48, 48, 3)


def test_sixteen_bits_keep_the_upper_eight():
    grey = picture(5)[..., 0].astype(np.uint16) * 256 + 77
    for kind in ("PNG", "TIFF", "JPEG2000", "PPM"):
        decoded = decode(encoded(grey, kind))
        np.testing.assert_array_equal(decoded, np.repeat(grey[..., None] >> 8, 3, axis=2), err_msg=kind)
    colour = picture(5).astype(np.uint16) * 256 + 77
    ok, data = cv2.imencode(".png", colour[..., ::-1])
    assert ok
    np.testing.assert_array_equal(decode(data.tobytes()), picture(5))


def test_palettes_are_looked_up():
    image = Image.fromarray(picture(6)).quantize(32)
    np.testing.assert_array_equal(decode(encoded(image, "PNG")), np.asarray(image.convert("RGB")))


def test_transparency_lies_over_white():
    pixels = np.dstack([np.zeros((20, 20, 3), np.uint8), np.full((20, 20), 255, np.uint8)])
    pixels[:, 10:, 3] = 0
    grey, palette = Image.fromarray(pixels[..., 2:]), Image.fromarray(pixels[..., 3]).convert("P")
    cases = {
        "colours": encoded(pixels, "PNG"),
        "WebP": encoded(pixels, "WEBP", lossless=True),
        "TIFF": encoded(pixels, "TIFF"),
        "grey": encoded(grey, "PNG"),
        "palette": encoded(_blackened(palette), "PNG", transparency=0),
        "GIF": encoded(_blackened(palette), "GIF", transparency=0),
        "one colour": encoded(
            np.where(pixels[..., 3:], 0, 9).repeat(3, 2).astype(np.uint8), "PNG", transparency=(9, 9, 9)
        ),
    }
    for what, data in cases.items():
        decoded = decode(data)
        assert (decoded[:, :10] == 0).all(), what
        assert (decoded[:, 10:] == 255).all(), what
    half = decode(encoded(np.dstack([pixels[..., :3], np.full((20, 20), 102, np.uint8)]), "PNG"))
    assert np.unique(half).tolist() == [153], "0.4 of black over white"


def _blackened(image):
    image.putpalette([0] * 768)
    return image


def test_cmyk_is_converted():
    image = Image.fromarray(np.full((32, 32, 3), (200, 40, 90), np.uint8)).convert("CMYK")
    np.testing.assert_allclose(decode(encoded(image, "JPEG", quality=95)).mean((0, 1)), (200, 40, 90), atol=4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "MPO"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_orientation_is_applied(kind, orientation):
    upright = picture(7, 40, 24)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(np.ascontiguousarray(stored), kind, exif=exif.tobytes(), **_best(kind)))
    assert decoded.shape == upright.shape
    assert np.abs(decoded.astype(int) - upright).mean() < 4


def _best(kind):
    fine = {"quality": 98, "subsampling": 0}
    options = {"JPEG": fine, "MPO": fine, "AVIF": {"quality": 98, "subsampling": "4:4:4"}}
    return options.get(kind, {"lossless": True} if kind == "WEBP" else {})


def test_no_mutant_does_worse_than_a_bad_image(capfd):
    random = np.random.default_rng(0)
    kinds = (
        "BMP",
        "TIFF",
        "WEBP",
        "GIF",
        "JPEG2000",
        "AVIF",
        "MPO",
        "PPM",
        "TGA",
        "PCX",
        "QOI",
        "SGI",
        "ICO",
    )
    originals = [JPEG, PNG, *(encoded(picture(2, 64, 64), kind) for kind in kinds)]
    refused = 0
    for number in range(900):
        data = bytearray(originals[number % len(originals)])
        for _ in range(int(random.integers(1, 12))):
            data[random.integers(len(data))] = random.integers(256)
        data = bytes(data[: random.integers(1, len(data) + 1)] if number % 3 == 0 else data)
        try:
            assert decode(data).dtype == np.uint8
        except BadImage as bad:
            refused += "\n" not in str(bad)
    assert refused > 200
    assert capfd.readouterr().err == ""


def test_dhash_is_by_definition():
    cells = np.random.default_rng(0).permutation(9 * 8).reshape(8, 9).astype(np.uint8) * 3
    pixels = np.repeat(np.repeat(cells, 10, axis=0), 10, axis=1)
    bits = "".join(str(int(right > left)) for row in cells for left, right in pairwise(row))
    assert dhash(np.dstack([pixels] * 3)) == f"{int(bits, 2):016x}"


def test_dhash_survives_scaling_and_recompression():
    pixels = picture(8, 200, 200)
    copy = decode(encoded(cv2.resize(pixels, (120, 120), interpolation=cv2.INTER_AREA), "JPEG", quality=60))
    for side, most in ((8, 4), (16, 25)):
        assert len(dhash(pixels, side)) == side * side // 4
        distance = (int(dhash(pixels, side), 16) ^ int(dhash(copy, side), 16)).bit_count()
        unlike = (int(dhash(pixels, side), 16) ^ int(dhash(picture(9), side), 16)).bit_count()
        assert distance <= most < unlike
