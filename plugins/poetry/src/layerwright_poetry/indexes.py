"""Package indexes in Poetry's terms: the credentials of the sources that the lock file names.

See "Repositories" in Poetry's documentation. Poetry takes distributions from nowhere else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright import IndexVariables
from layerwright_poetry.files import LOCK, PYPROJECT, poetry_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright import Index, IndexRequest, Project, SecretStr
    from layerwright_poetry.manager import PoetrySettings

__all__ = ["index_variables", "login_prefix"]

# The lock file is not parsed, because that takes longer than the rest of an unchanged build.
_SOURCE: Final = re.compile(r'\ntype = "legacy"\s*?\nurl = "(.*)"\s*?\nreference = "(.*)"')


def index_variables(request: IndexRequest[PoetrySettings]) -> IndexVariables:
    """Return the variables with the credentials of each source that has the URL of an index."""
    sources = dict.fromkeys(_sources(request.project))
    variables: dict[str, str | SecretStr] = {}
    unused: dict[str, str] = {}
    for index in request.indexes:
        names = [name for name, url in sources if index.is_at(url)]
        for name in names:
            variables |= _credentials(index, name)
        if not names:
            unused[index.name] = (
                f"{LOCK} has no source with its URL, and Poetry takes distributions from nowhere else."
                f" To use it, add it to [[tool.poetry.source]] of {PYPROJECT}, and lock again."
            )
    if request.certificates is not None:
        variables["REQUESTS_CA_BUNDLE"] = str(request.certificates)
    return IndexVariables(variables=variables, unused=unused)


def login_prefix(name: str) -> str:
    """Return how the variables with the credentials of the source *name* begin.

    Poetry takes a dot for the end of a part of the setting's name, and joins the parts with underscores.
    """
    return f"POETRY_HTTP_BASIC_{re.sub('[-.]', '_', name.upper())}"


def _sources(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the name and the URL of each source in the lock file and of the application."""
    text = project.text(LOCK) if project.exists(LOCK) else ""
    yield from ((name, url) for url, name in _SOURCE.findall(text))
    found = poetry_table(project).get("source")
    for source in found if isinstance(found, list) else ():
        if isinstance(source, dict):
            yield str(source.get("name")), str(source.get("url"))


def _credentials(index: Index, name: str) -> dict[str, str | SecretStr]:
    prefix = login_prefix(name)
    found: dict[str, str | SecretStr] = {}
    if index.username:
        found[f"{prefix}_USERNAME"] = index.username
    if index.password is not None:
        found[f"{prefix}_PASSWORD"] = index.password
    elif index.has_secret:
        # Without it, Poetry asks a keyring for the password of a token.
        found[f"{prefix}_PASSWORD"] = ""
    return found
