"""Generated people whom the tests of several papers share: to render them takes longer than the tests."""

import os

import pytest


@pytest.fixture(scope="session")
def _people(tmp_path_factory):
    """A folder that all workers of a test run share, each of whom has one of its own below the same."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "people"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def few_people(_people):
    """The root of prepared sets whose generated people are fewer than the default, of the same kind."""
    from data_prep.synthetic import people as synthetic

    kept = synthetic.generate_default
    synthetic.generate_default = lambda root: synthetic.generate(root, 110, 4, 96)
    yield _people
    synthetic.generate_default = kept


@pytest.fixture
def untraced():
    """What is trained goes step by step: to trace a network takes longer than a few steps of it."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
