"""Files that appear in a second place: by reflink, hard link or copy, the first that the file system offers."""

# Plain strings are faster than paths.
# ruff: noqa: PTH108, PTH115, PTH123, PTH211

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING, Final

from layerwright.files.trees.linking import hard_link

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Linking"]

# https://man7.org/linux/man-pages/man2/ioctl_ficlone.2.html
_FICLONE: Final = 0x40049409
_NOT_OFFERED: Final = frozenset(
    {
        errno.EINVAL,
        errno.EMLINK,
        errno.ENOSYS,
        errno.ENOTTY,
        errno.EOPNOTSUPP,
        errno.EPERM,
        errno.EXDEV,
    }
)


class Linking:
    """Brings files into another directory. ``copied``: some of them exist twice on the disk."""

    def __init__(self) -> None:
        self.copied = False
        self._ways: list[Callable[[str, str], None]] = [_reflink, hard_link]

    def __call__(self, source: str, destination: str) -> None:
        """Create *destination* with the content, the permissions and the times of *source*, or as the same link."""
        if os.path.islink(source):  # noqa: PTH114
            os.symlink(os.readlink(source), destination)
            return
        while self._ways:
            try:
                self._ways[0](source, destination)
            except OSError as error:
                if error.errno not in _NOT_OFFERED:
                    raise
                del self._ways[0]
            else:
                return
        shutil.copy2(source, destination)
        self.copied = True


def _reflink(source: str, destination: str) -> None:
    import fcntl

    with open(source, "rb") as existing:
        descriptor = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.ioctl(descriptor, _FICLONE, existing.fileno())
        except OSError:
            os.unlink(destination)
            raise
        finally:
            os.close(descriptor)
    shutil.copystat(source, destination)
