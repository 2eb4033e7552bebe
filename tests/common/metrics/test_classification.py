"""Classification metrics beside scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from common.metrics.classification import balanced_accuracy, class_hits, confusion_matrix

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("count", [2, 4, 7])
@pytest.mark.parametrize("images", [1, 30, 500])
def test_scikit_learn_agrees(count, images):
    classes = RANDOM.integers(0, count, images)
    answers = np.where(RANDOM.random(images) < 0.6, classes, RANDOM.integers(0, count, images))
    assert class_hits(classes, answers).mean() == pytest.approx(
        100 * metrics.accuracy_score(classes, answers)
    )
    expected = 100 * metrics.recall_score(classes, answers, labels=np.unique(classes), average="macro")
    assert balanced_accuracy(classes, answers) == pytest.approx(expected)
    np.testing.assert_array_equal(
        confusion_matrix(classes, answers, count),
        metrics.confusion_matrix(classes, answers, labels=range(count)),
    )


def test_a_constant_answer_scores_its_share_and_one_over_k():
    classes = np.repeat([0, 1, 2, 3], [53, 20, 17, 10])
    assert class_hits(classes, np.zeros(100, int)).mean() == 53
    assert balanced_accuracy(classes, np.zeros(100, int)) == 25


def test_a_class_that_nobody_has_does_not_count():
    assert balanced_accuracy([0, 0, 2], [0, 1, 2]) == 75


@pytest.mark.parametrize(
    ("classes", "answers"), [([], []), ([0], [0, 1]), ([0.5], [0]), ([-1], [0]), ([[0]], [[0]])]
)
def test_what_is_no_class_is_refused(classes, answers):
    with pytest.raises(ValueError, match="classes"):
        class_hits(np.array(classes), np.array(answers))
    with pytest.raises(ValueError, match="from 0 to 1"):
        confusion_matrix([0, 2], [0, 1], 2)
