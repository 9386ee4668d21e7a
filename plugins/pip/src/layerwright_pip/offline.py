"""How pip, or uv in its place, installs without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import Offline
from layerwright_pip.environment import read
from layerwright_pip.pip_config import index_environment
from layerwright_pip.requirement import Kind

if TYPE_CHECKING:
    from layerwright import OfflineRequest

__all__ = ["offline"]


def offline(request: OfflineRequest) -> Offline:
    """Return how the requirements are installed from a bundle.

    pip installs from archives. In every build, it downloads what a URL or a repository names, and the archives of
    ``pylock.toml``, so these are refused. uv finds all of them in its cache.
    """
    asked = request.environment
    said = read(asked)
    if asked.settings.installer == "uv":
        return Offline(env={"UV_OFFLINE": "1"}, archives=False, cache=not said.sources.is_empty)
    places = [
        requirement.place
        for requirement in said.closure.requirements
        if requirement.target.kind in (Kind.URL, Kind.VCS)
    ]
    refused = [f"In every build, pip downloads what {place} names from its URL." for place in places]
    refused += [
        f"In every build, pip downloads the archives in {name} from their URLs."
        for name in said.sources.locks
    ]
    instead = 'uv installs these from its cache: set installer = "uv" in [tool.layerwright.pip].'
    return Offline(
        index=index_environment(said.settings, asked.project),
        options=tuple(line for option in said.closure.options for line in option.lines),
        refused="\n".join((*refused, instead)) if refused else "",
    )
