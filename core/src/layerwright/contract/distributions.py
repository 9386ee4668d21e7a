"""Installs distributions into a tool layer, with the pip that is bundled with every interpreter.

Python bundles pip with ``ensurepip`` (PEP 453), so core needs no package manager to install one. It is the only tool
that reaches any index as users have configured it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.process.command import Command
from layerwright.process.redaction import SecretStr, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.contract.values.tool import ToolRequest
    from layerwright.process.failures.diagnosis import Diagnosis
    from layerwright.pythons.interpreter import Interpreter

__all__ = [
    "bundled_pip",
    "index_settings",
    "install_distributions",
    "make_venv",
    "pip_download",
    "pip_install",
]

_HERE: Final = Path(__file__).parent
_QUIET: Final = (
    "--no-compile",
    "--no-cache-dir",
    "--no-input",
    "--progress-bar=off",
    "--no-warn-script-location",
    "--disable-pip-version-check",
    "--quiet",
)
_OF_INSTALL: Final = frozenset({"--no-compile", "--no-warn-script-location"})
# The index and how to reach it; any other setting of pip would install something else, or elsewhere.
_ORIGINS: Final = frozenset({"PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_NO_INDEX"})
_OF_REQUIREMENTS: Final = frozenset({
    "no-such-distribution", "no-such-version", "not-for-this-python", "requirements-conflict",
})  # fmt: skip
_INDEX_VARIABLES: Final = frozenset({
    "PIP_CERT", "PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_KEYRING_PROVIDER", "PIP_NO_INDEX", "PIP_PROXY", "PIP_RETRIES",
    "PIP_TIMEOUT", "PIP_TRUSTED_HOST",
})  # fmt: skip


def bundled_pip(
    request: ToolRequest,
    *arguments: str,
    requirements: str,
    shown: str,
    python: Path | None = None,
    isolated: bool = False,
    env: Mapping[str, str | SecretStr | None] | None = None,
    remedy: tuple[str, ...] = (),
    reference: str = "command-failed",
) -> Command:
    """Return ``pip install`` of the text *requirements*, with the pip that is bundled with *python*.

    *python* is the request's interpreter by default, or one of a virtual environment; *isolated* adds ``-I``. Of the
    user's ``PIP_…`` variables only those in *env* are passed on. Core compiles bytecode.
    """
    return pip_install(
        python or request.interpreter.executable,
        *arguments,
        requirements=requirements,
        environment=request.environment,
        # Not the application directory, where older interpreters read distutils settings from setup.cfg.
        cwd=request.layer,
        shown=shown,
        isolated=isolated,
        env=env,
        remedy=remedy,
        reference=reference,
    )


def pip_install(
    python: Path,
    *arguments: str,
    requirements: str,
    environment: Mapping[str, str],
    cwd: Path,
    shown: str,
    isolated: bool = True,
    env: Mapping[str, str | SecretStr | None] | None = None,
    remedy: tuple[str, ...] = (),
    reference: str = "command-failed",
) -> Command:
    """Return ``pip install`` as :func:`bundled_pip` does, outside a layer; *environment* is the user's."""
    return _pip(
        python,
        ("install", *arguments, *_QUIET),
        requirements=requirements,
        environment=environment,
        cwd=cwd,
        shown=shown,
        isolated=isolated,
        env=env,
        remedy=remedy,
        reference=reference,
    )


def pip_download(
    python: Path,
    *platforms: str,
    minor: str,
    requirements: str,
    into: Path,
    environment: Mapping[str, str],
    index: Mapping[str, str | SecretStr | None],
    shown: str,
    remedy: tuple[str, ...],
    reference: str,
    bundled: bool = True,
) -> Command:
    """Return ``pip download`` of the wheels that the text *requirements* locks, into the directory *into*.

    They are for CPython *minor*, and for the best of *platforms* (PEP 425). *environment* has the user's variables, and
    *index* those for reaching the index. With *bundled* it is the pip that is bundled with *python*, otherwise the one
    that is installed for it.
    """
    exactly = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation=cp")
    where = (f"--python-version={minor}", *(f"--platform={tag}" for tag in platforms), f"--dest={into}")
    return _pip(
        python,
        ("download", *exactly, *where, *(word for word in _QUIET if word not in _OF_INSTALL)),
        requirements=requirements,
        environment=environment,
        cwd=into,
        shown=shown,
        isolated=True,
        env=index,
        remedy=remedy,
        reference=reference,
        program=(str(_HERE / "_bundled_pip_script.py"),) if bundled else ("-m", "pip"),
    )


def _pip(
    python: Path,
    words: Sequence[str],
    *,
    requirements: str,
    environment: Mapping[str, str],
    cwd: Path,
    shown: str,
    isolated: bool,
    env: Mapping[str, str | SecretStr | None] | None,
    remedy: tuple[str, ...],
    reference: str,
    program: Sequence[str] = (str(_HERE / "_bundled_pip_script.py"),),
) -> Command:
    scrubbed: dict[str, str | SecretStr | None] = {
        name: None for name in environment if name.startswith("PIP_")
    }
    return Command(
        argv=(
            str(python),
            *(("-I",) if isolated else ()),
            *program,
            *words,
            "--requirement=/dev/stdin",
        ),
        env={**scrubbed, **(env or {}), "PIP_ROOT_USER_ACTION": "ignore"},
        cwd=cwd,
        # With hashes, the source of the archives does not matter either.
        without_effect=_INDEX_VARIABLES if "--require-hashes" in words else _INDEX_VARIABLES - _ORIGINS,
        stdin=requirements,
        shown=shown,
        remedy=remedy,
        reference=reference,
        diagnoses=_diagnoses_with_remedy if remedy else _diagnoses,
    )


def _diagnoses() -> tuple[Diagnosis, ...]:
    # Only a failure needs them.
    from layerwright.contract.failures.pip import pip_diagnoses

    return pip_diagnoses()


def _diagnoses_with_remedy() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of pip; where the requirements are wrong, the command's remedy says where they are from."""
    return tuple(replace(d, remedy=()) if d.reference in _OF_REQUIREMENTS else d for d in _diagnoses())


def index_settings(environment: Mapping[str, str]) -> dict[str, str | SecretStr]:
    """Return the variables of *environment* that tell pip the index and how to reach it.

    One with credentials is a secret.
    """
    found = {name: value for name, value in environment.items() if name in _INDEX_VARIABLES}
    return {n: value if redacted(value) == value else SecretStr(value) for n, value in found.items()}


def tool_remedy(interpreter: Interpreter) -> tuple[str, ...]:
    """Return what to do if a tool cannot be installed for *interpreter*, in order."""
    return (
        "If the package index could not be reached, check pip's index settings (PIP_INDEX_URL and others).",
        f"If a version does not exist for Python {interpreter.minor}, configure another one.",
    )


def make_venv(interpreter: Interpreter, path: Path) -> Command:
    """Return the command that creates a virtual environment of *interpreter* at *path*, without pip."""
    return Command(
        argv=(str(interpreter.executable), "-I", "-m", "venv", "--without-pip", str(path)),
        shown="python -m venv",
        reference="venv-failed",
    )


def install_distributions(
    request: ToolRequest,
    hashed: str = "",
    *,
    scripts: Sequence[str],
    also: Sequence[str] = (),
    standalone: bool = False,
    env: Mapping[str, str | SecretStr | None] | None = None,
    shown: str,
) -> tuple[Command, ...]:
    """Return the commands that install a tool into its own virtual environment inside its layer.

    *hashed* is the text of a requirements file that locks every distribution by hash: exactly those are installed,
    from wheels. *also* are requirements that are resolved during the installation, in addition to *hashed*. Only
    *scripts* are on ``PATH``. If they are *standalone*, executables that need neither the interpreter nor another
    file, nothing else is kept. *env* is added to the index settings from the user's ``PIP_…`` variables. The log
    shows *shown* for the installation.
    """
    python = request.layer / "venv" / "bin" / "python"
    index = index_settings(request.environment)
    remedy = tool_remedy(request.interpreter)

    def pip(*arguments: str, requirements: str, shown: str) -> Command:
        return bundled_pip(
            request,
            *arguments,
            requirements=requirements,
            shown=shown,
            python=python,
            isolated=True,
            env={**index, **(env or {})},
            remedy=remedy,
            reference="tool-not-installed",
        )

    commands = [make_venv(request.interpreter, request.layer / "venv")]
    if hashed:
        exactly = ("--no-deps", "--require-hashes", "--only-binary=:all:")
        commands.append(pip(*exactly, requirements=hashed, shown=shown))
    if also:
        # Pinned distributions stay: they are requested again, and installed already.
        lines = [*_pins(hashed), *also]
        words = f"pip install {' '.join(also)} (not hash-pinned)" if hashed else shown
        commands.append(pip(requirements="".join(f"{line}\n" for line in lines), shown=words))
    action = "extract" if standalone else "expose"
    commands.append(
        Command(
            argv=(
                str(request.interpreter.executable),
                "-I",
                str(_HERE / "_expose_script.py"),
                action,
                str(request.layer),
                *scripts,
            ),
            shown=f"put {', '.join(scripts)} on PATH",
            reference="tool-without-script",
        )
    )
    return tuple(commands)


def _pins(hashed: str) -> list[str]:
    """Return the requirements of the text *hashed* without their hashes."""
    first_lines = (line for line in hashed.splitlines() if line and not line.startswith((" ", "#")))
    return [line.partition("--hash")[0].rstrip(" \\") for line in first_lines]
