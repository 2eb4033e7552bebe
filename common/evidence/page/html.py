"""HTML out of texts: elements, escaping, and the little Markdown that the studies' pages are written in."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*([^*\s][^*]*?)\*(?![\w*])")
_ITEM = re.compile(r"^\d+\. ", re.MULTILINE)
_VOID = {"br", "hr", "input", "meta"}


def esc(text: object) -> str:
    """Return a text as it may stand in an element or an attribute."""
    # Attributes stand in double quotes, so that single ones need no escape.
    return html.escape(str(text), quote=False).replace('"', "&quot;")


def tag(name: str, *content: str, **attributes: object) -> str:
    """Return an element.

    Args:
        name: of the element.
        content: HTML, put together as it is.
        attributes: class_="wide" is class="wide", aria_label is aria-label; True stands alone, None and False
            are left out. A key that is no Python name is given by ``**{"xlink:href": ...}``.

    Example:
        >>> tag("th", esc("a < b"), scope="col", hidden=None)
        '<th scope="col">a &lt; b</th>'
    """
    parts = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        parts.append(f" {key}" if value is True else f' {key}="{esc(value)}"')
    opened = f"<{name}{''.join(parts)}>"
    return opened if name in _VOID else f"{opened}{''.join(content)}</{name}>"


def link(to: str, text: str) -> str:
    """Return a link with a plain text."""
    return tag("a", esc(text), href=to)


def listed(items: Iterable[str], kind: str = "ul", **attributes: object) -> str:
    """Return a list of HTML items."""
    return tag(kind, *(tag("li", item) for item in items), **attributes)


def prose(text: str, base: str | None = None) -> str:
    """Return one paragraph of Markdown as HTML: code, bold, italics, links.

    Args:
        text: the paragraph.
        base: the folder that its links are relative to; None leaves only their text, since the text stands
            elsewhere here.

    Example:
        >>> prose("**Adam** (5.3), `lr` and [more](x.md) of < 1")
        '<strong>Adam</strong> (5.3), <code>lr</code> and more of &lt; 1'
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(tag("code", esc(found[1])))
        return f"\0{len(kept) - 1}\0"

    def linked(found: re.Match[str]) -> str:
        if base is None:
            return found[1]
        kept.append(link(posixpath.normpath(f"{base}/{found[2]}"), found[1].replace("`", "")))
        return f"\0{len(kept) - 1}\0"

    text = esc(_CODE.sub(keep, _LINK.sub(linked, " ".join(text.split()))))
    text = _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", text))
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text)


def numbered(markdown: str) -> str:
    """Return a numbered list of Markdown as HTML, with what stands before it as a paragraph."""
    before, *items = _ITEM.split(markdown.strip())
    return (tag("p", prose(before)) if before.strip() else "") + listed(map(prose, items), "ol")


def region(content: str, label: str) -> str:
    """Return content that may be wider than the page, to be moved sideways by itself, by keyboard too."""
    return tag("div", content, class_="wide", role="region", tabindex="0", aria_label=label)
