"""Run Poetry with only the plugins installed beside it: ``python poetry_script.py ARGUMENTS``.

Poetry itself would install the plugins that a project requires into the application directory, and load them there.
"""

from __future__ import annotations

import sys

from poetry.console.application import main  # type: ignore[import-not-found]
from poetry.plugins.plugin_manager import PluginManager  # type: ignore[import-not-found]

PluginManager.add_project_plugin_path = staticmethod(lambda _directory: None)
PluginManager.ensure_project_plugins = staticmethod(lambda _poetry, _io: None)
sys.exit(main())
