"""Sphinx's configuration. The pages stay plain Markdown, which a forge also shows.

The source directory is the project's root, so that pages can link to the READMEs, which are pages as well:
``sphinx-build -c docs . docs/_build``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT: Final = Path(__file__).parents[1]
_INDEXES: Final = {"docs/index", "docs/plugins/index"}
_LINK: Final = re.compile(r"(?<=\]\()(?!https?:)([^)#\s]+)(?=[)#])")

project = "Layerwright"
html_title = project
html_theme = "furo"
html_show_copyright = False
html_copy_source = False
templates_path: list[str] = []

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/**.md",
    "deploy/*.md",
    "plugins/*/README.md",
    "examples/*/README.md",
    "examples/plugins/*/README.md",
]
# Searching these directories would take most of the time.
exclude_patterns = [".*", "benchmarks", "buildpack", "core", "docs/_build", "requirements", "tests", "**/src"]

# The anchors of a forge, so that a link works on both.
myst_heading_anchors = 4
# Some pages are only linked from the page that they belong to.
suppress_warnings = ["toc.not_included"]


def setup(app: Sphinx) -> None:
    """Adapt each page when it is read."""
    app.connect("source-read", _change)


def _change(_app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = _for_sphinx(docname, source[0])


def _for_sphinx(docname: str, text: str) -> str:
    """Return the Markdown *text* with links to READMEs instead of directories, and with contents for an index."""
    folder = (ROOT / docname).parent

    def page(link: re.Match[str]) -> str:
        name = link[1]
        return f"{name}/README.md" if (folder / name / "README.md").exists() else name

    text = _LINK.sub(page, text)
    return text + _toctrees(folder, text) if docname in _INDEXES else text


def _toctrees(folder: Path, text: str) -> str:
    """Return a hidden table of contents for each section of an index: the pages that its list links to, in order."""
    toctrees = []
    for section in text.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        links = ((folder / link).resolve() for link in _LINK.findall(body) if link.endswith(".md"))
        pages = "".join(f"/{link.relative_to(ROOT)}\n" for link in dict.fromkeys(links))
        toctrees.append(f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{pages}```\n")
    return "".join(toctrees)
