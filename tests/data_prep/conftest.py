"""What tests of preparing share."""

import pytest

from data_prep.preparation import prepare


@pytest.fixture
def in_process(monkeypatch):
    """Spare a test the start of worker processes."""

    def ordered_map(function, items, workers, crashed):
        for item in items:
            yield function(item)

    monkeypatch.setattr(prepare, "ordered_map", ordered_map)
