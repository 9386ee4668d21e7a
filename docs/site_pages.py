"""The extension of Sphinx for this site: addresses of pages, navigation from lists of links, diagrams in pages.

The pages stay plain Markdown, which a forge also shows.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from sphinx.project import Project

if TYPE_CHECKING:
    import os

    from sphinx.application import Sphinx

__all__ = ["FRONT", "LISTS", "address", "listed", "setup", "toctrees"]

ROOT: Final = Path(__file__).parents[1]
FRONT: Final = "index"
LISTS: Final = {FRONT: ROOT / "docs" / "index.md", "plugins/index": ROOT / "docs" / "plugins" / "index.md"}
"""The pages with navigation, and the lists that have its order: the front page has the contents' list."""

_LINK: Final = re.compile(r"(?<=\]\()(?!https?:)([^)#\s]+)(?=[)#])")
_DIAGRAM: Final = re.compile(r"^!\[[^]]*\]\(([^)]+\.svg)\)$", re.MULTILINE)


class Site(Project):
    """The pages, whose addresses are shorter than the paths of their files."""

    def path2doc(self, filename: str | os.PathLike[str]) -> str | None:
        """Return the address of the page in *filename*, without its suffix, or None if it is not a page."""
        name = super().path2doc(filename)
        return None if name is None else address(name)


def address(name: str) -> str:
    """Return the address of the page in the file *name*.md, without its suffix: ``docs/errors`` is at ``errors``."""
    match PurePosixPath(name).parts:
        case ("README",):
            return FRONT
        case ("docs", "index"):
            return "contents"
        case ("docs", *below):
            return "/".join(below)
        case (*folder, "README"):
            return "/".join(folder)
        case parts:
            return "/".join(parts).lower()


def listed(index: Path) -> dict[str, list[Path]]:
    """Return the pages that each section of *index* links to, in order, by its heading."""
    sections = {}
    for section in index.read_text().split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        links = ((index.parent / link).resolve() for link in _LINK.findall(body) if link.endswith(".md"))
        sections[heading] = list(dict.fromkeys(links))
    return sections


def setup(app: Sphinx) -> dict[str, bool]:
    """Give the pages their addresses, and adapt each when it is read."""
    app.connect("builder-inited", _readdress)
    app.connect("source-read", _change)
    return {"parallel_read_safe": True}


def _readdress(app: Sphinx) -> None:
    site = Site(app.srcdir, app.config.source_suffix)
    site.restore(app.project)
    app.project = app.env.project = site


def _change(app: Sphinx, docname: str, source: list[str]) -> None:
    folder = app.env.doc2path(docname).parent

    def page(link: re.Match[str]) -> str:
        """Lead to a README instead of its directory."""
        name = link[1]
        return f"{name}/README.md" if (folder / name / "README.md").exists() else name

    def diagram(image: re.Match[str]) -> str:
        """Put a diagram into the page, so that it follows the choice of light or dark."""
        file = folder / image[1]
        app.env.note_dependency(file)
        return f'```{{raw}} html\n<figure class="diagram">{file.read_text()}</figure>\n```'

    text = _DIAGRAM.sub(diagram, _LINK.sub(page, source[0]))
    if docname in LISTS:
        app.env.note_dependency(LISTS[docname])
        text += toctrees(LISTS[docname])
    source[0] = text


def toctrees(index: Path) -> str:
    """Return a hidden table of contents for each section of *index*, without pages that the front page's list has."""
    elsewhere = (
        set()
        if index == LISTS[FRONT]
        else {page for pages in listed(LISTS[FRONT]).values() for page in pages}
    )
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n"
        + "".join(
            f"/{address(page.relative_to(ROOT).with_suffix('').as_posix())}\n"
            for page in pages
            if page not in elsewhere
        )
        + "```\n"
        for heading, pages in listed(index).items()
        if not elsewhere.issuperset(pages)
    )
