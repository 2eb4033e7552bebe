"""The trained joint network for use: faces in, probabilities of age and gender out."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from common.training.fit import FINAL_WEIGHTS
from common.training.weights import load_weights
from reproductions.age_gender import data
from reproductions.age_gender.experiments import JOINT
from reproductions.age_gender.labels import AGE_INTERVALS, GENDERS
from reproductions.age_gender.model import network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.study import STUDY
from reproductions.shared.harness.options import NEEDED, Options
from reproductions.shared.harness.trained import Trained


class Classifier:
    """A trained network.

    Args:
        model: from (B, size, size, 1) uint8 faces to probabilities by task, as of
            `reproductions.age_gender.networks.probabilities`.
        mirrored: answers are averaged over a face and its mirror image.

    Attributes:
        size: side of the faces in pixels.
        template, margin: how they are aligned, as of `common.faces.alignment.align`.
        ages, genders: names of the classes in the order of the probabilities.
    """

    template = data.TEMPLATE
    margin = 0.0
    ages = AGE_INTERVALS
    genders = GENDERS

    def __init__(self, model: keras.Model, mirrored: bool):
        self.size = model.input_shape[1]
        self._mirrored = mirrored
        # One graph for batches of any size: `keras.Model.predict` costs more than the network itself where a
        # frame holds a single face.
        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)]
        self._model = tf.function(lambda faces: model(faces, training=False), input_signature=signature)

    def predict(self, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Classify faces.

        Args:
            faces: (N, size, size) or (N, size, size, 1) uint8 grey, aligned to `template`; N may be 0.

        Returns:
            Probabilities of the `AGE_INTERVALS`, (N, 4), and of the `GENDERS`, (N, 2), float64, rows sum to
            one.

        Raises:
            ValueError: faces of another shape or type.
        """
        faces = np.asarray(faces)
        expected = (self.size, self.size)
        if faces.dtype != np.uint8 or faces.shape[1:] not in (expected, (*expected, 1)):
            raise ValueError(
                f"faces are (N, {self.size}, {self.size}) uint8, not {faces.shape} {faces.dtype}"
            )
        if not len(faces):
            return np.empty((0, len(AGE_INTERVALS))), np.empty((0, len(GENDERS)))
        faces = faces.reshape(-1, *expected, 1)
        views = [faces, faces[:, :, ::-1]] if self._mirrored else [faces]
        answers = [self._model(view) for view in views]
        age, gender = (
            np.mean([one[task].numpy() for one in answers], axis=0, dtype=np.float64)
            for task in ("age", "gender")
        )
        return age, gender


def load_classifier(options: Options) -> Classifier:
    """Return the joint network of the profile, of the first seed; its run is made first if there is none.

    Args:
        options: profile, data and folders. The weights are in `options.runs_root`; where they are gone and
            the record still stands, the network is trained again, see `reproductions.shared.harness.again`.

    Raises:
        UserError: its weights are not those of its record.
    """
    run, _ = STUDY.planned(JOINT, "results", options, options.seeds[0])
    weights = run.folder / FINAL_WEIGHTS
    record = STUDY.run(JOINT, "results", dataclasses.replace(options, weights=NEEDED), options.seeds[0])
    model = network(JOINT, run.recipe)
    load_weights(model, weights, None if record is None else Trained(record, weights).stated)
    return Classifier(probabilities(model), run.recipe.mirrored)
