"""The scenarios, with their aims."""

from __future__ import annotations

from typing import Final

from benchmarks import program, steps
from benchmarks.scenarios import Scenario

__all__ = ["SCENARIOS"]

_IMPORTS: Final = (
    "import argparse, ast, asyncio, calendar, csv, decimal, difflib, email.message, fractions, http.client, inspect, "
    "json, logging.config, pathlib, sqlite3, ssl, tarfile, unittest, urllib.request, xml.dom.minidom"
)
_COLD: Final = {
    ("small", "pip"): 1.2,
    ("small", "uv"): 4,
    ("small", "poetry"): 2,
    ("large", "pip"): 0.7,
    ("large", "uv"): 1.05,
    ("large", "poetry"): 0.85,
}
_REVISIT: Final = {
    ("small", "pip"): 1,
    ("small", "uv"): 1.5,
    ("small", "poetry"): 1,
    ("large", "pip"): 0.5,
    ("large", "uv"): 0.5,
    ("large", "poetry"): 0.5,
}
_CHANGED: Final = {
    ("small", "pip"): 1.1,
    ("small", "uv"): 1.1,
    ("small", "poetry"): 1.1,
    ("large", "pip"): 1.1,
    ("large", "uv"): 1.2,
    ("large", "poetry"): 1.2,
}

SCENARIOS: Final = (
    Scenario(
        name="cold",
        title="first build, nothing downloaded",
        begin=steps.not_built,
        theirs=lambda site, _: steps.fresh(site, downloads=False),
        ours=lambda site, _: steps.built_from(site, downloads=True),
        expect="Layer venv created",
        aim=_COLD,
        same=True,
    ),
    Scenario(
        name="revisit",
        title="first build, every wheel seen before",
        begin=steps.installed,
        theirs=lambda site, _: steps.fresh(site),
        ours=lambda site, _: steps.built_from(site, downloads=False),
        expect="Layer venv created",
        aim=_REVISIT,
        same=True,
    ),
    Scenario(
        name="second-app",
        title="second application: Python and tool layers",
        begin=steps.installed,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.build_another(),
        expect="Layer venv created",
        aim=15,
        read=steps.python_and_tool,
        sizes=("small",),
    ),
    Scenario(
        name="unlocked",
        title="nothing changed, unlocked",
        begin=steps.installed,
        theirs=lambda site, _: site.nothing(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        aim=1.1,
        managers=("pip",),
    ),
    Scenario(
        name="no-op",
        title="nothing changed, the tool's own way",
        begin=steps.installed,
        theirs=lambda site, _: site.nothing(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        same=True,
        quick=True,
        managers=("uv", "poetry"),
    ),
    Scenario(
        name="locked",
        title="nothing changed, hash-locked",
        begin=steps.hash_locked,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.build(),
        expect="Layer venv kept",
        aim=10,
        quick=True,
    ),
    Scenario(
        name="changed",
        title="one requirement changed",
        begin=steps.installed,
        theirs=steps.change,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
        aim=_CHANGED,
        same=True,
    ),
    Scenario(
        name="removed",
        title="one requirement removed",
        begin=steps.installed,
        theirs=steps.reduce,
        ours=lambda site, _: site.build(),
        expect="Layer venv updated",
        same=True,
    ),
    Scenario(
        name="python",
        title="Python changed",
        begin=steps.installed,
        theirs=steps.other_python,
        ours=lambda site, _: site.build(),
        expect="Layer python created",
        same=True,
        pythons=2,
    ),
    Scenario(
        name="patch",
        title="patch release of Python, beside its layer",
        begin=steps.patch_release,
        theirs=lambda site, _: site.interpreter(),
        # In every other turn back: that is a patch release as well.
        ours=lambda site, turn: site.build_with(patch=turn % 2 == 0),
        expect="Layer python created",
        margin=1,
        read=steps.beside_python,
        note=steps.venv_result,
    ),
    Scenario(
        name="read-only-start",
        title="imports of 200 modules, read-only",
        begin=steps.program_built,
        theirs=lambda site, _: site.start_compiled(),
        ours=lambda site, _: site.start_built(),
        expect="modules compiled",
        aim=1.1,
        read=lambda printed, _: program.seconds(printed),
        read_theirs=lambda printed, _: program.seconds(printed),
        note=program.compiled,
        quick=True,
        managers=("pip",),
        sizes=("small",),
    ),
    Scenario(
        name="interpreter",
        title="python -c pass, from a restored layer",
        begin=steps.built,
        theirs=lambda site, _: site.original("pass"),
        ours=lambda site, _: site.restored("pass"),
        expect="",
        aim=1,
        quick=True,
        managers=("pip",),
        sizes=("small",),
    ),
    Scenario(
        name="imports",
        title="20 imports, from a restored layer",
        begin=steps.built,
        theirs=lambda site, _: site.original(_IMPORTS),
        ours=lambda site, _: site.restored(_IMPORTS),
        expect="",
        aim=1,
        quick=True,
        managers=("pip",),
        sizes=("small",),
    ),
    Scenario(
        name="detect",
        title="layerwright detect",
        begin=steps.not_built,
        theirs=lambda site, _: site.interpreter(),
        ours=lambda site, _: site.layerwright("detect"),
        expect="{manager}, because",
        aim=4,
        quick=True,
    ),
    Scenario(
        name="plugins",
        title="layerwright detect with 30 plugins",
        begin=steps.not_built,
        # No fewer than are installed here.
        theirs=lambda site, _: site.detect_among(3),
        ours=lambda site, _: site.detect_among(30),
        expect="pip, because",
        margin=0.02,
        processor=True,
        quick=True,
        managers=("pip",),
    ),
    Scenario(
        name="bin-detect",
        title="bin/detect of the packaged buildpack",
        begin=steps.packaged,
        theirs=lambda site, _: site.packaged_interpreter(),
        ours=lambda site, _: site.packaged_detect(),
        expect="pip, because",
        aim=4,
        quick=True,
        # Which package manager it is makes no difference.
        managers=("pip",),
    ),
)
