"""The providers of interpreters that the configuration allows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.choose.providers import providers
from layerwright.config.reading import PythonSettings
from layerwright.errors import SiteError
from layerwright.process.runner import Runner
from layerwright.pythons.standalone import provider as standalone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("retries", "attempts"), [(True, 3), (False, 1)])
def test_a_download_is_tried_again_unless_that_is_not_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, retries: bool, attempts: int
) -> None:
    if os.uname().machine not in ("x86_64", "aarch64"):
        pytest.skip("no interpreter is published for this machine")
    monkeypatch.setattr(standalone, "DELAYS", (0, 0))
    # No server can listen on this port.
    settings = PythonSettings(mirror="http://127.0.0.1:0")
    [provider] = providers(settings, ("standalone",), {}, tmp_path, retries=retries)
    newest = provider.candidates()[0]
    with pytest.raises(SiteError) as caught:
        provider.install(newest, tmp_path / "python", Runner(env={}), lambda *_: None)
    assert f"After {attempts} attempt" in caught.value.cause
