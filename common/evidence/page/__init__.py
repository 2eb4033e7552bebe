"""One self-contained page of all results, `index.html`: made of records, opened without a network.

`results_page` returns it; nothing in it is fetched from anywhere, and the same records give the same bytes.
"""

from common.evidence.page.build import PAGE, results_page
from common.evidence.page.study import Told

__all__ = ["PAGE", "Told", "results_page"]
