"""How a run is trained: its number format, and batches that are fitted in its folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras

from common.files import sha256_json
from common.training.fit import FINAL_WEIGHTS, FitResult, fit
from common.training.memory import training_bytes
from common.training.precision import is_native
from common.training.strategy import has_gpu
from data_prep.prepared.batches import Batches
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Run

FULL_SIZE = ("gpu", "paper")
"""Profiles of networks that a processor trains for weeks."""


def precision_of(options: Options, own: str) -> str:
    """Return the number format of a run: what the user asks for, else the profile's `own`.

    Where this machine has no instructions for the latter it is float32, and a sentence says so.
    """
    if options.precision is not None:
        return options.precision
    if is_native(own):
        return own
    tell_once(
        f"this processor has no instructions for {own}, in which the {options.profile} profile computes "
        f"where it can: computing in float32. Runs of the two count as different; PRECISION={own} insists."
    )
    return "float32"


def tell_size(model: keras.Model, options: Options, batch: int) -> None:
    """Say, once, what memory a training at full size takes, and where there is no GPU for it.

    Args:
        model: compiled.
        options: of the command.
        batch: images in a global batch.
    """
    each = -(-batch // options.replicas)
    taken = training_bytes(model, each) / 2**30
    tell_once(
        f"{model.name}: a batch of {batch} on {options.replicas} {_devices(options.replicas)} takes roughly "
        f"{taken:.1f} GiB of memory on each."
    )
    if not has_gpu():
        tell_once(
            f"no GPU is found (README.md, When something goes wrong), so this processor trains the full "
            f"network of PROFILE={options.profile}; the time left is shown as it goes. PROFILE=cpu is the "
            "size for a processor."
        )


def _devices(count: int) -> str:
    return "device" if count == 1 else "devices"


def fit_batches(
    run: Run,
    build: Callable[[], keras.Model],
    batches: Batches,
    *,
    epochs: int,
    batch: int,
    learns_from: Sequence[Any],
    folder: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FitResult:
    """Train on batches as a run's options say.

    Args:
        run: gives seed, configuration and options.
        build, epochs, batch, callbacks: as of `common.training.fit.fit`.
        batches: of the training.
        learns_from: what decides the training besides the run's configuration and seed, as the hash of a
            split: a checkpoint of anything else is refused.
        folder: of checkpoints and weights; None is the run's own.
    """
    folder = folder or run.folder
    options = run.options

    def built() -> keras.Model:
        model = build()
        if options.profile in FULL_SIZE:
            tell_size(model, options, batch)
        return model

    return fit(
        built,
        batches.source,
        epochs=epochs,
        steps_per_epoch=batches.steps,
        batch_size=batch,
        run_dir=folder,
        config_hash=sha256_json([run.configuration, *learns_from]),
        seed=run.seed,
        replicas=options.replicas,
        precision=run.precision,
        callbacks=callbacks,
        describe_batch=batches.describe,
        deterministic=options.deterministic,
        resume=options.resume or options.keeps(folder / FINAL_WEIGHTS),
    )
