"""The methods of the supplement's Table 2 as games of two players: what is made, and what each side pays."""

from __future__ import annotations

import keras
from keras import ops

from common.losses import LeastSquaresAdversarialLoss, total_variation
from common.number_formats import wide
from common.training.adversarial import AdversarialModel
from reproductions.mtlface.synthesis import caae, ipcgan
from reproductions.mtlface.synthesis.discriminator import patch_discriminator
from reproductions.mtlface.synthesis.features import feature_shapes
from reproductions.mtlface.synthesis.generator import LEVELS, GeneratorParts, generator

ADVERSARIAL, AGE, IDENTITY = 75.0, 10.0, 0.002
"""Weights of MTLFace's losses (B: lambda_adv, lambda_age and lambda_id of FAS)."""

IPCGAN_ADVERSARIAL, IPCGAN_AGE = 75.0, 30.0
"""Weights of IPCGAN's, as in its authors' code; that of its features depends on whose they are."""

SEEN = "stage3"
"""The encoder's map that IPCGAN compares: at 112 px 14x14x256, where its article has AlexNet's, 13x13x256."""

CAAE_ADVERSARIAL, CAAE_CODE, CAAE_SMOOTH = 1e-4, 1e-4, 1e-4
"""Weights of CAAE's beside the reconstruction's 1: of faces, codes and total variation."""

_least_squares = LeastSquaresAdversarialLoss(reduction="none")
_age_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def normalised(faces):
    """Return uint8 faces in [-1, 1] (B: "linearly normalized to [-1, 1]")."""
    return ops.cast(faces, wide()) / 127.5 - 1.0


def adversarial_loss(answers, real: bool):
    """Return 1/2 mean (D - t)^2 of each example, (B,), with t = 1 for real and 0 for generated faces."""
    wanted = ops.full((ops.shape(answers)[0],), 1.0 if real else 0.0)
    return _least_squares(wanted, answers)


def logistic_loss(logits, real: bool):
    """Return -log of the probability that logits (B, 1) give to what is asked, (B,)."""
    return ops.softplus(-logits if real else logits)[:, 0]


def softened(faces):
    """Return faces (B, S, S, 3) smoothed by (1, 2, 1) / 4 along both sides, their edges repeated.

    What alternates from pixel to pixel vanishes: by such patterns, which are no sign of age, a generator can
    talk a frozen network into any age.
    """
    for axis in (1, 2):
        first, last = (ops.take(faces, [index], axis=axis) for index in (0, faces.shape[axis] - 1))
        faces = ops.concatenate([first, faces, last], axis=axis)
    for _ in range(2):
        faces = ops.average_pool(faces, 2, 1, "valid")
    return faces


def squared_difference(one, other):
    """Return the mean squared difference of two maps of each example, (B,), in float32 at least."""
    dtype = wide(keras.backend.standardize_dtype(one.dtype))
    difference = ops.cast(one, dtype) - ops.cast(other, dtype)
    return ops.mean(ops.square(difference), axis=(1, 2, 3))


class Synthesiser(AdversarialModel):
    """A method that takes faces to an age group.

    A batch is {"faces": (B, S, S, 3) uint8, "group": (B,) their own, "target": (B,) to be taken to, "prior":
    (B, 50) drawn evenly from [-1, 1]}. `call` takes {"faces": uint8, "group": the target} and returns faces
    (B, S, S, 3), float32, about [-1, 1].
    """


class MTLFace(Synthesiser):
    """E and the age head frozen; x_id conditioned, decoded, and judged by patches.

    Discriminator: 1/2 (mean (D(real, own) - 1)^2 + mean D(made, target)^2). Generator: 75 x 1/2 mean
    (D(made, target) - 1)^2 + 10 x cross entropy of the age head's groups of what is made + 0.002 x mean
    squared difference of its x_id from the face's.

    Args:
        parts: of the generator.
        features: of `frozen_features`.
        critic_width: factor on the discriminator's channels.
        critic_kernels: what they start from, see `discriminator.KERNELS`.
        synchronized: take batch statistics over all replicas.
        halvings: of the discriminator.
        identity: weight of the identity's loss.
        soft: the age head and x_id are asked of what is made once it is `softened`.
        smooth: weight of the total variation of what is added to the face; 0 leaves the term out.
    """

    def __init__(
        self,
        parts: GeneratorParts,
        features: keras.Model,
        critic_width: float = 1.0,
        critic_kernels: str = "normal",
        synchronized: bool = False,
        halvings: int = 4,
        identity: float = IDENTITY,
        soft: bool = False,
        smooth: float = 0.0,
    ):
        made = generator(parts, feature_shapes(features), synchronized)
        critic = patch_discriminator(parts.size, critic_width, parts.reading, critic_kernels, halvings)
        pays = ("adversarial", "age", "identity", *(("smooth",) if smooth else ()))
        terms = {"generator": pays, "discriminator": ("real", "made")}
        super().__init__([made], [critic], terms, name="mtlface")
        self.generator, self.discriminator, self.features = made, critic, features
        self.identity, self.soft, self.smooth = identity, soft, smooth

    def call(self, inputs, training=False):
        faces = normalised(inputs["faces"])
        return self._take(faces, self.features(faces, training=False), inputs["group"], training)

    def make(self, x):
        faces = normalised(x["faces"])
        features = self.features(faces, training=False)
        made = self._take(faces, features, x["target"], True)
        return {"faces": faces, "x_id": features["x_id"], "made": made}

    def discriminator_losses(self, x, made):
        # One call, so that the spectral norm is taken once for both.
        faces = ops.concatenate([made["faces"], made["made"]])
        group = ops.concatenate([x["group"], x["target"]])
        real, fake = ops.split(self.discriminator({"faces": faces, "group": group}, training=True), 2)
        return {"real": adversarial_loss(real, True), "made": adversarial_loss(fake, False)}

    def generator_losses(self, x, made):
        # Not in training: the spectral norm is the discriminator's to keep.
        answers = self.discriminator({"faces": made["made"], "group": x["target"]}, training=False)
        shown = softened(made["made"]) if self.soft else made["made"]
        seen = self.features(shown, training=False)
        losses = {
            "adversarial": ADVERSARIAL * adversarial_loss(answers, True),
            "age": AGE * _age_entropy(x["target"], seen["groups"]),
            "identity": self.identity * squared_difference(seen["x_id"], made["x_id"]),
        }
        if self.smooth:
            losses["smooth"] = self.smooth * total_variation(made["made"] - made["faces"])
        return losses

    def _take(self, faces, features, group, training):
        maps = {name: features[name] for name in ("x_id", *LEVELS)}
        return self.generator({"faces": faces, **maps, "group": group}, training=training)


class IPCGAN(Synthesiser):
    """An image-to-image network; identity and age by a frozen network's features.

    Discriminator: 75 x 1/2 (real + 1/2 (real under another label + made)). Generator: 75 x 1/2 mean
    (D(made, target) - 1)^2 + 30 x cross entropy of the groups + feature_weight x mean squared difference of
    the encoder's map `SEEN`.

    Args:
        size: side of the faces in pixels.
        width, critic_width: factors on the channels of generator and discriminator.
        features: of `frozen_features`; the article's are those of an AlexNet.
        feature_weight: of the difference of features.
        synchronized: take batch statistics over all replicas.
    """

    def __init__(
        self,
        size: int,
        width: float,
        features: keras.Model,
        feature_weight: float,
        critic_width: float = 1.0,
        synchronized: bool = False,
    ):
        made = ipcgan.generator(size, width, synchronized)
        critic = ipcgan.patch_discriminator(size, critic_width, synchronized)
        terms = {"generator": ("adversarial", "age", "identity"), "discriminator": ("real", "wrong", "made")}
        super().__init__([made], [critic], terms, name="ipcgan")
        self.generator, self.discriminator, self.features = made, critic, features
        self.feature_weight = feature_weight

    def call(self, inputs, training=False):
        faces = normalised(inputs["faces"])
        return self.generator({"faces": faces, "group": inputs["group"]}, training=training)

    def make(self, x):
        faces = normalised(x["faces"])
        made = self.generator({"faces": faces, "group": x["target"]}, training=True)
        return {"faces": faces, "made": made}

    def discriminator_losses(self, x, made):
        wrong = another_group(x["group"], x["target"])
        answers = {
            "real": self._answers(made["faces"], x["group"]),
            "wrong": self._answers(made["faces"], wrong),
            "made": self._answers(made["made"], x["target"]),
        }
        half = IPCGAN_ADVERSARIAL / 2
        return {
            "real": IPCGAN_ADVERSARIAL * adversarial_loss(answers["real"], True),
            "wrong": half * adversarial_loss(answers["wrong"], False),
            "made": half * adversarial_loss(answers["made"], False),
        }

    def generator_losses(self, x, made):
        faces, fakes = (self.features(made[one], training=False) for one in ("faces", "made"))
        answers = self._answers(made["made"], x["target"])
        return {
            "adversarial": IPCGAN_ADVERSARIAL * adversarial_loss(answers, True),
            "age": IPCGAN_AGE * _age_entropy(x["target"], fakes["groups"]),
            "identity": self.feature_weight * squared_difference(fakes[SEEN], faces[SEEN]),
        }

    def _answers(self, faces, group):
        return self.discriminator({"faces": faces, "group": group}, training=True)


class CAAE(Synthesiser):
    """An autoencoder that reconstructs a face from code and own group; another group then ages it.

    The code is pushed to spread evenly by one discriminator, the reconstruction to look real by another, both
    with the logistic loss. Generator: mean |made - face| + 1e-4 x both adversarial losses
    + 1e-4 x total variation.

    Args:
        size: side of the faces in pixels.
        width, critic_width: factors on the channels of the autoencoder and of the faces' discriminator.
        synchronized: take batch statistics over all replicas.
    """

    def __init__(self, size: int, width: float, critic_width: float = 1.0, synchronized: bool = False):
        encoder, decoder = caae.encoder(size, width), caae.generator(size, width)
        critics = [
            caae.code_discriminator(synchronized),
            caae.face_discriminator(size, critic_width, synchronized),
        ]
        terms = {
            "generator": ("reconstruction", "adversarial", "code", "smooth"),
            "discriminator": ("real", "made", "prior", "code"),
        }
        super().__init__([encoder, decoder], critics, terms, name="caae")
        self.encoder, self.generator = encoder, decoder
        self.code_discriminator, self.face_discriminator = critics

    def call(self, inputs, training=False):
        code = self.encoder(normalised(inputs["faces"]), training=training)
        return self.generator({"code": code, "group": inputs["group"]}, training=training)

    def make(self, x):
        faces = normalised(x["faces"])
        code = self.encoder(faces, training=True)
        made = self.generator({"code": code, "group": x["group"]}, training=True)
        return {"faces": faces, "code": code, "made": made}

    def discriminator_losses(self, x, made):
        return {
            "real": logistic_loss(self._answers(made["faces"], x["group"]), True),
            "made": logistic_loss(self._answers(made["made"], x["group"]), False),
            "prior": logistic_loss(self.code_discriminator(x["prior"], training=True), True),
            "code": logistic_loss(self.code_discriminator(made["code"], training=True), False),
        }

    def generator_losses(self, x, made):
        logits = self._answers(made["made"], x["group"])
        codes = self.code_discriminator(made["code"], training=True)
        return {
            "reconstruction": ops.mean(ops.abs(made["made"] - made["faces"]), axis=(1, 2, 3)),
            "adversarial": CAAE_ADVERSARIAL * logistic_loss(logits, True),
            "code": CAAE_CODE * logistic_loss(codes, True),
            "smooth": CAAE_SMOOTH * total_variation(made["made"]),
        }

    def _answers(self, faces, group):
        return self.face_discriminator({"faces": faces, "group": group}, training=True)


def another_group(own, proposed):
    """Return a group for each example that is not its own: the proposed one, else its neighbour, (B,)."""
    neighbour = ops.where(own > 0, own - 1, own + 1)
    return ops.where(ops.equal(own, proposed), neighbour, proposed)
