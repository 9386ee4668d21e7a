"""Sphinx's configuration.

The source directory is the project's root, so that pages can link to the READMEs, which are pages as well:
``sphinx-build -c docs . docs/_build``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Layerwright"
html_title = project
html_theme = "furo"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon/icon.svg"
html_logo = html_favicon
templates_path: list[str] = []

extensions = ["myst_parser", "site_pages"]
root_doc = "index"
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
