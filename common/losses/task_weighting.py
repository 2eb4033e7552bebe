"""Several tasks in one loss, with a trained weight for each, in three forms of which one works."""

from __future__ import annotations

import keras
from keras import ops

from common.losses.labels import checked_labels
from common.number_formats import wide

FORMS = ("text", "code", "constrained")


@keras.saving.register_keras_serializable(package="common")
class TaskWeight(keras.layers.Layer):
    """Turns a task's logits into scores whose negative at the true class is the task's share of a loss.

    With z the logits, L = -log softmax(z)_label the task's cross entropy and w this layer's one trained
    number, the share is

    - "text": w L, with w = 1 to begin with. Eq. 5 of Kang, Jiang and Li prints
      "p loss_age + q loss_gender, where the parameters p and q are trainable". Its derivative by w is L > 0,
      so w falls without end, and once it is below 0 the network is trained to be wrong: there is no minimum.
    - "code": -log(w softmax(z)_label) = L - log w, as the authors' code has it, but with w = 1 to begin with
      where the code begins at 0.5. The gradient by z does not hold w, which grows without end and changes
      nothing in the network.
    - "constrained": exp(-w) L + w / 2, with w = 0 to begin with: w is the logarithm of the task's variance.
      The least share for a given L is at exp(w) = 2 L.

    Scores are float32 whatever the policy.

    Args:
        form: a name of `FORMS`.
        name, dtype: as of `keras.layers.Layer`.

    Input and output shape: (B, K).

    Raises:
        ValueError: an unknown form, or inputs that are not (B, K).

    Example:

    >>> features = keras.Input((512,))
    >>> tasks = {"age": 4, "gender": 2}
    >>> logits = {task: keras.layers.Dense(classes)(features) for task, classes in tasks.items()}
    >>> scores = {task: TaskWeight("constrained", name=task)(logits[task]) for task in tasks}
    >>> model = keras.Model(features, scores)
    >>> model.compile("adam", {task: NegativeScore(classes) for task, classes in tasks.items()})

    Reference: Kang, Jiang and Li, "Multi-task learning based on CNN for Age and Gender Classification",
    Eq. 5; Kendall, Gal and Cipolla, "Multi-Task Learning Using Uncertainty to Weigh Losses", CVPR 2018,
    Eq. 10, with w = log sigma ** 2.
    """

    def __init__(self, form: str = "constrained", **kwargs):
        super().__init__(**{"autocast": False, **kwargs})
        if form not in FORMS:
            raise ValueError(f"form is one of {', '.join(FORMS)}, not {form!r}")
        self.form = form

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(f"task weights take logits (B, K), not of shape {tuple(input_shape)}")
        start = "zeros" if self.form == "constrained" else "ones"
        self.weight = self.add_weight(shape=(), initializer=start, autocast=False, name="weight")

    def call(self, inputs):
        dtype = wide(self.compute_dtype)
        log_probabilities = ops.log_softmax(ops.cast(inputs, dtype), axis=-1)
        weight = ops.cast(self.weight, dtype)
        if self.form == "text":
            return weight * log_probabilities
        if self.form == "code":
            return ops.log(weight) + log_probabilities
        return ops.exp(-weight) * log_probabilities - weight / 2

    def factor(self) -> float:
        """Return what the network's gradient of this task is multiplied by at present."""
        weight = float(ops.convert_to_numpy(self.weight))
        if self.form == "constrained":
            return float(ops.convert_to_numpy(ops.exp(-weight)))
        return weight if self.form == "text" else 1.0

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "form": self.form}


@keras.saving.register_keras_serializable(package="common")
class NegativeScore(keras.losses.Loss):
    """The negative of the true class's score; of log-probabilities it is the cross entropy.

    Unlike a cross entropy it does not normalise its input, in which a task's weight would be lost.

    Args:
        num_classes: K; the classes are 0 to K - 1.
        name, reduction, dtype: as of `keras.losses.Loss`.

    Call arguments:
        y_true: classes, (B,) or (B, 1). Any but 0 to K - 1 is an error, see `checked_labels`.
        y_pred: scores (B, K), as from `TaskWeight`.
        sample_weight: optional factors (B,).
    """

    def __init__(self, num_classes, name="negative_score", reduction="sum_over_batch_size", dtype=None):
        if num_classes < 2:
            raise ValueError(f"num_classes is at least 2, not {num_classes}")
        asked = keras.dtype_policies.get(dtype or keras.config.floatx()).compute_dtype
        super().__init__(name=name, reduction=reduction, dtype=wide(asked))
        self.num_classes = int(num_classes)

    def call(self, y_true, y_pred):
        if len(y_pred.shape) != 2 or y_pred.shape[1] != self.num_classes:
            raise ValueError(
                f"NegativeScore takes scores of shape (B, {self.num_classes}), not {tuple(y_pred.shape)}"
            )
        y_pred = ops.cast(y_pred, self.dtype)
        labels = checked_labels(y_true, self.num_classes, self.dtype, unit="numbers")[:, None]
        chosen = ops.equal(labels, ops.arange(self.num_classes, dtype=self.dtype))
        # Where no assertion can be made an invalid label is NaN, and so is its loss.
        return -ops.sum(ops.where(chosen, y_pred, 0.0), axis=1) + 0 * labels[:, 0]

    def get_config(self):
        return {**super().get_config(), "num_classes": self.num_classes, "dtype": self.dtype}
