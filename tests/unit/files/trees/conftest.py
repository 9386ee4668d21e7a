"""A tree with one of everything that a pack keeps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    for name in ("bin", "lib/python3.13/site-packages", "empty", "closed"):
        (source / name).mkdir(parents=True)
    (source / "bin" / "tool").write_text("#!/bin/sh\n")
    (source / "bin" / "tool").chmod(0o755)
    (source / "bin" / "tool3").symlink_to("tool")
    (source / "dangling").symlink_to("/nowhere")
    (source / "folder").symlink_to("lib")
    (source / "lib" / "nothing").touch()
    (source / "lib" / "bytes").write_bytes(bytes(range(256)) * 5000)
    os.link(source / "lib" / "bytes", source / "lib" / "link")
    (source / "closed" / "shared").write_text("group")
    (source / "closed" / "shared").chmod(0o664)
    (source / os.fsdecode(b"n\xffme")).write_text("odd")
    (source / "closed").chmod(0o555)
    return source
