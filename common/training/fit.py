"""One run of training: fitted by Keras, guarded, logged, and taken up where a killed process left it."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from common.errors import UserError
from common.evidence.provenance import peak_memory_mb
from common.interruption import stop_if_asked
from common.training.cluster import ClusterStep, devices, measurable, own_network
from common.training.epochs import EpochData, EpochSource
from common.training.guards import DescribeBatch, FiniteLoss, FiniteWeights, require_finite_state
from common.training.precision import agree_on_loss_scale, precision_policy
from common.training.progress import CsvLog, TensorBoardLog, TrainingProgress
from common.training.resume import Checkpoints, CheckpointStore, Snapshot, exclusive
from common.training.run_state import Recorder, RestOfEpoch, RunState
from common.training.seeds import seed_everything
from common.training.strategy import (
    describe_device,
    make_strategy,
    prepare_for_shares,
    require_replicable,
    step_in_one_graph,
)
from common.training.weights import save_weights
from common.workers import agreed, cluster, is_chief, lost_told, together

FINAL_WEIGHTS = "final.weights.h5"
"""File of a finished run's weights, in its folder."""


@dataclass(frozen=True)
class FitResult:
    """A trained model and what its training took.

    Attributes:
        model: with its final weights; the moving average of them where the optimizer keeps one.
        history: metric -> one value an epoch, "loss" and "learning_rate" (as the epoch leaves it) among them.
        seconds: wall time of the run, that of interrupted processes up to their last checkpoint included.
        images_per_second: training speed, data included; tracing, checkpoints and callbacks left out.
        peak_memory_mb: largest resident size of this process so far, in MiB.
        device: the processor or GPU.
        replicas: devices that shared each batch.
        precision: "float32", "bfloat16", "float16" or "float64".
    """

    model: keras.Model
    history: dict[str, list[float]]
    seconds: float
    images_per_second: float
    peak_memory_mb: float
    device: str
    replicas: int
    precision: str


def fit(
    build: Callable[[], keras.Model],
    data: EpochSource,
    *,
    epochs: int,
    steps_per_epoch: int,
    batch_size: int,
    run_dir: Path,
    config_hash: str,
    seed: int,
    replicas: int = 1,
    precision: str = "float32",
    deterministic: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    describe_batch: DescribeBatch | None = None,
    resume: bool = True,
    checkpoint_seconds: float = 120.0,
) -> FitResult:
    """Train what `build` returns on `data` and return it with its history.

    Killed at any moment and called again with the same arguments, it ends with the weights and history of an
    undisturbed run, to the last bit on the same machine if it is deterministic; called again after its end,
    it returns the same result without training. What must hold for that: `build` and `data` are functions of
    their arguments and the seed, and whatever is random in the network draws from a
    `keras.random.SeedGenerator`, as Keras' layers do.

    Args:
        build: returns a compiled model; called with seeds, precision and strategy in place.
        data: `data(epoch, skip)` returns the batches (x, y) or (x, y, weight) of `epoch`, counted from 0,
            less the first `skip`. Batches are global: replicas share them.
        epochs: number of epochs.
        steps_per_epoch: batches an epoch; a dataset that ends earlier is an error.
        batch_size: images in a global batch, for the rate.
        run_dir: gets `checkpoints/`, `log.csv`, `tensorboard/` and `final.weights.h5`.
        config_hash: names everything about the run that is not among these arguments.
        seed: seeds Python, NumPy, TensorFlow and Keras.
        replicas: devices that share each batch, as evenly as they can. The result is that of one up to
            rounding, except for what Keras computes replica by replica: dropout masks, and batch
            normalisation unless it is made with `synchronized=True`.
        precision: "float32", "bfloat16", "float16" (with dynamic loss scaling) or "float64".
        deterministic: see `common.training.seeds.seed_everything`.
        callbacks: called before the suite's own, so that what they add to an epoch's `logs` is kept. The
            batch numbers they see start from 0 after a resume too. One that must remember things has
            `get_state` and `set_state`.
        describe_batch: `describe_batch(epoch, step)` names the files of a batch, should its loss not be
            finite.
        resume: go on from a checkpoint in `run_dir`; otherwise start over and remove it.
        checkpoint_seconds: longest time between two checkpoints.

    Raises:
        NonFiniteLoss: the loss became infinite or not a number.
        NonFiniteWeights: the weights did, or were from the start. No checkpoint holds any of it.
        UserError: unknown precision, replicas that are not there, a recipe that does not divide among
            replicas, or checkpoints that are damaged or of another run.
        ValueError: `data` ended before `steps_per_epoch` batches.
    """
    started = time.monotonic()
    run_dir = Path(run_dir)
    strategy = make_strategy(replicas)
    identity = {
        "configuration": config_hash,
        "epochs": epochs,
        "steps per epoch": steps_per_epoch,
        "batch size": batch_size,
        "seed": seed,
        "replicas": replicas,
        "precision": precision,
    }
    store = CheckpointStore(run_dir / "checkpoints", identity)
    with exclusive(run_dir) if is_chief() else contextlib.nullcontext():
        snapshot = _agreed_start(store, resume)
        state = snapshot.state if snapshot else RunState()

        seed_everything(seed, deterministic)
        begin = (state.epoch, state.step) if state.epoch < epochs else (epochs - 1, 0)
        batches = EpochData(data, strategy, steps_per_epoch, begin)
        with precision_policy(precision), strategy.scope():
            model = _build(build, batches, replicas)
        if cluster():
            with precision_policy(precision):
                own_network(model, build)
            model.train_function = ClusterStep(model, strategy)
        elif replicas > 1:
            step_in_one_graph(model, strategy)

        recorder = Recorder(state, batches, batch_size, started)
        progress = TrainingProgress(state, epochs, steps_per_epoch, batch_size)
        shown = [progress, CsvLog(state, run_dir / "log.csv"), TensorBoardLog(state, run_dir / "tensorboard")]
        with warnings.catch_warnings(), contextlib.closing(progress), lost_told():
            # The rest of an interrupted epoch is shorter than Keras expects; the recorder counts batches.
            warnings.filterwarnings("ignore", message="Your input ran out of data")
            model.fit(
                batches,
                initial_epoch=epochs if state.stopped else state.epoch,
                epochs=epochs,
                verbose=0,
                callbacks=[
                    RestOfEpoch(state, steps_per_epoch),
                    keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: stop_if_asked()),
                    FiniteLoss(state, steps_per_epoch, describe_batch, run_dir / "non-finite-batch.txt"),
                    FiniteWeights(state),
                    *callbacks,
                    recorder,
                    *(shown if is_chief() else ()),
                    Checkpoints(store, recorder, snapshot, callbacks, epochs, checkpoint_seconds),
                ],
            )
            require_finite_state(model, "at the end of the training")
        trained = measurable(model)
        save_weights(trained, run_dir / FINAL_WEIGHTS)
    return FitResult(
        model=trained,
        history=state.history,
        seconds=state.seconds,
        images_per_second=state.images_per_second,
        peak_memory_mb=peak_memory_mb(),
        device=devices(describe_device()),
        replicas=replicas,
        precision=precision,
    )


def _agreed_start(store: CheckpointStore, resume: bool) -> Snapshot | None:
    """Return the checkpoint that all workers go on from, which the chief finds."""
    snapshot = None
    if is_chief():
        if not resume:
            store.clear()
        store.remove_leftovers()
        snapshot = store.load()
    start = agreed("a checkpoint", lambda: [snapshot.state.epoch, snapshot.state.step] if snapshot else None)
    if start is not None and not is_chief():
        snapshot = store.load()
        if snapshot is None or start != [snapshot.state.epoch, snapshot.state.step]:
            raise UserError(
                "this worker finds another checkpoint than worker 0: all machines must see the same folder "
                "of runs (--runs-root)."
            )
    together("its reading")
    return snapshot


def _build(build: Callable[[], keras.Model], batches: EpochData, replicas: int) -> keras.Model:
    model = build()
    require_replicable(model, replicas)
    # Optimizer slots and metrics must exist before a checkpoint can be restored into them; Keras would make
    # them in the first step, and what was restored earlier would be lost.
    if replicas > 1:
        agree_on_loss_scale(model)
        prepare_for_shares(model, batches.element_spec)
    else:
        model._symbolic_build(data_batch=batches.element_spec)
    return model
