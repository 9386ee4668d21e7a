from __future__ import annotations

import pytest

from layerwright import install_diagnoses
from layerwright.contract.failures.pip import pip_diagnoses
from layerwright.contract.failures.repository import repository_diagnoses
from layerwright.process.failures.diagnosis import diagnosed, problem_of

URL = "https://git.example.com/acme/ui.git/"


def test_every_diagnosis_can_apply() -> None:
    assert [problem_of(diagnosis) for diagnosis in repository_diagnoses() if problem_of(diagnosis)] == []


@pytest.mark.parametrize(
    ("line", "reference", "summary"),
    [
        (f"fatal: unable to access '{URL}': Could not resolve host: git.example.com", "unreachable", URL),
        (
            f"fatal: unable to access '{URL}': Failed to connect to git.example.com port 443",
            "unreachable",
            URL,
        ),
        (f"fatal: unable to access '{URL}': The requested URL returned error: 503", "unreachable", URL),
        ("ssh: Could not resolve hostname git.example.com: Name or service not known", "unreachable", ""),
        ("ssh: connect to host git.example.com port 22: Connection timed out", "unreachable", ""),
        ("fatal: early EOF", "unreachable", ""),
        (f"fatal: unable to access '{URL}': SSL certificate problem: self-signed", "certificate", URL),
        (f"fatal: unable to access '{URL}': The requested URL returned error: 403", "access", URL),
        (f"fatal: could not read Username for '{URL}': terminal prompts disabled", "access", URL),
        (f"fatal: Authentication failed for '{URL}'", "access", URL),
        (f"remote: Repository not found.\n  fatal: repository '{URL}' not found", "access", URL),
        ("fatal: '/srv/git/acme' does not appear to be a git repository", "access", "/srv/git/acme"),
        ("git@git.example.com: Permission denied (publickey).", "access", ""),
        ("Host key verification failed.", "access", ""),
    ],
)
def test_the_error_says_what_is_wrong_with_the_repository(line: str, reference: str, summary: str) -> None:
    output = (
        f"      {line}\n      fatal: Could not read from remote repository.\n"
        "    ERROR: Failed to build 'acme' when git clone --filter=blob:none\n"
    )
    for diagnoses in (pip_diagnoses(), install_diagnoses(index="ACME_INDEX")):
        found = diagnosed(diagnoses, output)
        assert found is not None
        assert found.diagnosis.reference == f"repository-{reference}"
        assert found.diagnosis.transient == (reference == "unreachable")
        assert summary in found.summary
        assert "  " not in found.summary


@pytest.mark.parametrize(
    "line",
    [
        "error: pathspec 'v9' did not match any file(s) known to git",
        "fatal: couldn't find remote ref v9",
        "fatal: remote error: upload-pack: not our ref v9",
        "fatal: Remote branch v9 not found in upstream origin",
    ],
)
def test_a_revision_that_does_not_exist_is_named(line: str) -> None:
    found = diagnosed(
        pip_diagnoses(), f"      {line}\nERROR: Failed to build 'acme' when git checkout -q v9\n"
    )
    assert found is not None
    assert found.diagnosis.reference == "no-such-revision"
    assert found.summary == "The Git repository has no revision v9."
