"""Variables that an activated shell sets and that a build must not inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OF_INTERPRETERS", "without_activation"]

_ACTIVATION: Final = frozenset({"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "__PYVENV_LAUNCHER__"})
OF_INTERPRETERS: Final = frozenset({
    # Extra output, or what happens when it should end.
    "PYTHONDEBUG", "PYTHONDEVMODE", "PYTHONDUMPREFS", "PYTHONDUMPREFSFILE", "PYTHONINSPECT", "PYTHONMALLOCSTATS",
    "PYTHONPERFSUPPORT", "PYTHONPROFILEIMPORTTIME", "PYTHONSHOWALLOCCOUNT", "PYTHONSHOWREFCOUNT", "PYTHONTHREADDEBUG",
    "PYTHONTRACEMALLOC", "PYTHONVERBOSE", "PYTHONWARNDEFAULTENCODING", "PYTHONWARNINGS", "PYTHON_LLTRACE",
    "PYTHON_OPT_DEBUG", "PYTHON_PERF_JIT_SUPPORT",
    # Text encodings.
    "PYTHONCOERCECLOCALE", "PYTHONIOENCODING", "PYTHONLEGACYWINDOWSFSENCODING", "PYTHONLEGACYWINDOWSSTDIO",
    "PYTHONUTF8",
    # Compilation, and which code runs.
    "PYTHONBREAKPOINT", "PYTHONCASEOK", "PYTHONEXECUTABLE", "PYTHONNODEBUGRANGES", "PYTHONOLDPARSER",
    "PYTHONOPTIMIZE", "PYTHONSAFEPATH", "PYTHON_FROZEN_MODULES", "PYTHON_LAZY_IMPORTS", "PYTHON_PRESITE",
    # Internals that one version has and another refuses to start with.
    "PYTHONINTMAXSTRDIGITS", "PYTHONMALLOC", "PYTHON_CONTEXT_AWARE_WARNINGS", "PYTHON_DISABLE_REMOTE_DEBUG",
    "PYTHON_GIL", "PYTHON_JIT", "PYTHON_THREAD_INHERIT_CONTEXT", "PYTHON_TLBC", "PYTHON_UOPS",
    "PYTHON_UOPS_OPTIMIZE",
    # Interactive sessions.
    "PYTHONSTARTUP", "PYTHON_BASIC_REPL", "PYTHON_COLORS", "PYTHON_HISTORY",
})  # fmt: skip
"""Debugging variables of CPython 3.9 to 3.15, which no build should depend on.

Not among them are those that change nothing (``PYTHONUNBUFFERED``, ``PYTHONFAULTHANDLER``, ``PYTHONASYNCIODEBUG``) or
that are meant for builds (``PYTHONHASHSEED``, ``PYTHON_CPU_COUNT``), and ``PYTHONDONTWRITEBYTECODE``, which a build
sets.
"""


def without_activation(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without the variables of an activated virtual environment or a debugging session."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _ACTIVATION and name not in OF_INTERPRETERS
    }
