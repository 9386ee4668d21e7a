"""The diagnoses for every tool that installs distributions."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from layerwright.contract.failures.building import build_diagnoses
from layerwright.contract.failures.network import network_diagnoses
from layerwright.contract.failures.outdated import outdated_diagnoses
from layerwright.contract.failures.repository import repository_diagnoses

if TYPE_CHECKING:
    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["install_diagnoses"]


def install_diagnoses(
    *, index: str, certificates: str = "SSL_CERT_FILE", limit: str = ""
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that do not depend on the tool.

    They are about the network, the package index, Git repositories, and builds from source.
    *index* says where the tool reads the URL of its package index: ``"PIP_INDEX_URL, or index-url in pip.conf"``.
    *certificates* is the variable or setting with the tool's file of certificates. *limit* says what to do so that
    a build from source uses an older setuptools, with ``{requirement}`` for that, in the imperative: ``"set ACME_LIMIT
    to {requirement}"``; it is empty if the tool cannot. Put these diagnoses after the tool's own ones, which are more
    exact. Core itself diagnoses a full disk and lack of memory, for every command.
    """
    return _diagnoses(index, certificates, limit)


@cache
def _diagnoses(index: str, certificates: str, limit: str) -> tuple[Diagnosis, ...]:
    *missing, not_built = build_diagnoses()
    return (
        *repository_diagnoses(),
        *outdated_diagnoses(limit),
        *missing,
        *network_diagnoses(index, certificates),
        not_built,
    )
