"""Opens the gate of a build."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from layerwright.build.audit.databases import databases_of
from layerwright.build.layers import names
from layerwright.build.policy.asking import variables_for_age
from layerwright.build.policy.gate import Gate
from layerwright.build.policy.rules.age import AGE
from layerwright.build.venv.locked import expected_of
from layerwright.contract.sameness import Resolution
from layerwright.plugins.indexes import asked_indexes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.config.policy.policy import Policy
    from layerwright.output.log import Log

__all__ = ["open_gate"]


def open_gate(
    policy: Policy, request: BuildRequest, prepared: Prepared, described: Described, log: Log
) -> Gate:
    """Return the gate that holds the virtual environment of *described* to *policy*."""
    manager, label = prepared.manager, prepared.label
    age = chosen_age(policy)
    choosing: Mapping[str, str] = {}
    now = datetime.now(UTC)
    if age is not None and isinstance(described.install.sameness, Resolution):
        choosing = variables_for_age(manager, described.asked, now - age, label)
    return Gate(
        policy=policy,
        install=described.install,
        expected=expected_of(manager, described.asked, label),
        # What the platform or the user has given comes with its credentials.
        urls=(
            *(index.location for index in (prepared.joined.indexes if prepared.joined else ())),
            *asked_indexes(manager, described.asked, label),
        ),
        label=label,
        interpreter=described.interpreter,
        site_packages=described.interpreter.site_packages(request.layers.layer_path(names.VENV)),
        environment=prepared.environment,
        log=log,
        today=request.today,
        kept=request.supply.pages() if request.supply else None,
        now=now,
        choosing=choosing,
        database=databases_of(request, log).named,
    )


def chosen_age(policy: Policy) -> timedelta | None:
    """Return the age that the package manager itself must observe; ``None`` without one, or with exceptions from it.

    Its option would be for all distributions.
    """
    ages = [one.value for one in policy.deciding if one.rule == AGE.name]
    return ages[0] if ages and not any(one.rule == AGE.name for one in policy.exemptions) else None
