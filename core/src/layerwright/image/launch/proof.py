"""Starts the interpreter of an image at its path in the image, where this machine permits that."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from layerwright.build.layers.names import PYTHON, VENV
from layerwright.errors import SiteError
from layerwright.files.trees.placed import Placed, find_placed, rewritten
from layerwright.image.compose import WORKSPACE
from layerwright.image.layers.built import LAYERS, layer_path
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.files.trees.placed import Moves
    from layerwright.image.compose import ImageRequest
    from layerwright.process.runner import Runner

__all__ = ["prove_start"]

# A new root with everything of the old one, and the layers and the sources where the image has them. The layers
# directory of the build is hidden: nothing may need it. Links do for the rest, as a mount for each takes too long. The
# link of the sources comes first: beside one to a directory of that name, it would be written into that directory.
_STAGE: Final = """\
set -e
new=$0 top=$1 old=$2 layers=$3 workspace=$4 tree=$5; shift 5
mount -t tmpfs none "$new"
cd "$new"
mkdir -p ".$layers" host
mount --rbind / host
ln -s "host$tree" ".$workspace"
ln -s host/* . 2>/dev/null || true
mount -t overlay -o "lowerdir=$top:$old" none ".$layers"
mount -t tmpfs none "host$old"
exec chroot . /usr/bin/env -i /bin/sh -c 'echo staged; exec "$@"' sh "$@"
"""
_STAGED: Final = "staged"
_REPORT: Final = """\
import json, os, sys
python, venv = sys.argv[1:]
found = ["%s is %s" % pair for pair in (("sys.prefix", sys.prefix), ("sys.base_prefix", sys.base_prefix))
    if pair[1] not in (python, venv)]
for name in sorted(os.listdir(venv + "/bin")):
    path = venv + "/bin/" + name
    if not os.path.exists(path):
        found.append("bin/%s is a link to %s, which is not there" % (name, os.readlink(path)))
        continue
    with open(path, "rb") as file:
        words = os.fsdecode(file.readline(4096)).split()
    program = words[0][2:] if words and words[0].startswith("#!") else ""
    if program.startswith(os.path.dirname(venv) + "/") and not os.access(program, os.X_OK):
        found.append("bin/%s needs %s, which is not there" % (name, program))
print(json.dumps(found))
"""


def prove_start(request: ImageRequest, *, runner: Runner, temporary: Path) -> str:
    """Start the interpreter of the virtual environment of *request* at its path in the image.

    What starts is as the image has it, the source tree is where the image has it, and the layers directory of the
    build is hidden. Return why this cannot be done here, nothing if it was. *temporary* is an empty directory.
    ``SiteError``: it does not work there, or a script in ``bin`` has no interpreter there.
    """
    parts, moves = request.parts, request.moves
    new, top = temporary / "root", temporary / "top"
    new.mkdir()
    for layer in parts.layers:
        _write_start(layer.path, top / layer.name, moves)
    places = (top, parts.root.resolve(), LAYERS, WORKSPACE, request.tree.resolve())
    stage = ("sh", "-c", _STAGE, new, *places)
    program = (
        f"{layer_path(VENV)}/bin/python",
        "-I",
        "-B",
        "-c",
        _REPORT,
        layer_path(PYTHON),
        layer_path(VENV),
    )
    argv = (*_unshare(), *map(str, stage), *program)
    completed = runner.within({}).try_run(Command(argv=argv))
    before, staged, said = completed.output.partition(f"{_STAGED}\n")
    if not staged:
        return before.strip() or f"unshare ended with status {completed.returncode}"
    found = _read(said) if completed.returncode == 0 else [said.strip() or f"status {completed.returncode}"]
    if found:
        raise SiteError(
            "The virtual environment does not work at its path in the image.",
            cause="\n".join(found),
            remedy=(
                "Build the image with the buildpack, which builds at the path in the image.",
                "Report this, with the log of layerwright image -v: the layers were written for that path.",
            ),
            reference="image-not-proved",
        )
    return ""


def _unshare() -> tuple[str, ...]:
    users = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    path = f"PATH={os.defpath}:/usr/sbin:/sbin"
    return ("/usr/bin/env", path, "unshare", *users, "--mount", "--propagation", "private")


def _write_start(layer: Path, top: Path, moves: Moves) -> None:
    """Write what starts in *layer* into *top*, with new paths: programs, and the configuration of an environment."""
    programs = find_placed(layer / "bin", moves)
    configuration = [name for name in ("pyvenv.cfg",) if (layer / name).is_file()]
    placed = Placed(
        texts=(*configuration, *(f"bin/{name}" for name in programs.texts)),
        links=tuple(f"bin/{name}" for name in programs.links),
    )
    new = rewritten(placed, layer, moves)
    (top / "bin").mkdir(parents=True)
    for name, content in new.contents.items():
        (top / name).write_bytes(content)
        (top / name).chmod((layer / name).stat().st_mode)
    for name, target in new.links.items():
        (top / name).symlink_to(os.fsdecode(target))


def _read(said: str) -> Sequence[str]:
    # What is imported at every start of Python may print something.
    found: list[str] = json.loads(said.splitlines()[-1])
    return found
