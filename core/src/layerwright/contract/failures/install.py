"""The diagnoses that every tool that installs distributions can use."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from layerwright.contract.failures.building import build_diagnoses
from layerwright.contract.failures.network import network_diagnoses

if TYPE_CHECKING:
    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["install_diagnoses"]


def install_diagnoses(*, index: str, certificates: str = "SSL_CERT_FILE") -> tuple[Diagnosis, ...]:
    """Return the diagnoses of what no tool can help: the network, the package index, and builds from source.

    *index* tells where the tool reads the URL of its package index, as ``"PIP_INDEX_URL, or index-url in pip.conf"``;
    *certificates* is the variable or setting that names it a file of certificates. Put them after the tool's own, which
    are more exact. What holds for every command, a full disk and lack of memory, core finds by itself.
    """
    return _diagnoses(index, certificates)


@cache
def _diagnoses(index: str, certificates: str) -> tuple[Diagnosis, ...]:
    *missing, not_built = build_diagnoses()
    return (*missing, *network_diagnoses(index, certificates), not_built)
