"""A fresh clone after ``make develop``, as far as the tutorial needs it: its virtual environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = ["make_clone"]

_SCRIPT = """\
#!{python}
import sys
from layerwright.cli.main import main
sys.exit(main())
"""


def make_clone(path: Path) -> None:
    """Make a directory with a virtual environment that has all that this one has, and can be installed into.

    Nothing that is installed there is seen by others: the tests share one virtual environment.
    """
    venv = path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    ours = sysconfig.get_path("purelib")
    theirs = sysconfig.get_path("purelib", vars={"base": str(venv), "platbase": str(venv)})
    for entry in Path(ours).iterdir():
        # Metadata is copied: to uninstall a distribution removes its files.
        if entry.name.startswith("layerwright") and entry.is_dir():
            shutil.copytree(entry, Path(theirs, entry.name))
        else:
            Path(theirs, entry.name).symlink_to(entry)
    script = venv / "bin" / "layerwright"
    script.write_text(_SCRIPT.format(python=venv / "bin" / "python"))
    script.chmod(0o755)
