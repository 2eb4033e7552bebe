"""Plain data of every protocol is read; whatever else a pickle asks for, nothing happens."""

import os
import pickle
import random
import struct
import time
import tracemalloc
from itertools import product

import numpy as np
import pytest

from benchmarks.mutations.content import mutate
from data_prep.formats import pickles
from data_prep.formats.pickled_values import BadPickle
from data_prep.formats.pickles import load_plain

IMAGES = [bytes([number]) * 300 + b"\n'\\\xff" for number in range(4)]
FLAGS = [True, False]

_OBJECTS = np.empty(4, object)
_OBJECTS[:] = IMAGES
FORMS = {
    "bytes": IMAGES,
    "arrays": [np.frombuffer(image, np.uint8) for image in IMAGES],
    "bytearrays": [bytearray(image) for image in IMAGES],
    "array of objects": _OBJECTS,
    "writable arrays": [np.frombuffer(image, np.uint8).copy() for image in IMAGES],
}
FLAG_FORMS = {
    "bools": FLAGS,
    "numbers": [1, 0],
    "array": np.array(FLAGS),
    "scalars": [np.bool_(flag) for flag in FLAGS],
    "integers": np.array([1, 0]),
}


@pytest.mark.parametrize(("form", "flags"), list(product(FORMS, FLAG_FORMS)))
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_python_3_writes_is_read(protocol, form, flags):
    for container in (tuple, list):
        found = load_plain(pickle.dumps(container([FORMS[form], FLAG_FORMS[flags]]), protocol))
        assert type(found) is container
        assert list(found[0]) == IMAGES
        assert list(found[1]) == FLAGS


def python_2(protocol: int) -> bytes:
    """The same pair as Python 2 writes it, whose `str` is bytes and whose arrays hold their data as such."""
    image = b"\xff\xd8'\n\x00"
    if protocol == 0:
        return b"((lp0\nS" + repr(image)[1:].encode() + b"\np1\naS'a'\na(lp2\nI01\naI00\natp3\n."
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nq\x06K\x00\x85q\x07U\x01bq\x08\x87q\x09R"
        b"(K\x01K\x05\x85q\x0acnumpy\ndtype\nq\x0bU\x02u1q\x0cK\x00K\x01\x87Rq\x0d"
        b"(K\x03U\x01|q\x0eNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x05" + image + b"tb"
    )
    return b"\x80\x02]q\x01(" + array + b"T\x01\x00\x00\x00ae]q\x04(\x88\x89e\x86."


@pytest.mark.parametrize("protocol", [0, 2])
def test_what_python_2_writes_is_read(protocol):
    images, flags = load_plain(python_2(protocol))
    assert (images, flags) == ([b"\xff\xd8'\n\x00", b"a"], [True, False])


class Calls:
    """Pickles as a call, which the usual unpickler makes."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def hostile(marker: str) -> dict[str, bytes]:
    """Pickles that would leave `marker` behind, or take the memory, the time or the process."""
    touch = f"open({marker!r}, 'w')"
    made = {
        "os.system": Calls(os.system, f"touch {marker}"),
        "eval": Calls(eval, touch),
        "exec": Calls(exec, touch),
        "getattr chain": Calls(getattr, Calls(__import__, "os"), "system"),
        "import": Calls(__import__, "antigravity"),
        "open": Calls(open, marker, "w"),
        "inside a list": [b"image", Calls(os.mkdir, marker)],
        "setattr": Calls(setattr, Calls(__import__, "os"), "sep", marker),
    }
    programs = {
        f"{name}, protocol {p}": pickle.dumps(one, p) for name, one in made.items() for p in (0, 2, 4)
    }
    system = b"cposix\nsystem\n"
    argument = b"(X" + struct.pack("<I", len(marker) + 6) + f"touch {marker}".encode() + b"t"
    return programs | {
        "INST": b"(S'touch " + marker.encode() + b"'\nios\nsystem\n.",
        "OBJ": b"(" + system + b"U\x04true" + b"o.",
        "NEWOBJ": system + argument + b"\x81.",
        "BUILD on a name": b"cnumpy\nndarray\n(N}tb.",
        "BUILD on an admitted function": b"c_codecs\nencode\n(}U\x08__code__Nstb.",
        "a dotted name": b"\x80\x04\x8c\x05numpy\x8c\x0fndarray.tofile\x93.",
        "a name from the memo": b"\x80\x04\x8c\x06posix\x20\x94" + system + b"0h\x00.",
        "REDUCE of a stored name": system + b"q\x000" + b"h\x00" + argument + b"R.",
        "STACK_GLOBAL by bytes": b"\x80\x04C\x02os\x94C\x06system\x94\x93.",
        "EXT1": b"\x80\x02\x82\x01.",
        "PERSID": b"Pos.system\n.",
        "BINPERSID": b"NQ.",
        "a dictionary": b"\x80\x02}q\x00.",
        "numpy.ndarray called": b"cnumpy\nndarray\n(J\xff\xff\xff\x7ft\x85R.",
        "load of another pickle": pickle.dumps(Calls(pickle.loads, b"N.")),
    }


def greedy() -> dict[str, bytes]:
    """Pickles of a few bytes that ask for gigabytes or hours."""
    doubled = b"]q\x00" + b"(h\x00h\x00e" * 4_000 + b"."
    text = b"X" + struct.pack("<I", 1 << 16) + b"a" * (1 << 16) + b"q\x00X\x06\x00\x00\x00latin1q\x01"
    encoded = text + b"c_codecs\nencode\nq\x02" + b"h\x02h\x00h\x01\x86R0" * 2_000 + b"N."
    huge = struct.pack("<Q", 1 << 62)
    length = 1 << 18
    content = b"B" + struct.pack("<I", length) + b"\x01" * length + b"q\x030"
    flags = b"(h\x03cnumpy\ndtype\n(X\x02\x00\x00\x00b1tRJ" + struct.pack("<i", length) + b"\x85NtR"
    shared = content + b"](" + (b"cnumpy.core.numeric\n_frombuffer\n" + flags) * 1_000 + b"e."
    return {
        "BINBYTES8 of 2^62": b"\x80\x04\x8e" + huge + b"x.",
        "BINUNICODE8 of 2^62": b"\x80\x04\x8d" + huge + b"x.",
        "BYTEARRAY8 of 2^62": b"\x80\x05\x96" + huge + b"x.",
        "FRAME of 2^62": b"\x80\x04\x95" + huge + b"]q\x00",
        "BINSTRING of 2^31": b"T\xff\xff\xff\x7fx.",
        "memo of 2^32": b"Nr\xff\xff\xff\xff",
        "LONG4 of 2^31": b"\x80\x02\x8b\xff\xff\xff\x7f1.",
        "a million digits": b"L" + b"9" * 1_000_000 + b"L\n.",
        "a deep nest": b"]" * 10_000 + b"a" * 9_999,
        "tuples in tuples": b")" + b"\x85" * 10_000 + b"\x85",
        "steps without end": b"N0" * 11_000,
        "an array of 2^40": b"cnumpy.core.numeric\n_frombuffer\n(C\x01acnumpy\ndtype\n(X\x02\x00\x00\x00"
        b"u1tR\x8a\x06\x00\x00\x00\x00\x00\x01\x85X\x01\x00\x00\x00CtR.",
        "one text encoded again and again": encoded,
        "a thousand arrays of one content": shared,
        "a list in itself, doubled": doubled,
    }


@pytest.mark.parametrize("name", hostile("x"))
def test_a_hostile_pickle_does_nothing(tmp_path, name):
    marker = tmp_path / "marker"
    with pytest.raises(BadPickle):
        load_plain(hostile(str(marker))[name])
    assert not marker.exists()


def test_the_same_pickles_are_no_harmless_ones(tmp_path):
    marker = tmp_path / "marker"
    for name in ("os.system, protocol 2", "eval, protocol 4", "inside a list, protocol 0", "INST"):
        pickle.loads(hostile(str(marker))[name])
        assert marker.exists(), name
        marker.rmdir() if marker.is_dir() else marker.unlink()


@pytest.mark.parametrize("name", greedy())
def test_a_greedy_pickle_gets_neither_memory_nor_time(name, monkeypatch):
    monkeypatch.setattr(pickles, "MOST_STEPS", 20_500)
    program = greedy()[name]
    tracemalloc.start()
    began = time.process_time()
    try:
        load_plain(program)
    except BadPickle:
        refused = True
    else:
        refused = False
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused or name in ("a list in itself, doubled",)
    assert peak < 20e6
    assert time.process_time() - began < 20


def test_a_list_that_holds_itself_is_read_once():
    found = load_plain(b"]q\x00(h\x00h\x00e.")
    assert len(found) == 2 and all(isinstance(item, list) and len(item) == 2 for item in found)


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (b"", "it is cut short"),
        (b"]q", "it is cut short"),
        (b".", "it takes from an empty stack"),
        (b"(.", "it takes from an empty stack"),
        (b"Nh\x07.", "it recalls what it never stored"),
        (b"NNa.", "it appends to what is no list"),
        (b"K\x01e.", "it looks for a mark that is not there"),
        (b"\x80\x09N.", "its protocol is not known"),
        (b"Iabc\n.", "a number in it is damaged"),
        (b"Sabc\n.", "a text in it has no quotes"),
        (b"X\x01\x00\x00\x00\xff.", "a text in it is damaged"),
        (b"cos\nsystem\n.", "it asks for os.system, which no plain data needs"),
        (b"cnumpy\nndarray\n.", "it holds a name where data belong"),
        (b"cnumpy\nndarray\n)R.", "it calls what is no function"),
        (pickle.dumps({}), "it has the instruction '}', which plain data does not need"),
        (pickle.dumps(np.zeros((2, 2), np.uint8)), "it holds an array that is no row"),
        (pickle.dumps(np.zeros(2)), "it holds an array of type 'f8'"),
        (pickle.dumps(np.zeros(2, ">i4")), "it holds numbers in a foreign byte order"),
    ],
)
def test_what_is_wrong_is_said(program, reason):
    with pytest.raises(BadPickle) as raised:
        load_plain(program)
    assert str(raised.value) == reason


def test_three_thousand_broken_pickles_are_read_or_refused():
    generator = random.Random("pickles")
    originals = [
        pickle.dumps((FORMS[form], FLAG_FORMS[flags]), p)
        for form, flags, p in (
            ("bytes", "bools", 0),
            ("bytes", "array", 2),
            ("arrays", "scalars", 3),
            ("array of objects", "integers", 4),
            ("writable arrays", "numbers", 5),
        )
    ]
    originals += [python_2(0), python_2(2)]
    reasons = []
    for number in range(3000):
        try:
            load_plain(mutate(originals[number % len(originals)], generator))
        except BadPickle as bad:
            reasons.append(str(bad))
    assert 500 < len(reasons) < 3000
    assert all(reason and "\n" not in reason for reason in reasons)
