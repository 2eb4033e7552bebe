"""Learning rates against their closed forms, and through serialisation."""

import keras
import numpy as np
import pytest

from common.training.schedules import SigmoidRamp, StepDecay, warmup_cosine


def values(schedule, steps):
    return np.array([float(schedule(step)) for step in steps])


def test_warmup_cosine_matches_its_closed_form():
    steps = np.arange(0, 101)
    rising, falling = steps / 10, 0.1 + 0.9 * (1 + np.cos(np.pi * (steps - 10) / 90)) / 2
    expected = 0.3 * np.where(steps < 10, rising, falling)
    np.testing.assert_allclose(values(warmup_cosine(0.3, 100, 0.1, 0.1), steps), expected, rtol=1e-5)


def test_warmup_cosine_without_warmup_starts_at_the_peak():
    np.testing.assert_allclose(values(warmup_cosine(0.3, 100, 0.0), [0, 50, 100]), [0.3, 0.15, 0], atol=1e-7)


def test_step_decay_matches_keras_piecewise_constant():
    ours = StepDecay(0.1, 150, (1 / 3, 2 / 3), 0.1)
    keras_own = keras.optimizers.schedules.PiecewiseConstantDecay([49, 99], [0.1, 0.01, 0.001])
    steps = range(150)
    np.testing.assert_allclose(values(ours, steps), values(keras_own, steps), rtol=1e-6)


@pytest.mark.parametrize("steps", [100, 1000])
def test_step_decay_keeps_its_shape_at_any_length(steps):
    schedule = StepDecay(1.0, steps, (0.5,), 0.5, warmup=0.1)
    at = [0, 0.05 * steps, 0.1 * steps, 0.5 * steps - 1, 0.5 * steps, steps]
    np.testing.assert_allclose(values(schedule, at), [0, 0.5, 1, 1, 0.5, 0.5], rtol=1e-6)


def test_step_decay_survives_serialisation():
    schedule = StepDecay(0.1, 30, (0.5, 0.9), 0.2, warmup=0.1)
    text = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(text)
    np.testing.assert_array_equal(values(again, range(30)), values(schedule, range(30)))


def test_step_decay_stops_at_its_floor():
    schedule = StepDecay(0.1, 100, (0.2, 0.4, 0.6, 0.8), 0.1, warmup=0.1, floor=1e-3)
    found = values(schedule, [0, 5, 10, 20, 40, 60, 80, 99])
    np.testing.assert_allclose(found, [1e-3, 0.05, 0.1, 0.01, 1e-3, 1e-3, 1e-3, 1e-3], rtol=1e-6)


def test_sigmoid_ramp_matches_its_closed_form_and_survives_serialisation():
    steps = np.arange(0, 130, 10)
    expected = 2 / (1 + np.exp(-10 * np.minimum(steps / 100, 1))) - 1
    ramp = SigmoidRamp(100)
    np.testing.assert_allclose(values(ramp, steps), expected, rtol=1e-5)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(ramp))
    np.testing.assert_array_equal(values(again, steps), values(ramp, steps))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(0.1, 10, (0.5, 0.2)), "rising fractions"),
        (lambda: StepDecay(0.1, 10, (5,)), "rising fractions"),
        (lambda: StepDecay(0.1, 10, warmup=1.0), "warm-up must be a fraction"),
        (lambda: SigmoidRamp(0), "a run has a step at least"),
        (lambda: warmup_cosine(0.1, 10, 1.0), "leaves none of the 10 steps"),
    ],
)
def test_what_is_not_a_fraction_of_the_run_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
