"""What the paper holds, and what answers it, see `common.evidence.coverage`."""

from __future__ import annotations

from functools import partial

from common.evidence.answers import Claimed, Counted, Elsewhere, Ran, Shown, departure
from common.evidence.coverage import Item

_TESTS = "../../tests"
_SETS = "MORPH, CACD"


_departure = partial(departure, reproduction="neighborhood_loss")

COVERAGE = (
    Item(
        "Eq. 1-3",
        "Softmax, cross entropy and its gradient",
        (
            Ran("table2", ("cross-entropy-18", "cross-entropy-34")),
            Elsewhere("test_age_losses", f"{_TESTS}/common/losses/test_age_losses.py"),
        ),
        count=3,
    ),
    Item("Eq. 4", "The Gaussian target", (Shown("fig1"), Counted("target output of a softmax"))),
    Item(
        "Eq. 5",
        "The neighborhood loss, and its gradient",
        (
            Ran("ablations", ("neighborhood-18", "fused-18")),
            Elsewhere("test_neighborhood", f"{_TESTS}/common/losses/test_neighborhood.py"),
        ),
    ),
    Item(
        "Eq. 6",
        "The expectation as the answer",
        (
            Claimed(
                tuple(f"expectation beats median, neighborhood loss, {depth} layers" for depth in (18, 34))
            ),
            Shown("decisions"),
        ),
    ),
    Item(
        "Eq. 7",
        "Mean absolute error",
        (
            Ran("table2", ("neighborhood-34",)),
            Elsewhere("test_age", f"{_TESTS}/common/metrics/test_age.py"),
        ),
    ),
    Item("Fig. 1", "One-hot and Gaussian targets", (Shown("fig1"),)),
    Item("Fig. 2", "Faces of the three sets", (Counted("Face image examples"),)),
    Item(
        "Table 1",
        "The networks of 18 and 34 layers",
        (Shown("table1"), Counted("output size of Conv1_x"), Counted("two units in each stage")),
    ),
    Item("Table 2", "Cross entropy, 34 layers", (Ran("table2", ("cross-entropy-34",)),), _SETS),
    Item("Table 2", "Neighborhood loss, 34 layers", (Ran("table2", ("neighborhood-34",)),), _SETS),
    Item("Table 2", "The same, 18 layers", (Ran("table2", ("cross-entropy-18", "neighborhood-18")),), _SETS),
    *(
        Item(
            "5.4.1, Table 2",
            f"The loss beats cross entropy, {depth} layers",
            (Claimed((f"beats cross entropy, {depth} layers",)),),
            needs=_SETS,
        )
        for depth in (34, 18)
    ),
    Item(
        "5.4.1, Table 2",
        "Of the error 0.71 is left on FG-NET",
        (Claimed(("by a third, 34 layers", "by a third, 18 layers")),),
    ),
    Item(
        "5.4.1, Table 2",
        "0.55 on MORPH, 0.80 on CACD",
        (Counted("improves high accuracy compared"),),
        needs=_SETS,
        whole=False,
    ),
    Item("Table 3", "Six quoted methods", (Shown("table3", "as the paper quotes them"),)),
    *(
        Item("Table 3", f"Ours, {depth} layers", (Ran("table3", (f"neighborhood-{depth}",)),), _SETS)
        for depth in (18, 34)
    ),
    Item("5.4.2, Table 3", "Deeper is better", (Claimed(("deeper is better",)),), _SETS),
    Item(
        "6, Table 3",
        "Superior to other methods",
        (Claimed(("beats an ordinal loss", "beats mean-variance", "beats normalised Gaussian targets")),),
        needs=_SETS,
    ),
    Item(
        "5.4.2, Table 3",
        "Superior by the paper's own numbers",
        (Counted("superior performance compare"), Counted("DEX, CACD: 6.52")),
    ),
    Item(
        "4.3",
        "Training for regression is unstable",
        (Counted("relatively unstable"), Ran("table3", ("l1-18",))),
    ),
    Item("4.2", "Stride 1 keeps what is needed", (Claimed(("stride 1 is better",)),)),
    Item(
        "4.2",
        "Residual units are better than VGGNet",
        (Claimed(("residual units are better than VGG",)),),
        todo="vgg-16 by three seeds (CPU)",
    ),
    Item("5.1", "Ages are evened out", (Ran("ablations", ("neighborhood-18", "unbalanced-18"), demanded=3),)),
    Item(
        "5.3",
        "Dropout of 0.2, decay of 5e-4, the rate in steps",
        (
            Ran("ablations", ("printed-training-18",)),
            _departure(5, "the rate elsewhere"),
            _departure(6, "the decay"),
            _departure(9, "no dropout elsewhere"),
        ),
        todo="printed-training-18 (CPU)",
    ),
    Item(
        "5.3",
        "Adam from 0.1",
        (Counted("learning rate is started from 0.1"), Ran("ablations", ("printed-optimizer-18",))),
    ),
    Item(
        "5.3",
        "σ is set to 5 empirically",
        (
            Counted("We empirically set"),
            Ran("ablations", ("neighborhood-18", "margin-2-18", "margin-3-18"), demanded=3),
        ),
        todo="margin-2-18 and margin-3-18 by two more seeds each (CPU)",
    ),
)
