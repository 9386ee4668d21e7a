"""Checks of how a package manager takes the package indexes that the platform or the user gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from layerwright.contract.sources.index import Index, IndexRequest
from layerwright.plugins.indexes import index_variables
from layerwright.process.redaction import SecretStr, redacted
from layerwright.testing.conformance.trial.describing import (
    age_variables_of,
    indexes_asked_by,
    settings_of,
)
from layerwright.testing.conformance.trial.subject import INDEX
from layerwright.testing.conformance.trial.verdict import fail, told
from layerwright.testing.requests import REPORT, index_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.contract.sources.index import IndexVariables
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["IndexChecks", "PolicyChecks"]

_SECRET: Final = "hunter3-of-the-kit"
_OTHERS_SECRET: Final = "hunter4-of-the-kit"
_OTHERS_URL: Final = "https://other.example.com/simple/"


class IndexChecks:
    """The indexes become variables of the tool, or a sentence says why one does not."""

    def test_each_index_is_in_variables_or_said_to_be_unused(self, subject: Subject) -> None:
        """Each index has its URL or its credentials in a variable, or a reason; without indexes there is nothing."""
        lost = [words for indexes in _given() for words in _lost(subject, *indexes)]
        if lost:
            fail(
                "index_variables leaves out indexes, and says nothing of it.",
                why="The build would install from elsewhere, and its user would not know.",
                instead="return a variable for each, or IndexVariables(unused={index.name: why}).",
                shown=lost,
            )
        nothing = _asked(subject)
        if nothing is not None and (nothing.variables or nothing.unused):
            fail(
                "index_variables returns something without any index.",
                why="Variables that no index needs change the build.",
                instead="return IndexVariables(variables={}) for it.",
                shown=nothing.variables,
            )

    def test_credentials_of_indexes_are_secrets(self, subject: Subject) -> None:
        """Every variable with a credential is a ``SecretStr``."""
        wrong = [
            name
            for indexes in _given()
            for name, value in _variables(subject, *indexes)
            if isinstance(value, str) and (_SECRET in value or _OTHERS_SECRET in value)
        ]
        if wrong:
            fail(
                "Variables of indexes have credentials that are not marked as secret.",
                why="Core keeps only marked values from commands that need none, and from the log.",
                instead="return index.location, index.password or index.username as they are.",
                shown=dict.fromkeys(wrong),
            )

    def test_variables_of_indexes_are_not_reserved(self, subject: Subject) -> None:
        """No variable is one that users must not set."""
        reserved = sorted(
            name
            for name, _ in _variables(subject, *_given()[0])
            if name in frozenset(subject.manager.reserved_env)
        )
        if reserved:
            fail(
                f"index_variables sets reserved variables: {', '.join(reserved)}.",
                why="Core treats them like the user's own, and so they end the build.",
                instead="set variables that only say where an index is, and how to reach it.",
            )


class PolicyChecks:
    """A policy knows which indexes to ask, and what chooses versions is told how old these must be."""

    def test_indexes_that_are_asked_are_addresses_with_marked_credentials(self, subject: Subject) -> None:
        """``index_urls`` returns URLs, each a ``SecretStr`` that has credentials, or an empty string."""
        with told():
            urls = indexes_asked_by(subject.manager, subject.app, subject.environment)
        wrong = [
            "a SecretStr without a URL" if isinstance(url, SecretStr) else url
            for url in urls
            if (isinstance(url, SecretStr) and "://" not in url.get_secret_value())
            or (isinstance(url, str) and url and ("://" not in url or redacted(url) != url))
        ]
        if wrong:
            fail(
                "index_urls returns something else than the URLs of indexes.",
                why="Core asks them for upload times and more, and writes those without credentials into its messages.",
                instead='return URLs, a SecretStr where there are credentials, "" for the default index.',
                shown=wrong,
            )

    def test_the_age_of_releases_is_a_variable_that_leaves_the_users_alone(self, subject: Subject) -> None:
        """Variables of ``release_age_variables`` change with the time, and are not those that the user has set."""
        times = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2)]

        def variables(before: datetime, more: Mapping[str, str]) -> Mapping[str, str]:
            environment = {**subject.environment, **more}
            with told():
                return age_variables_of(subject.manager, subject.app, environment, before)

        first, second = (variables(each, {}) for each in times)
        fixed = sorted(name for name in first if first[name] == second.get(name))
        if fixed:
            fail(
                f"release_age_variables does not use its argument: {', '.join(fixed)}.",
                why="The tool would choose among releases of another age than the policy says.",
                instead="return variables that say `before`, or nothing if the tool has no such option.",
            )
        replaced = sorted(variables(times[0], dict.fromkeys(first, "of the user")).keys() & first.keys())
        if replaced:
            fail(
                f"release_age_variables replaces variables of the user: {', '.join(replaced)}.",
                why="The user may have chosen an earlier time, for all builds to be equal.",
                instead="leave out variables that are in request.environment: core checks the age of what was chosen.",
            )


def _given() -> tuple[tuple[Index, ...], ...]:
    default = Index(
        name="own", url=INDEX, username="reader", password=SecretStr(_SECRET), default=True, in_netrc=True
    )
    other = Index(
        name="other", url=_OTHERS_URL, username="reader", password=SecretStr(_OTHERS_SECRET), in_netrc=True
    )
    token = Index(name="own", url=INDEX, username=SecretStr(_SECRET), default=True)
    return (default, other), (other,), (token,)


def _asked(subject: Subject, *indexes: Index) -> IndexVariables | None:
    request: IndexRequest = index_request(
        subject.app,
        *indexes,
        settings=settings_of(subject.manager, {}),
        certificates=REPORT.with_name("certificates.pem") if indexes else None,
    )
    with told():
        return index_variables(subject.manager, request, subject.manager.name)


def _variables(subject: Subject, *indexes: Index) -> Iterator[tuple[str, str | SecretStr]]:
    found = _asked(subject, *indexes)
    yield from found.variables.items() if found is not None else ()


def _lost(subject: Subject, *indexes: Index) -> Iterator[str]:
    found = _asked(subject, *indexes)
    if found is None:
        return
    values = [v.get_secret_value() if isinstance(v, SecretStr) else v for v in found.variables.values()]
    for index in indexes:
        host, secret = index.url.split("/")[2], _OTHERS_SECRET if index.url == _OTHERS_URL else _SECRET
        if index.name not in found.unused and not any(host in v or secret in v for v in values):
            yield f"{index.name}, {'the default index' if index.default else 'another index'}, at {index.url}"
