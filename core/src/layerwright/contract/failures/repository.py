"""Diagnoses of requirements in Git repositories, in the words of Git, which package managers run."""

from __future__ import annotations

from typing import Final

from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["repository_diagnoses"]

_ACCESS: Final = r"unable to access '(?P<url>[^'\n]+)': "
_LS_REMOTE: Final = "Check that this machine can read the repository: git ls-remote URL"


def repository_diagnoses() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a Git repository that refuses access, cannot be reached, or lacks a revision."""
    return (
        *(
            Diagnosis(
                pattern=pattern,
                summary=f"The Git repository{name} could not be reached.",
                cause="The network or a proxy is down, the server fails, or the URL is wrong.",
                remedy=(
                    "Check that this machine has a network, and build again.",
                    _LS_REMOTE,
                    "If the repository can only be reached through a proxy, set https_proxy.",
                ),
                reference="repository-unreachable",
                transient=True,
            )
            for name, pattern in (
                (
                    " {url}",
                    _ACCESS
                    + r"(?:Could not resolve|Failed to connect|Couldn't connect|Connection|Operation timed out"
                    r"|Recv failure|Empty reply|Proxy CONNECT|The requested URL returned error: 5\d\d).*",
                ),
                (
                    "",
                    r"^.*ssh: (?:Could not resolve hostname|connect to host) .*"
                    r"|^.*(?:fatal: early EOF|error: RPC failed|fatal: the remote end hung up unexpectedly).*",
                ),
            )
        ),
        Diagnosis(
            pattern=_ACCESS + r".*certificate.*",
            summary="The certificate of the Git repository {url} is not trusted.",
            cause="A company's server or proxy often has a certificate that only the company's machines trust.",
            remedy=(
                "Get the certificate of the authority that issued it, as a PEM file.",
                "Name that file in GIT_SSL_CAINFO, and build again.",
            ),
            reference="repository-certificate",
        ),
        *(
            Diagnosis(
                pattern=pattern,
                summary=f"The Git repository{name} refuses access.",
                cause="It is private and Git has no credentials for it, or it does not exist.",
                remedy=(
                    _LS_REMOTE,
                    "If it is private, give Git the credentials where the build runs: a credential helper, an SSH key,"
                    " or the variables GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0 and GIT_CONFIG_VALUE_0.",
                ),
                reference="repository-access",
            )
            for name, pattern in (
                (
                    " {url}",
                    r"(?:could not read (?:Username|Password) for|Authentication failed for|fatal: repository)"
                    r" '(?P<url>[^'\n]+)'.*",
                ),
                (" {url}", _ACCESS + r"The requested URL returned error: 40[0-9].*"),
                (" {url}", r"fatal: '(?P<url>[^'\n]+)' does not appear to be a git repository"),
                (
                    "",
                    r"^.*(?:Permission denied \(publickey|Host key verification failed|Repository not found\.).*",
                ),
            )
        ),
        Diagnosis(
            pattern=r"(?:couldn't find remote ref|not our ref|pathspec|Remote branch) '?(?P<revision>[^\s']+).*",
            summary="The Git repository has no revision {revision}.",
            cause="The branch, tag or commit was renamed or removed, or it is misspelt.",
            remedy=("Correct the revision in the requirement. With a lock file, lock again.",),
            reference="no-such-revision",
        ),
    )
