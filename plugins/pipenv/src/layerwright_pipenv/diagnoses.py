"""What the failures of Pipenv mean."""

from __future__ import annotations

from functools import cache

from layerwright import Diagnosis, pip_diagnoses

__all__ = ["diagnoses"]


@cache
def diagnoses() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of Pipenv's own words, and those of pip, which it runs."""
    return (
        Diagnosis(
            pattern=r"Pipfile\.lock (?:\(\w+\) )?(?:is )?out[- ]of[- ]date",
            summary="Pipfile.lock does not match the Pipfile.",
            cause="The Pipfile was changed after Pipfile.lock was written.",
            remedy=("Run `pipenv lock`, and commit Pipfile.lock.",),
            reference="stale-lock-file",
        ),
        Diagnosis(
            pattern=r"DataValidationError: Missing required field: (?P<field>\w+)",
            summary="Pipenv cannot read the Pipfile: {field} is missing.",
            cause='Each [[source]] needs url, verify_ssl and name, such as name = "pypi".',
            remedy=("Add {field} to the Pipfile.", "Run `pipenv lock`, and commit Pipfile.lock."),
            reference="malformed-pipfile",
        ),
        # Constraints of builds are reserved, because they change what the lock file installs.
        *pip_diagnoses(index="[[source]] in the Pipfile, and the variables in its URL", limit=""),
    )
