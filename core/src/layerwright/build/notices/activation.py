"""The state of the shell that a build is started in: not meant for the build, which would work differently with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OF_INTERPRETERS", "without_activation"]

_ACTIVATION: Final = frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__"})
OF_INTERPRETERS: Final = frozenset({
    # What it prints beside what is read, or how it goes on when it should end.
    "PYTHONDEBUG", "PYTHONDEVMODE", "PYTHONDUMPREFS", "PYTHONDUMPREFSFILE", "PYTHONINSPECT", "PYTHONMALLOCSTATS",
    "PYTHONPERFSUPPORT", "PYTHONPROFILEIMPORTTIME", "PYTHONSHOWALLOCCOUNT", "PYTHONSHOWREFCOUNT", "PYTHONTHREADDEBUG",
    "PYTHONTRACEMALLOC", "PYTHONVERBOSE", "PYTHONWARNDEFAULTENCODING", "PYTHONWARNINGS", "PYTHON_LLTRACE",
    "PYTHON_OPT_DEBUG", "PYTHON_PERF_JIT_SUPPORT",
    # How it reads and writes text.
    "PYTHONCOERCECLOCALE", "PYTHONIOENCODING", "PYTHONLEGACYWINDOWSFSENCODING", "PYTHONLEGACYWINDOWSSTDIO",
    "PYTHONUTF8",
    # What code is compiled to, and what of it is run.
    "PYTHONBREAKPOINT", "PYTHONCASEOK", "PYTHONEXECUTABLE", "PYTHONNODEBUGRANGES", "PYTHONOLDPARSER",
    "PYTHONOPTIMIZE", "PYTHONSAFEPATH", "PYTHON_FROZEN_MODULES", "PYTHON_LAZY_IMPORTS", "PYTHON_PRESITE",
    # How it works inside, which one version has and another refuses to start with.
    "PYTHONINTMAXSTRDIGITS", "PYTHONMALLOC", "PYTHON_CONTEXT_AWARE_WARNINGS", "PYTHON_DISABLE_REMOTE_DEBUG",
    "PYTHON_GIL", "PYTHON_JIT", "PYTHON_THREAD_INHERIT_CONTEXT", "PYTHON_TLBC", "PYTHON_UOPS",
    "PYTHON_UOPS_OPTIMIZE",
    # Of interactive sessions.
    "PYTHONSTARTUP", "PYTHON_BASIC_REPL", "PYTHON_COLORS", "PYTHON_HISTORY",
})  # fmt: skip
"""Variables by which developers look into an interpreter, of CPython 3.9 to 3.15: no build is to depend on them.

Left alone are those that change nothing (``PYTHONUNBUFFERED``, ``PYTHONFAULTHANDLER``, ``PYTHONASYNCIODEBUG``) or that
are meant for builds (``PYTHONHASHSEED``, ``PYTHON_CPU_COUNT``), and ``PYTHONDONTWRITEBYTECODE``, which a build sets.
"""


def without_activation(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without what an activated virtual environment or a debugging session leaves in it."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _ACTIVATION and name not in OF_INTERPRETERS
    }
