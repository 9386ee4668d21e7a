"""Find files that a plugin gives to commands, but whose content is not an input."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from layerwright.testing.conformance.trial.subject import release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.trial.describing import Described
    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["uncounted_files"]

# A plugin that parses the file ignores the comment, and the others are not valid in every format.
_ADDED: Final = (b"\n# added\n", b"\nadded==1.0\n", b"\n[added]\nby = 1\n")


def uncounted_files(subject: Subject, **asked: Any) -> Iterator[str]:
    """Yield each file of the application that commands name, but that can change without a change of the inputs.

    *asked* are the arguments for the description of the build. Skips files that name the releases.
    """
    before = subject.describe_if_it_can_be(**asked)
    if before is None:
        return
    for file in sorted(_named_by(before, subject) - _that_name_releases(subject)):
        content, counts = subject.app.snapshot()[file], False
        for added in _ADDED:
            subject.app.write(file, content + added)
            after = subject.describe_if_it_can_be(**asked)
            # If the plugin refuses the file, it reads it.
            counts |= after is None or after.all_inputs != before.all_inputs
        subject.app.write(file, content)
        if not counts:
            yield file


def _named_by(described: Described, subject: Subject) -> set[str]:
    """Return the files of the application that the commands name, in arguments or in variables."""
    found = set()
    for command in described.environment_commands:
        values = [*command.argv[1:], *(value for value in command.env.values() if isinstance(value, str))]
        for word in (part for value in values for part in (value, value.partition("=")[2]) if part):
            path = os.path.normpath((command.cwd or subject.app.path) / word)
            found.add(os.path.relpath(path, subject.app.path))
    return found & subject.app.snapshot().keys()


def _that_name_releases(subject: Subject) -> set[str]:
    """Return the files of the application that differ for other releases."""
    before = subject.app.snapshot()
    subject.lock(release("acme", "1.1"), release("extra", "2.0"))
    after = subject.app.snapshot()
    subject.lock(*subject.releases)
    return {name for name in {**before, **after} if before.get(name) != after.get(name)}
