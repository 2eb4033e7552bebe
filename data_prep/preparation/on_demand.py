"""A data set as it is asked for: prepared unless it stands prepared, generated where there is none."""

from __future__ import annotations

from pathlib import Path

from data_prep.preparation.prepare import prepare
from data_prep.prepared.index import Prepared
from data_prep.synthetic import people


def prepared_set(
    name: str, data_root: Path | None, prepared_root: Path, size: int, template: str, detector: str = "auto"
) -> Prepared:
    """Prepare a data set of the user, or the generated one, which is rendered first if it is not there.

    Args:
        name: of the data set.
        data_root, prepared_root: where sets are, and where prepared ones go.
        size, template, detector: as of `data_prep.preparation.prepare.prepare`.
    """
    if data_root is None or name == "synthetic":
        data_root = people.generated_in(prepared_root)
    if name == "synthetic" and detector == "auto":
        # Their landmarks are known to a hundredth of a pixel: nothing need be detected.
        detector = "manual"
    return prepare(name, data_root, prepared_root, size=size, template=template, detector=detector)
