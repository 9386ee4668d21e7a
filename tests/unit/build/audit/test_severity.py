"""Severities: words of databases, and base scores of CVSS."""

from __future__ import annotations

import pytest

from layerwright.build.audit.severity import Severity, rated


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        # Section "Examples" of the guide to version 2.
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:N", 0.0),
    ],
)
def test_a_vector_of_version_2_has_the_published_base_score(vector: str, score: float) -> None:
    assert rated("", [("CVSS_V2", vector)])[1] == score


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N", 5.9),
        ("CVSS:3.0/AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H", 9.1),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        # Metrics of time and environment do not change the base score.
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/MAV:N", 6.8),
    ],
)
def test_a_vector_of_version_3_has_the_published_base_score(vector: str, score: float) -> None:
    assert rated("", [("CVSS_V3", vector)])[1] == score


@pytest.mark.parametrize(
    ("kind", "vector"),
    [
        ("Ubuntu", "high"),
        ("CVSS_V5", "CVSS:5.0/AV:N"),
        ("CVSS_V3", "9.8"),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L"),
        ("CVSS_V3", "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        ("", ""),
    ],
)
def test_a_type_that_is_not_known_or_a_broken_vector_leaves_the_severity_unknown(
    kind: str, vector: str
) -> None:
    assert rated("", [(kind, vector)]) == (Severity.UNKNOWN, None)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("LOW", "low"),
        ("moderate", "medium"),
        ("MEDIUM", "medium"),
        (" High", "high"),
        ("CRITICAL", "critical"),
    ],
)
def test_the_word_of_the_database_counts_before_a_score(word: str, severity: str) -> None:
    vector = ("CVSS_V3", "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H")
    assert rated(word, [vector]) == (Severity(severity), 7.8)


@pytest.mark.parametrize(
    ("kind", "vector", "severity"),
    [
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "critical"),
        ("CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C", "high"),
        ("CVSS_V2", "AV:L/AC:H/Au:N/C:C/I:C/A:C", "medium"),
        ("CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "medium"),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "low"),
    ],
)
def test_a_score_means_what_the_scale_of_its_version_says(kind: str, vector: str, severity: str) -> None:
    assert rated("", [(kind, vector)])[0] is Severity(severity)


def test_of_several_vectors_the_highest_counts() -> None:
    vectors = [
        ("CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    ]
    assert rated("", vectors) == (Severity.CRITICAL, 9.8)


def test_an_unknown_severity_reaches_every_threshold() -> None:
    assert all(Severity.UNKNOWN.reaches(one) for one in Severity)
    assert [one.value for one in Severity if one.reaches(Severity.HIGH)] == ["high", "critical", "unknown"]
    assert not Severity.MEDIUM.reaches(Severity.HIGH)
