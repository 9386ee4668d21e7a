"""The diagnoses of pip, which is bundled with every interpreter, and which other package managers run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright.contract.failures.install import install_diagnoses
from layerwright.process.failures.diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["pip_diagnoses"]

# pip passes over an index that answers with an error, and says so only when it is asked to say everything.
_MORE: Final = {"PIP_DRY_RUN": "1", "PIP_VERBOSE": "3"}


def pip_diagnoses(
    *,
    index: str = "PIP_INDEX_URL, or index-url in pip.conf",
    certificates: str = "PIP_CERT",
    limit: str = "write {requirement} to a file, and set PIP_BUILD_CONSTRAINT to its path",
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of pip: its own words, and those of :func:`install_diagnoses`, with the same arguments."""
    return _diagnoses(index, certificates, limit)


@cache
def _diagnoses(index: str, certificates: str, limit: str) -> tuple[Diagnosis, ...]:
    *shared, not_built = install_diagnoses(index=index, certificates=certificates, limit=limit)
    return (*_before(), *shared, *_after(index), not_built)


def _before() -> Iterator[Diagnosis]:
    yield Diagnosis(
        pattern=r"^(?:\[\S+\]:)?[^\S\n]*(?P<what>\S+) from \S+(?:\s+\S+){0,9}?:\n(?:\[\S+\]:)?\s*Expected sha\d+ \w+"
        r"(?:\s+(?:\[\S+\]:\s+)?Expected or sha\d+ \w+)*\s+(?:\[\S+\]:\s+)?Got \w+",
        summary="An archive of {what} is not the one that was locked.",
        cause="Its hash is not the one in the requirements.",
        remedy=(
            "Find out who changed the archive, and whether it can be trusted.",
            "If the change is legitimate, lock again. If the download was damaged, build again.",
        ),
        reference="hash-mismatch",
    )
    yield Diagnosis(
        pattern=r"Index (?P<url>\S{1,300}) does not provide upload-time metadata",
        summary="The package index does not say when its archives were uploaded.",
        cause="pip was told to choose among releases of a minimum age, which {url} does not tell.",
        remedy=(
            "Use an index that has upload times (PEP 700).",
            "Or except its distributions from min-release-age of the policy, until a day; then Layerwright checks the"
            " others alone.",
        ),
        reference="no-upload-times",
    )
    yield Diagnosis(
        pattern=r"Can't verify hashes for these requirements because we don't have a way to hash version control"
        r" repositories:\n\s+(?P<name>[\w.-]+)[^\n]*",
        summary="{name} is in a Git repository, and has no hash.",
        cause="The other requirements have hashes, so pip installs nothing without one.",
        remedy=(
            "Use a release of {name} from a package index, and lock again.",
            "Or require the archive of that commit, if the server has one, with its hash:"
            " {name} @ https://git.example.com/acme/{name}/archive/COMMIT.tar.gz --hash=sha256:…",
            "Or remove the hashes of all requirements.",
        ),
        reference="requirement-without-hash",
    )
    yield Diagnosis(
        pattern=r"(?:must have their versions pinned with ==\. These do not:\n\s+(?P<name>[\w.-]+)[^\n]*"
        r"|Hashes are required in --require-hashes mode, but they are missing from [^\n]*(?:\n[^\n]*){0,2}?"
        r"\n\s+(?P<other>[\w.-]+)==[^\n]*)",
        summary="{name}{other} is not locked with a hash.",
        cause="Other requirements have hashes, so pip needs one for every distribution.",
        remedy=(
            "Lock again, with everything: `pip-compile --generate-hashes --allow-unsafe`, or"
            " with another tool that writes hashes.",
        ),
        reference="requirement-without-hash",
    )
    yield Diagnosis(
        pattern=r"unknown package:\n\s*Expected sha\d+ \w+\s+Got \w+",
        summary="A download does not match the hash on the package index.",
        cause="It was damaged or truncated, or the archive was replaced.",
        remedy=("Build again.", "If the hashes differ again, ask the operators of the index."),
        reference="hash-mismatch",
    )
    yield Diagnosis(
        pattern=r"(?<=conflict\ is\ caused\ by:\n)\s+(?P<one>[^\n]+)\n\s+(?P<other>[^\n]+)",
        summary="Two requirements cannot both be met.",
        cause="{one}\n{other}",
        remedy=(
            "Loosen or remove the version of one of them in the requirements.",
            "Or choose another version of the distribution that requires it.",
        ),
        reference="requirements-conflict",
    )
    python = (
        r"require a different python version: (?:[^\n]*; )?(?P<version>[^\s;]+)"
        r" Requires-Python (?P<python>[^;\n]+?)"
    )
    for versions, ends in (
        (r"(?:;[^\n]*)?", r"==(?P=version)(?![\w.])"),
        (r"", r"[^\n]* \(from versions: none"),
    ):
        yield Diagnosis(
            pattern=rf"{python}{versions}\n(?:[^\n]*\n){{0,3}}?[^\n]*?Could not find a version that satisfies the"
            rf" requirement (?P<name>[\w.-]+)[^\s=<>!~;]*{ends}",
            summary="{name} {version} does not support this Python.",
            cause="It requires Python {python}.",
            remedy=(
                "Choose a version of {name} that supports this Python.",
                "Or build with another Python: set python.version, or write it to .python-version.",
            ),
            reference="not-for-this-python",
        )
    for nearest in (
        r"[^\n)]*?\b(?P<nearest>(?P=minor)\.[^\s,)]+)(?=[,)])(?![^\n)]*[ ,](?P=minor)\.)",
        r"[^\n)]*?\b(?P<nearest>(?P=major)\.[^\s,)]+)(?=[,)])(?![^\n)]*[ ,](?P=major)\.)",
        r"(?:[^\n)]*, )?(?P<nearest>[^\s,)]+)\)",
    ):
        yield Diagnosis(
            pattern=rf"Could not find a version that satisfies the requirement (?P<name>[\w.-]+)(?:\[[^\]]*\])?"
            rf"(?P<asked>[^\s\d]*(?P<minor>(?P<major>\d+)(?:\.\d+)?)[^\n]*?) (?:\(from (?!versions)[^\n]*?\) )?"
            rf"\(from versions: (?!none){nearest}",
            summary="There is no {name}{asked}.",
            cause="The nearest version on the index that this Python can use is {nearest}.",
            remedy=("Correct the version of {name} in the requirements.",),
            reference="no-such-version",
        )


def _after(index: str) -> Iterator[Diagnosis]:
    yield Diagnosis(
        pattern=r"The repository located at (?P<host>\S+) is not a trusted or secure host[^\n]*",
        summary="pip ignores the package index, because its URL begins with http:.",
        cause="Anyone on the network between this machine and {host} could replace the data.",
        remedy=(
            f"Use a URL that begins with https: instead. See {index}.",
            "If you trust that network, set PIP_TRUSTED_HOST to {host}.",
        ),
        reference="index-not-secure",
    )
    yield Diagnosis(
        pattern=r"none of the wheel's tags [^\n]*\n(?:(?![^\n]*to search for versions of)[^\n]*\n)*?"
        r"[^\n]*No matching distribution found for (?P<what>[^\n]+)",
        summary="No archive of {what} fits this Python and this machine.",
        cause="There are wheels only for others, and no source to build from.",
        remedy=(
            "Choose a version of it that has a wheel for this Python.",
            "Or build with another Python: set python.version.",
        ),
        reference="not-for-this-python",
    )
    yield Diagnosis(
        pattern=r"No matching distribution found for (?P<name>[\w.-]+)",
        summary="There is no distribution {name}.",
        cause="The package index does not have it.",
        remedy=(
            "Correct the name in the requirements.",
            f"If another index has it, add that: {index}.",
        ),
        reference="no-such-distribution",
        more=_MORE,
    )
