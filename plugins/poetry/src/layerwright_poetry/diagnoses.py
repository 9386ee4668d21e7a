"""Diagnoses of the failures of Poetry."""

from __future__ import annotations

from functools import cache

from layerwright import Diagnosis, install_diagnoses

__all__ = ["diagnoses"]

_SOURCES = "[[tool.poetry.source]] in pyproject.toml"


@cache
def diagnoses() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of Poetry's own words, and those that tools share."""
    *shared, not_built = install_diagnoses(index=_SOURCES, certificates="REQUESTS_CA_BUNDLE")
    return (
        Diagnosis(
            pattern=r"pyproject\.toml changed significantly since poetry\.lock was last generated"
            r"|poetry\.lock is not up to date with",
            summary="poetry.lock does not match pyproject.toml.",
            cause="pyproject.toml was changed after poetry.lock was written.",
            remedy=("Run `poetry lock`, and commit poetry.lock.",),
            reference="stale-lock-file",
        ),
        Diagnosis(
            pattern=r"(?:Downloaded distributions for (?P<what>\S+ \(\S+\)) did not match any known checksums"
            r"|Hash for (?P<archive>\S+ \(\S+\)) from archive .* not found in known hashes.*"
            r"|Retrieved digests for links (?P<file>[^\s(]+)\(.*)",
            summary="An archive of {what}{archive}{file} is not the one that was locked.",
            cause="Its hash is not in poetry.lock.",
            remedy=(
                "Find out who changed the archive, and whether it can be trusted.",
                "If the change is legitimate, run `poetry lock --regenerate`, and commit poetry.lock.",
                "If the download was damaged, build again with --clean: Poetry keeps downloads.",
            ),
            reference="hash-mismatch",
        ),
        Diagnosis(
            pattern=r"Authorization error accessing (?P<url>\S+)",
            summary="The package index asks for a user name and a password.",
            cause="It received none, or wrong ones, for {url}.",
            remedy=(
                "Set POETRY_HTTP_BASIC_NAME_USERNAME and POETRY_HTTP_BASIC_NAME_PASSWORD; NAME is that of the source.",
            ),
            reference="index-login",
        ),
        Diagnosis(
            pattern=r"Current Python version \((?P<python>[\w.]+)\) is not allowed by the project"
            r" \((?P<bounds>[^)]+)\)",
            summary="Python {python} is not among those that the application supports.",
            cause="pyproject.toml requires Python {bounds}.",
            remedy=("Build with another Python: set python.version, or write it to .python-version.",),
            reference="not-for-this-python",
        ),
        *shared,
        Diagnosis(
            pattern=r"All attempts to connect to (?P<host>\S{1,200}) failed",
            summary="The package index could not be reached.",
            cause="{host} does not answer, or the network or a proxy is down.",
            remedy=(
                "Check that this machine has a network, and build again.",
                f"Check the URL of the index: {_SOURCES}.",
                "If the index can only be reached through a proxy, set https_proxy.",
            ),
            reference="index-unreachable",
            transient=True,
            # Without it, Poetry does not say so where a certificate is not trusted.
            more={"SHELL_VERBOSITY": "1"},
        ),
        Diagnosis(
            pattern=r"Unable to find installation candidates for (?P<name>\S+) \((?P<version>[^)]+)\)",
            summary="The package index has no {name} {version} that can be installed here.",
            cause="poetry.lock names that version. The index does not have it, or its archives are for other Pythons.",
            remedy=(
                "Run `poetry update {name}`, and commit poetry.lock.",
                f"If another index has it, add that: {_SOURCES}.",
            ),
            reference="no-such-version",
        ),
        not_built,
    )
