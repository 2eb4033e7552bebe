"""What the runs cost: device, number format, images a second, hours, memory."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence

from common.evidence.page.html import esc, link, region, tag
from common.evidence.records import Record

_HEADS = ("Study", "Device", "Format", "Profile", "Runs", "Images/s, median", "Hours", "Memory, GiB, most")


def speed(records: Mapping[str, Sequence[Record]]) -> str:
    """Return one table of all studies' trainings.

    Args:
        records: by study.
    """
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for paper, several in records.items():
        for one in several:
            if one.images_per_second is None:
                continue
            groups[paper, one.device, one.precision, one.profile].append(one)
    rows = []
    for (paper, *what), several in sorted(groups.items()):
        rates = [one.images_per_second or 0.0 for one in several]
        numbers = [
            f"{len(several)}",
            f"{statistics.median(rates):,.0f}",
            f"{sum(one.seconds for one in several) / 3600:.1f}",
            f"{max(one.peak_memory_mb for one in several) / 1024:.1f}",
        ]
        cells = [tag("td", esc(text)) for text in what]
        cells += [tag("td", text, class_="n", data_v=text.replace(",", "")) for text in numbers]
        rows.append(tag("tr", tag("th", link(f"{paper}/runs", paper), scope="row"), *cells))
    head = tag("tr", *(tag("th", one, scope="col") for one in _HEADS))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="sortable")
    return region(table, "Speed and devices")
