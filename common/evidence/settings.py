"""Which measurements may stand together: the same test images, the same training data, the same profile."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.errors import UserError
from common.evidence.records import Data, Measurement, Record
from common.files import sha256_json

_Identity = tuple[str, str, str, str]
Key = tuple[_Identity, tuple[_Identity, ...]]
"""Identities of the test data and of all training data."""

_LARGEST_FIRST = ("paper", "gpu", "cpu", "smoke")

_FEW = 4
"""Settings of a part that are each told where another configuration lacks the part."""


@dataclass(frozen=True)
class Setting:
    """One test set under one profile after one training; measurements of two settings are never mixed.

    Attributes:
        column: the test set's key.
        profile: of the runs.
        key: tells two settings apart.
        test, trained: the data themselves, for names; not compared, since `key` is.
        same_training: False where rows differ in their training data by intent; `trained` is empty then.
    """

    column: str
    profile: str
    key: Key
    test: Data = field(compare=False)
    trained: tuple[Data, ...] = field(compare=False)
    same_training: bool = True

    @property
    def order(self) -> tuple[int, str, Key]:
        """Sort key: the largest profile first, then whatever tells two settings apart."""
        known = self.profile in _LARGEST_FIRST
        rank = _LARGEST_FIRST.index(self.profile) if known else len(_LARGEST_FIRST)
        return rank, self.profile, self.key


@dataclass(frozen=True)
class Variant:
    """One configuration of an experiment; its seeds may be averaged, two variants may not.

    Attributes:
        configuration_hash, precision: what tells variants apart.
        content: the configuration and the precision, flat ("network.width" -> 16), to say what differs.
        copies: of the training data, for variants that differ in nothing that has a name.
    """

    configuration_hash: str
    precision: str
    content: dict[str, Any] = field(compare=False)
    copies: str = field(compare=False)

    @property
    def short(self) -> str:
        """The first digits of the configuration's hash, with the precision where it is not float32."""
        return self.configuration_hash[:6] + (f", {self.precision}" if self.precision != "float32" else "")


@dataclass(frozen=True)
class Observation:
    """One measurement and the record that holds it."""

    record: Record
    measurement: Measurement


Observations = dict[Setting, dict[Variant, tuple[Observation, ...]]]


def observe(
    records: Iterable[Record],
    experiment: str,
    column: str,
    metric: str,
    decision: str,
    same_training: bool = True,
) -> Observations:
    """Return what was measured of one row in one column, by setting and variant, each ordered by seed.

    Args:
        records: of a paper.
        experiment, column, metric, decision: what is asked for.
        same_training: training data make a setting. False makes them part of the variant: rows may then be
            compared that differ in them, as a network before and after its fine-tuning.

    Raises:
        UserError: two records claim the same images but count them differently.
    """
    found: dict[Setting, dict[Variant, list[Observation]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for item in record.measurements:
            asked = (record.experiment, item.column, item.metric, item.decision)
            if asked == (experiment, column, metric, decision):
                setting = _setting(record, item, same_training)
                found[setting][variant_of(record, same_training)].append(Observation(record, item))
    for setting, variants in found.items():
        _check_counts(setting, [one for several in variants.values() for one in several])
    return {
        setting: {
            variant: tuple(sorted(found[setting][variant], key=lambda one: one.record.seed))
            for variant in sorted(found[setting], key=lambda v: (v.configuration_hash, v.precision))
        }
        for setting in sorted(found, key=lambda s: s.order)
    }


def variant_of(record: Record, same_training: bool = True) -> Variant:
    """Return the variant of its experiment that a record is a run of (see `observe`)."""
    content = record.configuration_hash
    if not same_training:
        content = sha256_json([content, [data.identity for data in record.trained_on]])
    return Variant(content, record.precision, _flat(record), _training_copy(record.trained_on))


def name_settings(settings: Iterable[Setting]) -> dict[Setting, str]:
    """Name each setting for readers, "FG-NET, never seen · cpu", as briefly as keeps all names different.

    A name always says when generated images stand in for real ones, in the test or in the training.
    """
    settings = sorted(set(settings), key=lambda s: (s.column, s.order))
    names = {setting: _name(setting) for setting in settings}
    details = (
        _trained,
        lambda s: f"copy {s.test.fingerprint[:6]}",
        lambda s: f"split {s.test.split_hash[:6]}",
    )
    for detail in (*details, lambda s: _training_copy(s.trained), lambda s: f"column {s.column}"):
        for clash in _clashes(names):
            options = [detail(setting) for setting in clash]
            if len(set(options)) > 1:
                names.update({s: f"{names[s]}, {option}" for s, option in zip(clash, options, strict=True)})
    return names


def differences(variants: Sequence[Variant]) -> list[str]:
    """Say of each variant what sets it apart from the others: "epochs = 20, width = 16".

    A part that one of them lacks, as an encoder, is named as a whole where it is large: "without encoder".
    """
    parts = [_large_parts(v.content) for v in variants]
    lacked = {part for part in set().union(*parts) if any(part not in own for own in parts)}
    whole = sorted(part for part in lacked if lacked.isdisjoint(_parts_above(part)))
    values: dict[str, dict[int, str]] = defaultdict(dict)
    for key in sorted({key for v in variants for key in v.content}):
        for index, (variant, own) in enumerate(zip(variants, parts, strict=True)):
            if lacked.intersection(_parts_above(key)) <= own:
                values[key][index] = _text(variant.content.get(key))
    telling = {key: texts for key, texts in values.items() if len(set(texts.values())) > 1}
    said = [
        [f"{'with' if part in own else 'without'} {part}" for part in whole]
        + [f"{key} = {texts[index]}" for key, texts in telling.items() if index in texts]
        for index, own in enumerate(parts)
    ]
    alike = len({tuple(one) for one in said}) < len({v.configuration_hash for v in variants})
    return [", ".join([*one, v.copies] if alike else one) for one, v in zip(said, variants, strict=True)]


def _large_parts(content: Iterable[str]) -> set[str]:
    sizes = Counter(part for key in content for part in _parts_above(key))
    return {part for part, size in sizes.items() if size > _FEW}


def _parts_above(key: str) -> list[str]:
    """Return the parts that hold a key: "network.stem.width" -> "network", "network.stem"."""
    names = key.split(".")
    return [".".join(names[:depth]) for depth in range(1, len(names))]


def _setting(record: Record, item: Measurement, same_training: bool) -> Setting:
    trained = record.trained_on if same_training else ()
    key = (item.data.identity, tuple(data.identity for data in trained))
    return Setting(item.column, record.profile, key, item.data, trained, same_training)


def _check_counts(setting: Setting, observations: list[Observation]) -> None:
    counts = {
        (one.measurement.data.images, one.measurement.data.subjects): one.record.run for one in observations
    }
    if len(counts) > 1:
        runs = " and ".join(f"{run} ({images} images)" for (images, _), run in sorted(counts.items()))
        raise UserError(
            f"{runs} name the same split of {setting.test.title} but hold different images: "
            "delete the record that is wrong and run it again."
        )


def _name(setting: Setting) -> str:
    trained = ", trained on generated faces" if hidden_stand_in(setting) else ""
    return f"{setting.test.name} · {setting.profile}{trained}"


def hidden_stand_in(setting: Setting) -> bool:
    """Return whether real faces were tested by what was trained on generated ones."""
    return not setting.test.stand_in and any(data.stand_in for data in setting.trained)


def _trained(setting: Setting) -> str:
    if not setting.same_training:
        return "each row trained on its own set"
    return "trained on " + (" + ".join(data.title for data in setting.trained) or "nothing")


def _training_copy(trained: Iterable[Data]) -> str:
    return "training copy " + "+".join(f"{d.fingerprint[:6]}/{d.split_hash[:6]}" for d in trained)


def _clashes(names: dict[Setting, str]) -> list[list[Setting]]:
    groups: dict[str, list[Setting]] = defaultdict(list)
    for setting, name in names.items():
        groups[name].append(setting)
    return [group for group in groups.values() if len(group) > 1]


def _flat(record: Record) -> dict[str, Any]:
    trained = " + ".join(f"{data.title}, {data.protocol}" for data in record.trained_on)
    found: dict[str, Any] = {"precision": record.precision, "trained on": trained or "nothing"}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else key, inner)
        else:
            found[prefix] = value

    walk("", record.configuration)
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
