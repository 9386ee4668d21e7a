"""The user's variables that no command of a build may get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.build.request import BuildRequest
    from layerwright.contract.package_manager import PackageManager

__all__ = ["RESERVED_ENV", "Variables", "sort_variables"]

RESERVED_ENV: Final = frozenset(
    {
        "PYTHONHOME",
        "PYTHONNOUSERSITE",
        "PYTHONPATH",
        "PYTHONPLATLIBDIR",
        "PYTHONPYCACHEPREFIX",
        "PYTHONUSERBASE",
    }
)
"""Variables that change what an interpreter imports: no package manager is reliable with them."""
_APPLICATIONS: Final = ("PYTHONNOUSERSITE", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONUSERBASE")
"""Variables that users set for the application, such as PYTHONPATH=src."""


class Variables(NamedTuple):
    """The user's variables, sorted: those of commands, the ``ignored`` ones by name, those ``for_application``."""

    for_commands: Mapping[str, str]
    ignored: tuple[str, ...]
    for_application: Mapping[str, str]

    @property
    def words(self) -> tuple[str, ...]:
        """A sentence for each kind of variables that commands do not get."""
        found = []
        if self.ignored:
            found.append(f"Variables ignored, because the user did not set them: {', '.join(self.ignored)}")
        if self.for_application:
            found.append(
                "Variables for the application alone, in commands after the install and at launch: "
                + ", ".join(self.for_application)
            )
        return tuple(found)


def sort_variables(request: BuildRequest, managers: Sequence[PackageManager]) -> Variables:
    """Return the variables of *request*, sorted for a build with *managers*.

    ``UserError``: the user has set a variable that would change what is built.
    """
    reserved = RESERVED_ENV.union(*(manager.reserved_env for manager in managers))
    found = sorted(request.environment.keys() & reserved)
    ignored = tuple(name for name in found if name in request.inherited)
    applications = tuple(name for name in _APPLICATIONS if name in found and name not in ignored)
    wrong = [name for name in found if name not in (*ignored, *applications)]
    if wrong:
        raise _wrong(wrong, managers, from_shell=request.from_shell)
    kept = {name: value for name, value in request.environment.items() if name not in found}
    return Variables(kept, ignored, {name: request.environment[name] for name in applications})


def _wrong(names: Sequence[str], managers: Sequence[PackageManager], *, from_shell: bool) -> UserError:
    readers = " and ".join(["Python", *(manager.display_name for manager in managers)])
    return UserError(
        f"These variables would change what is built: {', '.join(names)}.",
        cause=f"{readers} read them, and would install something else or elsewhere.",
        remedy=f"Unset them: env {' '.join(f'-u {name}' for name in names)} layerwright build …"
        if from_shell
        else "Remove them from the environment of the build, as this platform sets it: pack build --env, project.toml,"
        " or the image resource of kpack.",
        reference="reserved-environment",
    )
