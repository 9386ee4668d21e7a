from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build.fetch.bundle import Bundle
from layerwright.errors import UserError
from layerwright.local.fetch import _prove
from layerwright.local.fetch._prove import prove
from layerwright.output.log import Log
from layerwright.output.verbosity import Verbosity

if TYPE_CHECKING:
    from pathlib import Path

SEEN = """\
import os, sys
print(*sys.argv[1:])
for name in ("LAYERWRIGHT_BUNDLE", "LAYERWRIGHT_CACHE_DIR", "HTTPS_PROXY", "NO_PROXY"):
    print(name, os.environ.get(name))
sys.exit(int(os.environ.get("STATUS", 0)))
"""


class Proof:
    """Runs a script in place of Layerwright."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        script = root / "layerwright"
        script.write_text(f'#!/bin/sh\nexec {sys.executable} {root}/seen.py "$@" > {root}/seen')
        script.chmod(0o755)
        (root / "seen.py").write_text(SEEN)
        monkeypatch.setattr(_prove.sys, "executable", str(script))

    def run(self, **environment: str) -> bool:
        stream = io.StringIO()
        bundle = Bundle(
            directory=self.root / "bundle",
            layerwright="1",
            target="linux/amd64",
            python="3.13.0",
            python_archive="",
            package_manager="pip",
            tools={},
            exec_env="test",
        )
        found = prove(
            bundle,
            ("/app", "--app", "web"),
            layers=self.root / "layers",
            scratch=self.root / "scratch",
            store=self.root / "store",
            environment={"PATH": "/usr/bin:/bin", **environment},
            log=Log(stream, stream, verbosity=Verbosity.VERBOSE),
        )
        self.log = stream.getvalue()
        return found

    @property
    def seen(self) -> list[str]:
        return (self.root / "seen").read_text().splitlines()


@pytest.fixture
def proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Proof:
    return Proof(tmp_path, monkeypatch)


def test_a_proof_builds_from_the_bundle_with_nothing_else_at_hand(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_prove, "_CUTS", (("no-such-program",), ("false",), ("env", "HTTPS_PROXY=cut")))
    for name in ("scratch/left", "layers/left", "store/python-1", "store/tool-pip-1"):
        (proof.root / name).mkdir(parents=True)
    assert proof.run()
    assert proof.seen == [
        f"-m layerwright.cli build /app --app web --layers {proof.root}/layers --exec-env test",
        f"LAYERWRIGHT_BUNDLE {proof.root}/bundle",
        f"LAYERWRIGHT_CACHE_DIR {proof.root}/scratch/cache",
        "HTTPS_PROXY cut",
        "NO_PROXY None",
    ]
    assert [path.name for path in (proof.root / "scratch").iterdir()] == ["store"]
    assert not (proof.root / "layers").exists()
    # An interpreter takes long to unpack and to compile.
    assert [path.name for path in (proof.root / "scratch" / "store").iterdir()] == ["python-1"]
    assert "$ layerwright build, with the network cut\n" in proof.log


def test_where_the_network_cannot_be_cut_there_is_no_proxy(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_prove, "_CUTS", (("false",),))
    assert not proof.run(NO_PROXY="example.com")
    assert proof.seen[-2:] == ["HTTPS_PROXY http://127.0.0.1:9", "NO_PROXY "]
    assert "$ layerwright build, with no proxy to reach\n" in proof.log


def test_a_build_that_fails_without_a_network_refuses_the_bundle(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_prove, "_CUTS", ())
    with pytest.raises(UserError, match="cannot be built from the bundle") as caught:
        proof.run(STATUS="1")
    assert caught.value.reference == "bundle-not-proved"


def test_a_build_that_installs_something_else_refuses_the_bundle(
    proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_prove, "_CUTS", ())
    site_packages = proof.root / "layers" / "venv" / "lib" / "python3.13" / "site-packages"
    (site_packages / "acme-1.0.dist-info").mkdir(parents=True)
    (site_packages / "acme-1.0.dist-info" / "RECORD").touch()
    with pytest.raises(UserError, match="installs something other") as caught:
        proof.run()
    assert caught.value.cause == "These are in one of the virtual environments alone: acme 1.0."
