"""Runs Poetry in an environment that it can bring to what ``poetry.lock`` says, and with no plugins but its own.

Poetry goes by names and versions. So this keeps a record of the archives behind them, and ends with an error where
Poetry would leave something that was installed from another one. Run by Poetry's own interpreter, in the application
directory: ``python poetry_script.py RECORD ARGUMENTS`` is ``poetry ARGUMENTS``.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

_PACKAGE = re.compile(r'^\[\[package\]\]\nname = "(.*)"\nversion = "(.*)"\n((?:(?!\[\[).*\n)*)', re.MULTILINE)
_HASH = re.compile(r', hash = "(.*?)"')


def archives(lock: str) -> dict[str, str]:
    """Return a digest of the archives of each distribution of *lock*, by its name and version."""
    found = {
        f"{name} {version}": sorted(_HASH.findall(rest)) for name, version, rest in _PACKAGE.findall(lock)
    }
    return {key: hashlib.sha256(" ".join(hashes).encode()).hexdigest() for key, hashes in found.items()}


def renew(record: Path, now: dict[str, str]) -> list[str]:
    """Write *now* to *record*; return what has another value there than in it."""
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    draft = record.with_suffix(".new")
    draft.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    # Not overwritten: the last build, which may be kept aside by hard links, has the same file.
    draft.replace(record)
    return [name for name, value in now.items() if before.get(name, value) != value]


def run_poetry() -> int:
    """Run Poetry, which takes its arguments from ``sys.argv``.

    It would keep the plugins that a project requires in the application directory, and load them from there.
    """
    from poetry.console.application import main as poetry  # type: ignore[import-not-found]
    from poetry.plugins.plugin_manager import PluginManager  # type: ignore[import-not-found]

    PluginManager.add_project_plugin_path = staticmethod(lambda _directory: None)
    PluginManager.ensure_project_plugins = staticmethod(lambda _poetry, _io: None)
    status: int = poetry()
    return status


if __name__ == "__main__":
    now = {**archives(Path("poetry.lock").read_text(encoding="utf-8")), "the installer": sys.stdin.read()}
    stale = renew(Path(sys.argv.pop(1)), now)
    sys.exit(f"Not what it was installed from: {', '.join(stale)}." if stale else run_poetry())
