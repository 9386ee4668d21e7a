from __future__ import annotations

import tomllib
from datetime import date, timedelta

import pytest

from layerwright.config.policy.policy import Policy, Rank
from layerwright.config.policy.reading import given_by, rule_names
from layerwright.config.reading import configure
from layerwright.config.sources import Given, Sources
from layerwright.errors import ConfigurationError

TODAY = date(2026, 11, 30)
EXCEPTION = '{distribution = "acme", rule = "hashes", reason = "ours", expires = 2026-12-31}'


def read(toml: str = "", *given: Given, project: str = "", **environment: str) -> Policy:
    """Return the policy of ``layerwright.toml``, ``pyproject.toml``, variables and a platform."""
    files = {
        "layerwright.toml": tomllib.loads(f"[policy]\n{toml}" if toml else ""),
        "pyproject.toml": tomllib.loads(f"[tool.layerwright.policy]\n{project}" if project else ""),
    }
    variables = {f"LAYERWRIGHT_POLICY_{name}": value for name, value in environment.items()}
    policy = configure(Sources(files, variables, given), {}).policy
    assert policy is not None
    return policy


def problems(toml: str = "", **environment: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(toml, **environment)
    return caught.value.problems


def test_without_a_table_and_a_variable_there_is_no_policy() -> None:
    files = {"layerwright.toml": tomllib.loads('package-manager = "pip"')}
    assert configure(Sources(files, {}), {}).policy is None


def test_the_strictest_source_decides_whichever_that_is() -> None:
    policy = read(
        'min-release-age = "3 days"\nyanked = "deny"\nstartup-code = "known"',
        Given("the buildpack acme 1", {"policy": {"min-release-age": "1 day", "yanked": "warn"}}),
        project='startup-code = "deny"\nyanked = "allow"',
        MIN_RELEASE_AGE="P7D",
    )
    assert {one.rule: (one.value, one.origin) for one in policy.deciding} == {
        "min-release-age": (timedelta(days=7), "LAYERWRIGHT_POLICY_MIN_RELEASE_AGE"),
        "yanked": ("deny", "layerwright.toml: policy.yanked"),
        "startup-code": ("deny", "pyproject.toml: tool.layerwright.policy.startup-code"),
    }


def test_of_equally_strict_sources_the_strongest_decides() -> None:
    given = Given("the buildpack acme 1", {"policy": {"build": "never"}})
    (deciding,) = read('build = "never"', given, BUILD="never").deciding
    assert (deciding.origin, deciding.rank) == ("the buildpack acme 1: policy.build", Rank.PLATFORM)


def test_lists_of_all_sources_count() -> None:
    policy = read(
        'licences = {denied = ["GPL-*"]}\nindexes = {acme = "https://a.example.com/simple"}',
        Given("the platform", {"policy": {"licences": {"allowed": ["MIT"], "denied": ["AGPL-*"]}}}),
        LICENCES_DENIED="SSPL-1.0, BUSL-1.1",
        INDEXES='{base = "https://b.example.com/simple"}',
    )
    assert [(one.rule, one.shown, one.rank) for one in policy.deciding] == [
        ("licences.allowed", ["MIT"], Rank.PLATFORM),
        ("licences.denied", ["AGPL-*"], Rank.PLATFORM),
        ("licences.denied", ["SSPL-1.0", "BUSL-1.1"], Rank.ENVIRONMENT),
        ("licences.denied", ["GPL-*"], Rank.APPLICATION),
        ("indexes", {"base": "https://b.example.com/simple"}, Rank.ENVIRONMENT),
        ("indexes", {"acme": "https://a.example.com/simple"}, Rank.APPLICATION),
    ]


def test_rules_that_allow_everything_decide_nothing() -> None:
    assert read('min-release-age = "0 days"\nhashes = "allow"\nlicences = {}').deciding == ()


def test_an_exception_has_a_reason_and_a_last_day_in_either_notation() -> None:
    policy = read(
        f"exceptions = [{EXCEPTION}]",
        EXCEPTIONS='[{distribution = "ba*", version = "1", index = "https://x.example.com", rule = "licences",'
        ' reason = "r", expires = "2026-12-01"}]',
    )
    first, second = policy.exemptions
    assert (first.distribution, first.version, first.index, first.rule, first.expires, first.rank) == (
        "ba*",
        "1",
        "https://x.example.com",
        "licences",
        date(2026, 12, 1),
        Rank.ENVIRONMENT,
    )
    assert (second.reason, second.expires, second.origin, second.rank) == (
        "ours",
        date(2026, 12, 31),
        "layerwright.toml: policy.exceptions[0]",
        Rank.APPLICATION,
    )


def test_all_mistakes_are_reported_at_once() -> None:
    found = problems(
        'foo = 1\nmin-release-age = "a month"\nyanked = "no"\nhashes = true\nindexes = {"b c" = "https://x", d = "x"}\n'
        'exceptions = [{distribution = "x", rule = "yankd", expires = "soon", reason = " "}, 3,'
        ' {distribution = "a b", reason = "r", expires = 2026-12-31T00:00:00Z, index = "x"}]',
        X="1",
    )
    assert found == (
        "layerwright.toml: policy.foo is an unknown key",
        'layerwright.toml: policy.min-release-age is "a month": must be a number of hours, days or weeks, such as'
        ' "7 days"',
        'layerwright.toml: policy.hashes must be one of "allow", "required", not true',
        'layerwright.toml: policy.yanked must be one of "allow", "warn", "deny", not "no"',
        'layerwright.toml: policy.indexes has the key "b c": it must be the name of a distribution, or the beginning of'
        ' names such as "acme-*"',
        'layerwright.toml: policy.indexes has "x" for d: it must be the URL of an index, which starts with https://, http://'
        " or file://",
        "layerwright.toml: policy.exceptions[0].reason is empty",
        'layerwright.toml: policy.exceptions[0].expires is "soon": must be a date such as 2027-01-31',
        "layerwright.toml: policy.exceptions[1] must be a table, not 3",
        'layerwright.toml: policy.exceptions[2].distribution is "a b": must be the name of a distribution, or the'
        ' beginning of names such as "acme-*"',
        "layerwright.toml: policy.exceptions[2].rule is missing",
        "layerwright.toml: policy.exceptions[2].expires must be a string, not 2026-12-31 00:00:00+00:00",
        'layerwright.toml: policy.exceptions[2].index is "x": must be the URL of an index, which starts with https://,'
        " http:// or file://",
        'layerwright.toml: policy.exceptions[0].rule is "yankd", which is no rule; did you mean yanked?',
        "LAYERWRIGHT_POLICY_X is not a setting's variable; did you mean LAYERWRIGHT_POLICY_INDEXES?",
    )


def test_an_exception_is_for_one_version_and_one_vulnerability() -> None:
    start = f"exceptions = [{EXCEPTION[:-1]}"
    assert [one.version for one in read(f'{start}, version = "1.0rc1"}}]').exemptions] == ["1.0rc1"]
    assert problems(f'{start}, version = ">=1", id = "CVE-1, CVE-2"}}]') == (
        'layerwright.toml: policy.exceptions[0].version is ">=1": must be one version, such as 2.4.1',
        'layerwright.toml: policy.exceptions[0].id is "CVE-1, CVE-2": must be the identifier of one vulnerability, such'
        " as GHSA-… or CVE-…",
    )
    assert problems(f'{start}, id = "CVE-1"}}]') == (
        "layerwright.toml: policy.exceptions[0].id is for the rule vulnerabilities, not for hashes",
    )


def test_a_blank_value_of_an_exception_is_reported_once() -> None:
    assert problems('exceptions = [{distribution = " ", rule = " ", reason = " ", expires = " "}]') == tuple(
        f"layerwright.toml: policy.exceptions[0].{key} is empty"
        for key in ("distribution", "rule", "reason", "expires")
    )


def test_an_exception_without_a_last_day_is_a_mistake() -> None:
    assert problems('exceptions = [{distribution = "acme", rule = "hashes", reason = "r"}]') == (
        "layerwright.toml: policy.exceptions[0].expires is missing",
    )


def test_a_variable_that_is_not_in_the_notation_of_toml_is_a_mistake() -> None:
    assert [p.partition(":")[0] for p in problems(EXCEPTIONS="acme", INDEXES="acme=")] == [
        "LAYERWRIGHT_POLICY_INDEXES is not in the notation of TOML",
        "LAYERWRIGHT_POLICY_EXCEPTIONS is not in the notation of TOML",
    ]


def test_a_table_of_licences_has_variables_for_its_keys_alone() -> None:
    assert problems(LICENCES="MIT") == (
        "LAYERWRIGHT_POLICY_LICENCES is not a setting's variable; did you mean LAYERWRIGHT_POLICY_LICENCES_DENIED?",
    )


def test_the_environment_of_the_platform_is_a_source_that_a_users_variable_does_not_replace() -> None:
    process = {
        "LAYERWRIGHT_POLICY_MIN_RELEASE_AGE": " 7 days\n",
        "LAYERWRIGHT_POLICY_LICENCES_ALLOWED": "MIT, ,BSD-*",
        "LAYERWRIGHT_POLICY_INDEXES": '{acme = "https://a.example.com/simple"}',
    }
    given = given_by("the environment of the platform", process)
    assert given is not None
    policy = read("", given, MIN_RELEASE_AGE="0 days")
    assert [(one.rule, one.shown, one.rank) for one in policy.deciding] == [
        ("min-release-age", "7 days", Rank.PLATFORM),
        ("licences.allowed", ["MIT", "BSD-*"], Rank.PLATFORM),
        ("indexes", {"acme": "https://a.example.com/simple"}, Rank.PLATFORM),
    ]
    assert policy.deciding[0].origin == "the environment of the platform: policy.min-release-age"


def test_an_environment_without_a_policy_gives_none() -> None:
    assert given_by("the environment of the platform", {"PATH": "/bin"}) is None


def test_the_effective_policy_is_among_the_settings() -> None:
    files = {"layerwright.toml": tomllib.loads('[policy]\nmin-release-age = "48 hours"')}
    settings = configure(Sources(files, {}), {}).settings
    assert [(one.key, one.value, one.origin) for one in settings if one.key.startswith("policy.")] == [
        ("policy.min-release-age", "2 days", "layerwright.toml: policy.min-release-age")
    ]


def test_the_digest_changes_with_a_rule_its_owner_and_the_day_on_which_an_exception_expires() -> None:
    policy = read(f'hashes = "required"\nexceptions = [{EXCEPTION}]')
    states = {
        policy.state(TODAY),
        policy.state(date(2027, 1, 1)),
        read(f'build = "never"\nexceptions = [{EXCEPTION}]').state(TODAY),
        read(f"exceptions = [{EXCEPTION}]", HASHES="required").state(TODAY),
        read('hashes = "required"').state(TODAY),
    }
    assert len(states) == 5
    assert policy.state(TODAY) == policy.state(date(2026, 12, 31))


def test_the_policy_as_json_says_what_has_expired() -> None:
    policy = read(f'hashes = "required"\nexceptions = [{EXCEPTION}]')
    (exception,) = policy.as_json(date(2027, 1, 1))["exceptions"]
    assert exception["expired"] is True
    assert policy.as_json(TODAY)["rules"] == [
        {"rule": "hashes", "value": "required", "origin": "layerwright.toml: policy.hashes"}
    ]


def test_exceptions_can_be_from_every_rule() -> None:
    assert rule_names() == (
        "min-release-age",
        "hashes",
        "build",
        "yanked",
        "archived",
        "quarantined",
        "startup-code",
        "licences",
        "indexes",
        "vulnerabilities",
    )


def test_each_source_has_its_own_database_or_else_that_of_the_strongest() -> None:
    policy = read(
        'vulnerabilities = {deny = "low"}',
        Given(
            "the platform",
            {"policy": {"vulnerabilities": {"database": "https://u:p4ss@osv.example.com/all.zip"}}},
        ),
        VULNERABILITIES='{deny = "high", malware = "warn", database = "osv"}',
    )
    mirror = "https://u:p4ss@osv.example.com/all.zip"
    assert [(one.value, one.rank) for one in policy.deciding] == [
        ({"malware": "deny", "database": mirror}, Rank.PLATFORM),
        ({"deny": "high", "malware": "warn", "database": "osv"}, Rank.ENVIRONMENT),
        ({"deny": "low", "malware": "deny", "database": mirror}, Rank.APPLICATION),
    ]
    assert "p4ss" not in str(policy.as_json(TODAY))


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('{deny = "high"}', "policy.vulnerabilities has no database, and no other source names one"),
        ('{deny = "grave", database = "osv"}', 'policy.vulnerabilities.deny must be one of "low", "medium"'),
        ('{database = "osv", severity = "high"}', "policy.vulnerabilities.severity is an unknown key"),
    ],
)
def test_mistakes_about_vulnerabilities_are_named(toml: str, words: str) -> None:
    assert any(words in line for line in problems(f"vulnerabilities = {toml}")), problems(
        f"vulnerabilities = {toml}"
    )


def test_vulnerabilities_and_malware_that_are_allowed_need_no_database() -> None:
    assert read('vulnerabilities = {malware = "allow"}').rulings == ()


def test_an_exception_can_be_for_one_vulnerability() -> None:
    policy = read(f'exceptions = [{EXCEPTION[:-1].replace("hashes", "vulnerabilities")}, id = "CVE-1"}}]')
    assert [one.id for one in policy.exemptions] == ["CVE-1"]
    assert policy.as_json(TODAY)["exceptions"][0]["id"] == "CVE-1"
