"""A declared package manager, with the interface of any other."""

# typing.override needs Python 3.12, and importing typing_extensions takes too long.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from layerwright.contract.package_manager import PackageManager
from layerwright.contract.values.project import Detection
from layerwright.plugins.declarative._lock_file import value_at
from layerwright.plugins.declarative._model import PROJECT_FILE
from layerwright.plugins.declarative._settings import settings_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.contract.sources.index import IndexRequest, IndexVariables
    from layerwright.contract.values.environment import EnvironmentInstall, EnvironmentRequest, Expected
    from layerwright.contract.values.offline import Offline, OfflineRequest
    from layerwright.contract.values.project import ProjectRequest
    from layerwright.contract.values.tool import ToolLayer, ToolRequest
    from layerwright.files.project import Project
    from layerwright.plugins.declarative._model import Declaration, DetectTable, FallbackTable
    from layerwright.process.redaction import SecretStr

__all__ = ["DeclaredPackageManager", "made_from"]


class DeclaredPackageManager(PackageManager):
    """The package manager of a declaration."""

    declaration: ClassVar[Declaration]
    version: ClassVar[str]
    lock: ClassVar[str]

    @property
    def looks_for(self) -> tuple[str, ...]:
        """The files of which one must exist to claim an application."""
        said = self.declaration.detect
        return tuple(dict.fromkeys((*said.files, *said.evidence)))

    def detect(self, request: ProjectRequest) -> Detection | None:
        """Claim an application that has one of the declared files or tables."""
        said = self.declaration.detect
        file = _first(request.project, said)
        if file is None and (file := _first(request.project, said.fallback)) is not None:
            return Detection(evidence=file, fallback=True)
        return Detection(evidence=file) if file is not None else None

    def index_variables(self, request: IndexRequest) -> IndexVariables | None:
        """Return the declared variables with the indexes; ``None`` if none are declared."""
        said = self.declaration.indexes
        if said is None:
            return None
        from layerwright.contract.sources.terms import IndexTerms, variables_in

        place = f"[[{said.declared}]] of {PROJECT_FILE}" if said.declared else ""
        terms = IndexTerms(**{**vars(said), "declared": place})
        tables = _tables(request.project, said.declared)
        declared = [(str(one.get("name")), str(one.get("url"))) for one in tables]
        return variables_in(terms, request, declared, self.display_name)

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        """Return the declared distribution in a virtual environment of its own."""
        from layerwright.plugins.declarative._tool import describe_tool_layer

        return describe_tool_layer(self.declaration, self.version, self.lock, request)

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        """Return how the declared commands fill the virtual environment."""
        from layerwright.plugins.declarative._environment import describe_environment

        return describe_environment(self.declaration, request)

    def index_urls(self, request: EnvironmentRequest) -> tuple[str | SecretStr, ...]:
        """Return the indexes that the declared variables and the declared table name."""
        said = self.declaration.indexes
        if said is None:
            return super().index_urls(request)
        from layerwright.contract.sources.asked import asked_in
        from layerwright.contract.sources.terms import IndexTerms

        terms = IndexTerms(**{**vars(said), "declared": ""})
        return asked_in(terms, _tables(request.project, said.declared), request.environment)

    def expects(self, request: EnvironmentRequest) -> Expected | None:
        """Return the entries of the lock file for this machine, if the declaration says how to read them."""
        from layerwright.plugins.declarative._expected import expected

        return expected(self.declaration, request)

    def offline(self, request: OfflineRequest) -> Offline:
        """Return the declared variable for the default index, with that of the bundle; without one, the cache.

        Indexes that the application names itself would be asked all the same, so they are refused.
        """
        from layerwright.contract.values.offline import Offline

        said, project = self.declaration.indexes, request.environment.project
        if said is None or not said.url:
            return super().offline(request)
        if _tables(project, said.declared):
            where = f"[[{said.declared}]] of {PROJECT_FILE}"
            why = f"{self.display_name} asks the indexes in {where} in every build."
            instead = f"Name the index outside the application: in {said.url}, or in LAYERWRIGHT_INDEX_…."
            return Offline(refused=f"{why}\n{instead}")
        return Offline(env={said.url: request.index})


def _tables(project: Project, key: str | None) -> list[Mapping[str, Any]]:
    """Return the tables in the array *key* of the project file."""
    found = value_at(project.toml(PROJECT_FILE), key) if key else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _first(project: Project, said: DetectTable | FallbackTable) -> str | None:
    """Return the first existing file that *said* names, or the project file if it has one of the tables."""
    file = next(filter(project.exists, said.files), None)
    if file is None and said.tables:
        tree = project.toml(PROJECT_FILE)
        return PROJECT_FILE if any(isinstance(value_at(tree, key), dict) for key in said.tables) else None
    return file


def made_from(declaration: Declaration, version: str, lock: str) -> DeclaredPackageManager:
    """Return the package manager of *declaration*; *version* of its tool is the default, pinned by the text *lock*."""
    members = {
        "__module__": __name__,
        "__doc__": f"{declaration.display_name}, as declared.",
        "name": declaration.name,
        "display_name": declaration.display_name,
        "settings_model": settings_model(declaration, version),
        "reserved_env": frozenset(declaration.reserved_env),
        "declaration": declaration,
        "version": version,
        "lock": lock,
    }
    # A class for each, because names and settings are class attributes.
    made: DeclaredPackageManager = type("DeclaredPackageManager", (DeclaredPackageManager,), members)()
    return made
