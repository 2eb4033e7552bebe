"""``python -m reproductions publish-networks``: networks for everybody, from records and weights at hand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from common.errors import UserError, unknown
from common.evidence import provenance
from common.evidence.predictions import write_predictions
from common.evidence.records import Data
from common.faces.alignment import TEMPLATES
from common.faces.views import views
from common.files import atomic_write, require_writable_folder, sha256_file
from common.onnx_networks.packages import require
from common.onnx_networks.running import OnnxNetwork
from common.onnx_networks.writing import write_onnx
from data_prep.datasets import get
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered
from reproductions.shared.harness.trained import Untrained
from reproductions.shared.networks import card, manifest
from reproductions.shared.networks.candidates import Candidate, Member, backing
from reproductions.shared.networks.kinds import KINDS, Kind
from reproductions.shared.networks.published import Input, Published

LARGEST = 8_000_000
"""Bytes of one network."""

LARGEST_OF_ALL = 25_000_000

AGREEMENT = 1e-3
"""Largest difference of a stored network's outputs, at most 1 in size, from those of the trained one."""

UNCLEAR = frozenset({"imfdb", "cacd-vs"})
"""Sets whose terms are not known well enough: no network that has seen them is published."""

_TRIED = 100


@dataclass(frozen=True)
class _Choice:
    """The members whose outputs are joined, and why they."""

    members: tuple[Member, ...]
    why: str


def publish(options: Options, *, out: Path | None = None, kind: str | None = None) -> None:
    """Write the networks, their manifest and their cards, and print the paths.

    Args:
        options: profile, seeds, data and folders.
        out: folder; None is that of the suite, but beside the runs under smoke.
        kind: a name of `KINDS`; None publishes what is trained here, of every kind.

    Raises:
        UserError: nothing is trained, no committed record backs it, it has seen a set of unclear terms, it
            is too large, or it does not agree with what was trained.
    """
    if kind is not None and kind not in KINDS:
        raise unknown("kind of network", kind, KINDS)
    require("tf2onnx", "writing ONNX")
    own = options.runs_root / "networks" if options.is_first_look else manifest.NETWORKS
    folder = out or own
    require_writable_folder(folder, "another folder with --out (OUT=...)")
    untrained = []
    for one in KINDS.values() if kind is None else (KINDS[kind],):
        _, offer = offered(one.offer)
        try:
            candidate = offer(options)
        except Untrained as error:
            untrained.append(error)
            continue
        _publish(one, candidate, options, folder)
    if untrained and (kind is not None or len(untrained) == len(KINDS)):
        raise untrained[0]
    for error in untrained:
        print(f"Left out: {error}")


def _publish(kind: Kind, candidate: Candidate, options: Options, folder: Path) -> None:
    _require_terms(candidate)
    backings = {id(one): backing(one.trained, options) for one in candidate.members}
    given = Input(
        candidate.size,
        candidate.template,
        tuple(tuple(map(float, point)) for point in np.round(TEMPLATES[candidate.template].points, 6)),
        candidate.mirrored,
        candidate.zooms,
    )
    chosen = _choose(kind, candidate, given)
    path = folder / f"{kind.name}.onnx"
    model = joined(chosen.members, kind)
    write_onnx(model, path, {"terms": _terms(candidate)})
    network = OnnxNetwork(path)
    some = candidate.some_faces(_TRIED)
    difference = float(np.abs(network(some) - model.predict(some, verbose=0)).max())
    _require_fit(path, difference)
    described = kind.describe(candidate, network, given, options)
    published = kind.published(
        kind=kind.name,
        file=path.name,
        sha256=sha256_file(path),
        size=path.stat().st_size,
        predictions=write_predictions(folder / card.answers_name(kind.name), described.answers),
        backing=tuple(backings[id(one)] for one in chosen.members),
        commit=provenance.code_version(),
        command=_command(kind, options),
        chosen=chosen.why,
        input=given,
        trained_on=tuple(data.name for data in _trained_on(candidate.members)),
        terms=_terms(candidate),
        difference=float(f"{difference:.2g}"),
        **described.fields,
    )
    _finish(folder, published)


def _finish(folder: Path, published: Published) -> None:
    standing = manifest.standing(folder)
    networks = {**standing.networks, published.kind: published}
    together = sum(one.size for one in (*networks.values(), *standing.detectors.values()))
    if together > LARGEST_OF_ALL:
        raise UserError(
            f"the networks of {folder} would take {together:,} bytes, {LARGEST_OF_ALL:,} at most."
        )
    paths = [manifest.write(folder, manifest.Manifest(networks, standing.detectors))]
    for name, one in networks.items():
        paths.append(folder / f"{name}.md")
        with atomic_write(paths[-1]) as file:
            file.write(card.render(name, one, card.read_answers(folder, name, one)))
    for path in (folder / published.file, *paths):
        print(path)


def _choose(kind: Kind, candidate: Candidate, given: Input) -> _Choice:
    """Return the member, or all together, that errs least on validation faces held out."""
    members = candidate.members
    if kind.error is None:
        (one,) = members
        return _Choice(members, f"seed {one.trained.record.seed}, the only one that was tried")
    faces = candidate.validation.images()
    answers = [_answers(one, faces, given) for one in members]
    choices = [_Choice((one,), f"seed {one.trained.record.seed}") for one in members]
    if len(members) > 1:
        seeds = ", ".join(str(one.trained.record.seed) for one in members)
        choices.append(_Choice(members, f"{kind.together} of seeds {seeds}"))
        answers.append(kind.joined(answers))
    errors = [kind.error(one, candidate) for one in answers]
    tried = "; ".join(f"{one.why}: {error:.3g}" for one, error in zip(choices, errors, strict=True))
    best = choices[int(np.argmin(errors))]
    return _Choice(
        best.members,
        f"{best.why}, of what was tried the one with the least {kind.unit} on {len(faces):,} validation "
        f"faces{kind.how} ({tried})",
    )


def _answers(member: Member, faces: np.ndarray, given: Input) -> np.ndarray:
    """Return the outputs of the trained network itself, averaged over the views of the faces."""
    model = member.build()
    several = [
        model.predict(view, batch_size=256, verbose=0) for view in views(faces, given.mirrored, given.zooms)
    ]
    return np.mean(several, axis=0, dtype=np.float64)


def joined(members: Sequence[Member], kind: Kind) -> keras.Model:
    """Return a network whose input is called "faces", and whose output its kind makes of the members'."""
    models = [one.build() for one in members]
    faces = keras.Input(models[0].input.shape[1:], dtype="uint8", name="faces")
    return keras.Model(faces, kind.join([model(faces) for model in models], kind.output))


def _require_fit(path: Path, difference: float) -> None:
    size = path.stat().st_size
    if size <= LARGEST and difference <= AGREEMENT:
        return
    os.unlink(path)
    if size > LARGEST:
        raise UserError(
            f"the network takes {size:,} bytes, {LARGEST:,} at most: publish fewer seeds (SEEDS=1)."
        )
    raise UserError(
        f"the stored network's outputs differ from the trained one's by {difference:.1e}, {AGREEMENT:g} at "
        "most: nothing is published."
    )


def _trained_on(members: Sequence[Member]) -> list[Data]:
    return list({data.identity: data for one in members for data in one.trained.record.trained_on}.values())


def _require_terms(candidate: Candidate) -> None:
    seen = {data.dataset for data in _trained_on(candidate.members)} & UNCLEAR
    if seen:
        raise UserError(
            f"a network that has seen {' and '.join(sorted(seen))} is not published: the terms of that set "
            "are not known well enough."
        )


def _terms(candidate: Candidate) -> str:
    """Return on what terms a network may be used: it inherits those of what it was trained on."""
    cards = [get(data.dataset) for data in _trained_on(candidate.members)]
    return "; ".join(f"trained on {one.title}: {one.licence}" for one in cards)


def _command(kind: Kind, options: Options) -> str:
    seeds = ",".join(map(str, options.seeds))
    data = " DATA_ROOT=..." if options.data_root else ""
    return f"make publish-networks KIND={kind.name} PROFILE={options.profile} SEEDS={seeds}{data}"
