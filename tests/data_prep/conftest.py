"""What tests of preparing share."""

import pytest

from data_prep.preparation import making


@pytest.fixture
def in_process(monkeypatch):
    """Spare a test the start of worker processes."""

    def ordered_map(function, items, workers, crashed):
        for item in items:
            yield function(item)

    monkeypatch.setattr(making, "ordered_map", ordered_map)
