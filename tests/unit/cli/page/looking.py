"""A reader of pages that is stricter than a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

__all__ = ["Read", "read"]

_EMPTY: Final = frozenset({"meta"})
_HEADINGS: Final = ("h1", "h2", "h3", "h4")
# What the page consists of: nothing that loads, runs or sends anything.
_KNOWN: Final = re.findall(
    r"\w+",
    "html head meta title style body header main section footer h1 h2 h3 h4 p span strong code pre ol ul li dl div dt"
    " dd figure figcaption details summary table thead tbody tr th td",
)
_ATTRIBUTES: Final = set(
    re.findall(
        r"[\w-]+",
        "aria-hidden aria-label charset class content data-label http-equiv id lang name role scope style",
    )
)


class Read(HTMLParser):
    """A page, element by element; ``AssertionError``: it is not well-formed, or has what a page may not have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.style = ""
        self.title = ""
        self.ids: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.metas: dict[str, str] = {}
        self.widths: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _KNOWN, tag
        given = dict(attrs)
        assert len(given) == len(attrs)
        assert given.keys() <= _ATTRIBUTES, given
        assert all(given.values()), given
        self.ids += [given["id"] or ""] if "id" in given else []
        self.widths += [given["style"] or ""] if "style" in given else []
        if tag == "meta":
            self.metas[given.get("name") or given.get("http-equiv") or "charset"] = str(
                given.get("content", given.get("charset"))
            )
        if tag in _HEADINGS:
            self.headings.append((int(tag[1:]), ""))
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag not in ("code", "span", "strong"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self.style += data
        elif "title" in self._open:
            self.title += data
        else:
            self.text += data
        if any(tag in _HEADINGS for tag in self._open):
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def close(self) -> None:
        super().close()
        assert self._open == []

    @property
    def lines(self) -> list[str]:
        """The text of the page, without empty lines."""
        return [line.strip() for line in self.text.split("\n") if line.strip()]

    def between(self, first: str, last: str) -> list[str]:
        """Return the lines after the first that is *first*, up to the next that is *last*."""
        found = self.lines[self.lines.index(first) + 1 :]
        return found[: found.index(last)]


def read(page: str) -> Read:
    """Return *page* as it was read."""
    assert page.startswith("<!doctype html>\n")
    found = Read()
    found.feed(page)
    found.close()
    assert len(set(found.ids)) == len(found.ids)
    levels = [level for level, _ in found.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= level + 1 for level, later in pairwise(levels)), found.headings
    return found
