"""The kernel's facts about memory: the number of processes that it killed here, and the limit.

Linux documents the files in ``admin-guide/cgroup-v2`` and, for version 1, in ``admin-guide/cgroup-v1/memory``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kills", "limit"]

_CGROUPS: Final = "/proc/self/cgroup"
_MOUNTS: Final = "/sys/fs/cgroup"
# Without a limit, version 1 has a number close to the largest one.
_UNLIMITED: Final = 1 << 60


def kills() -> int:
    """Return how many processes the kernel has killed in this control group for lack of memory; 0 if unknown."""
    for directory in _directories():
        found = re.search(
            r"^oom_kill (\d+)$",
            _read(f"{directory}/memory.events") or _read(f"{directory}/memory.oom_control"),
            re.MULTILINE,
        )
        if found:
            return int(found[1])
    return 0


def limit() -> int | None:
    """Return the memory that the processes of this control group may have, in bytes; ``None`` if any or unknown."""
    for directory in _directories():
        text = _read(f"{directory}/memory.max") or _read(f"{directory}/memory.limit_in_bytes")
        if text.strip().isdecimal() and int(text) < _UNLIMITED:
            return int(text)
    return None


def _directories() -> Iterator[str]:
    """Yield the directories of this process's control group: by its path, and as a container sees it."""
    for line in _read(_CGROUPS).splitlines():
        _, controllers, path = line.split(":", 2)
        if not controllers or "memory" in controllers.split(","):
            mount = f"{_MOUNTS}/memory" if controllers else _MOUNTS
            yield f"{mount}{path.rstrip('/')}"
            yield mount


def _read(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as opened:  # noqa: PTH123  # pathlib is not needed otherwise
            return opened.read()
    except OSError:
        return ""
