"""Run Poetry with only the plugins installed beside it: ``python poetry_script.py ARGUMENTS``.

Poetry itself would install the plugins that a project requires into the application directory, and load them there.

With ``LAYERWRIGHT_POETRY_INDEX``, the ``file://`` URL of a package index in a directory, every source of packages is
that one. Poetry has no setting for this, and asks its sources even for what is in its cache.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from poetry.console.application import main  # type: ignore[import-not-found]
from poetry.plugins.plugin_manager import PluginManager  # type: ignore[import-not-found]


def ask_only(index: str) -> None:
    """Replace all sources of packages by the *index*, and read ``file://`` URLs."""
    from poetry.repositories import pypi_repository  # type: ignore[import-not-found]
    from poetry.repositories.legacy_repository import LegacyRepository  # type: ignore[import-not-found]

    # Poetry has it. Its types are not here where the types are checked.
    requests: Any = import_module("requests")
    adapter: Any = requests.adapters.BaseAdapter

    class Files(adapter):  # type: ignore[misc]
        def send(self, request: Any, **_options: Any) -> Any:
            path = Path(unquote(urlsplit(request.url).path))
            response = requests.Response()
            response.request, response.url = request, request.url
            try:
                data = (path / "index.html" if path.is_dir() else path).read_bytes()
                response.status_code = 200
            except OSError:
                data, response.status_code = b"", 404
            response.raw = io.BytesIO(data)
            response.headers.update({"Content-Type": "text/html", "Content-Length": str(len(data))})
            return response

        def close(self) -> None:
            pass

    start, connect = LegacyRepository.__init__, requests.Session.__init__

    def start_with_index(repository: Any, name: str, _url: str = "", **options: Any) -> None:
        start(repository, name, index, **options)

    def connect_with_files(session: Any, *arguments: Any, **options: Any) -> None:
        connect(session, *arguments, **options)
        session.mount("file://", Files())

    class Default(LegacyRepository):  # type: ignore[misc]
        def __init__(self, *_arguments: Any, **_options: Any) -> None:
            super().__init__("PyPI")

    LegacyRepository.__init__ = start_with_index
    requests.Session.__init__ = connect_with_files
    pypi_repository.PyPiRepository = Default


PluginManager.add_project_plugin_path = staticmethod(lambda _directory: None)
PluginManager.ensure_project_plugins = staticmethod(lambda _poetry, _io: None)
if os.environ.get("LAYERWRIGHT_POETRY_INDEX"):
    ask_only(os.environ["LAYERWRIGHT_POETRY_INDEX"])
sys.exit(main())
