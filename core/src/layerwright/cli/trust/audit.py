"""``layerwright audit``: looks for known vulnerabilities and malware in what is installed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.databases import Databases
from layerwright.build.audit.finding import audit
from layerwright.build.audit.reports.plain import plain
from layerwright.build.audit.reports.report import Report
from layerwright.build.audit.reports.sarif import sarif
from layerwright.build.audit.reports.text import days_old, text
from layerwright.build.audit.reports.vex import MARK, vex
from layerwright.build.audit.severity import Severity
from layerwright.build.audit.sources.choose import PUBLIC
from layerwright.build.audit.subject import subjects
from layerwright.build.bom.identity import text_of
from layerwright.build.policy.rules.vulnerabilities import DATABASE, DENY, NAME
from layerwright.cli.page.writing import check_place, write_document
from layerwright.cli.trust._accepting import accepting
from layerwright.cli.trust._audited import audited
from layerwright.config.policy.policy import Policy
from layerwright.errors import UserError
from layerwright.local.places import default_audit, default_cache
from layerwright.output.aside import log_aside
from layerwright.process.boundary import usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence

    from layerwright.build.audit.sources.database import Database
    from layerwright.config.policy.policy import Ruling
    from layerwright.output.log import Log

__all__ = ["run"]

_FORMATS: Final[Mapping[str, Callable[[Report], dict[str, Any]]]] = {
    "json": plain,
    "sarif": sarif,
    "vex": vex,
}
# What the beginning of each document has.
_MARKS: Final = {"text": "Audit of ", "json": '"fail-on"', "sarif": "sarif-schema", "vex": MARK}
_OLD: Final = 14
_FAILED: Final = 1


def run(
    arguments: Namespace,
    log: Log,
    environment: Mapping[str, str],
    *,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> int:
    """Write the result to a file, or to standard output; return 1 if a finding counts."""
    form, day = arguments.format, today()
    to_file = arguments.output not in (None, "-")
    # The standard output is the document alone.
    document_alone = form != "text" and not to_file
    told = log_aside(environment) if document_alone else log
    if to_file:
        check_place(
            Path(arguments.output),
            _MARKS[form],
            option="--output",
            words=f"an audit in the format {form}",
        )
    what = audited(arguments, told, environment)
    policy = what.policy or Policy(rulings=())
    rulings = [one for one in policy.rulings if one.rule == NAME]
    database = _database(
        arguments.database, rulings, what.directory, default_audit(default_cache(environment)), told
    )
    days = days_old(database.modified, day)
    if days is not None and days > _OLD:
        told.warning(f"The newest record of the vulnerability database is {days} days old. Get it again.")
    found = subjects(what.components)
    result = audit(found, database.about((one.name, one.version) for one in found))
    report = Report(
        name=what.name,
        version=what.version,
        subjects=found,
        findings=accepting(result.findings, policy, day),
        undecided=result.undecided,
        threshold=_threshold(arguments.fail_on, rulings),
        database=database.words,
        digest=database.digest,
        modified=database.modified,
        file=_file(what.directory),
    )
    document = text(report, day) if form == "text" else text_of(_FORMATS[form](report)).decode()
    if to_file:
        file = Path(arguments.output)
        with usual_modes():
            write_document(file, document, option="--output")
        log.line(f"Wrote {file}")
    else:
        log.line(document.removesuffix("\n"))
    return _FAILED if report.failing else 0


def _database(
    named: str, rulings: Sequence[Ruling], directory: Path | None, place: Path, log: Log
) -> Database:
    """Return the database *named* on the command line, or else that of the strongest of *rulings*."""
    here = Path.cwd()
    if named:
        return Databases(here, place, log, trusted_for=0).named(named)
    for one in rulings:
        return Databases(directory or here, place, log, trusted_for=0).named(one.value[DATABASE])
    raise _no_database()


def _threshold(named: str | None, rulings: Sequence[Ruling]) -> Severity:
    """Return the severity from which findings count: *named*, or the mildest that the policy denies, or ``low``."""
    if named:
        return Severity(named)
    denied = [Severity(one.value[DENY]) for one in rulings if DENY in one.value]
    return min(denied, key=lambda one: one.rank, default=Severity.LOW)


def _file(directory: Path | None) -> str:
    """Return the file in which a viewer of code shows findings; ``.`` would be none."""
    project = "pyproject.toml"
    return project if directory and (directory / project).is_file() else ""


def _no_database() -> UserError:
    return UserError(
        "No vulnerability database is named.",
        cause="An audit compares what is installed with the records of a database, and asks no outside host by itself.",
        remedy=(
            "Pass --database with a directory or a FILE.zip of records in the OSV format, or the URL of such a file.",
            "Or name it in the policy: policy.vulnerabilities.database.",
            f"Or pass --database {PUBLIC}: the public service, which gets the names and versions of the distributions.",
        ),
        reference="no-vulnerability-database",
    )
