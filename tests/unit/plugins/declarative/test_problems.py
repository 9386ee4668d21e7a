"""Every mistake in a declaration is told, with its key, together with all the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import layerwright_pdm
from layerwright.errors import UserError
from layerwright.plugins.declarative.read import read_file, read_package_manager, read_table
from tests.unit.plugins.declarative.sample import MINIMAL, merged, problems

PINNED = f"--hash=sha256:{64 * 'a'}"


def test_the_minimal_declaration_is_right() -> None:
    assert problems("") == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # keys and types
        ("nane = 1", "nane is an unknown key; did you mean name?"),
        ('detect.file = "x"', "detect.file is an unknown key; did you mean files?"),
        ("environment.lock = {}", "environment.lock.file is missing"),
        ("name = 3", "name must be a string, not 3"),
        ('name = ""', "name is empty"),
        (
            "detect.files = []",
            "detect.files is empty, and so is detect.tables: nothing claims an application",
        ),
        (
            "detect.tables = ['']",
            'detect.tables[0] must be a table of pyproject.toml, such as tool.acme, not ""',
        ),
        (
            "detect.fallback.tables = ['tool..acme']",
            'detect.fallback.tables[0] must be a table of pyproject.toml, such as tool.acme, not "tool..acme"',
        ),
        (
            "detect.fallback.files = ['/acme']",
            'detect.fallback.files[0] must be a file of the application, relative to its directory, not "/acme"',
        ),
        (
            "detect.refines = ['pip', 'acme']",
            'detect.refines[1] must be the name of another package manager, not "acme"',
        ),
        (
            "detect.refines = ['PIP']",
            'detect.refines[0] must be the name of another package manager, not "PIP"',
        ),
        ('detect.files = "acme.lock"', 'detect.files must be an array of strings, not "acme.lock"'),
        ("detect.files = [1]", "detect.files must be an array of strings, not [1]"),
        ('detect = "acme.lock"', 'detect must be a table, not "acme.lock"'),
        (
            'environment.converges = "yes"',
            'environment.converges must be true or false, not "yes"',
        ),
        ("tool.env.ACME = 1", "tool.env.ACME must be a string, not 1"),
        ("tool.env = 1", "tool.env must be a table, not 1"),
        ("environment.commands = [1]", "environment.commands[0] must be an array of strings, not 1"),
        (
            'environment.commands = [["{python}", 1]]',
            'environment.commands[0] must be an array of strings, not ["{python}", 1]',
        ),
        (
            'settings.a = { type = "int", otherwise = "-a" }\nenvironment.commands = [["{python}", "{options}"]]',
            'settings.a.type must be one of "string", "boolean", "array", not "int"',
        ),
        # names
        (
            'name = "Acme"',
            'name must be lower-case words joined by "-", such as acme or acme-tool, not "Acme"',
        ),
        ('name = "python"', 'name must differ: "python" is already a key of the configuration'),
        (
            'name = "package-manager"',
            'name must differ: "package-manager" is already a key of the configuration',
        ),
        *(
            (
                f'{key} = "Ac\\nme\\u001b[31m"\n{more}',
                f'{key} must be one line of printable characters, not "Ac\\nme\\u001b[31m"',
            )
            for key, more in {
                "display-name": "",
                "tool.because": 'tool.oldest = "1"',
                "environment.lock.written-by": 'environment.lock.file = "x"',
            }.items()
        ),
        # diagnoses
        (
            "environment.diagnoses = [{ pattern = '(', summary = 'No.', reference = 'acme-failed' }]",
            "environment.diagnoses[0] can never apply: the pattern is not a regular expression:"
            " missing ), unterminated subpattern at position 0",
        ),
        (
            "environment.diagnoses = [{ pattern = 'no', summary = 'No {what}.', reference = 'acme-failed' }]",
            "environment.diagnoses[0] can never apply: the pattern has no group what",
        ),
        # files
        (
            'environment.lock = { file = "acme.lock", format = "toml" }',
            "environment.lock.packages is missing: the array of tables that contains the distributions",
        ),
        (
            'environment.lock = { file = "acme.lock", format = "json", packages = "package" }',
            'environment.lock.packages is for the format "toml", not for "json"',
        ),
        (
            'environment.lock = { file = "acme.txt", pins = ["hashes"] }',
            'environment.lock.pins is for the format "toml", not for "requirements"',
        ),
        (
            'environment.lock = { file = "acme.lock", pins = ["revision"] }',
            "environment.lock.pins needs environment.lock.packages",
        ),
        (
            'environment.lock = { file = "acme.lock", format = "yaml" }',
            'environment.lock.format must be one of "toml", "requirements", "json", not "yaml"',
        ),
        (
            'detect.files = ["../acme.lock"]',
            'detect.files[0] must be a file of the application, relative to its directory, not "../acme.lock"',
        ),
        (
            'environment.lock.file = "/acme.lock"',
            "environment.lock.file must be a file of the application, relative to its directory,"
            ' not "/acme.lock"',
        ),
        (
            'environment.inputs.tables = { "/x.toml" = ["a"] }',
            "environment.inputs.tables./x.toml must be a file of the application, relative to its directory,"
            ' not "/x.toml"',
        ),
        *(
            (
                f"detect.files = [{file}]",
                f"detect.files[0] must be a file of the application, relative to its directory, not {file}",
            )
            for file in ('""', '"."', '"acme/"', '"a\\u0000"')
        ),
        (
            'detect.files = ["none"]',
            'detect.files[0] must be another file: in the evidence of a plugin, "none" means that there is none',
        ),
        *(
            (
                f"environment.inputs.files = [{file}]",
                f"environment.inputs.files[0] must be a file or a directory, not {file}",
            )
            for file in ('""', '"a\\u0000"')
        ),
        # the tool
        (
            'tool.version = "latest"',
            'tool.version must be one version, for example "1.2.3", not "latest"',
        ),
        (
            'tool.distribution = "acme==1"\ntool.scripts = ["acme-tool"]',
            'tool.distribution must be the name of a distribution, optionally with extras, not "acme==1"',
        ),
        ('tool.oldest = ">1"', 'tool.oldest must be one version, for example "1.2.3", not ">1"'),
        (
            'tool.because = "so"',
            "tool.because explains tool.oldest, which is missing",
        ),
        (
            'tool.scripts = ["acme-tool", "bin/acme"]',
            'tool.scripts[1] must be the name of a script, not "bin/acme"',
        ),
        (
            'tool.lock = "acme.txt"',
            'tool.lock must be a readable requirements file next to this one, not "acme.txt"',
        ),
        (
            'tool.version = "1a1b1"',
            'tool.version must be one version, for example "1.2.3", not "1a1b1"',
        ),
        (
            'tool.version = "1.10rc1"\ntool.oldest = "1.10"',
            "tool.version is 1.10rc1, which is before tool.oldest, 1.10",
        ),
        ('tool.launchers = ["acme-tool run", " "]', "tool.launchers[1] is blank"),
        # settings
        *(
            (f'{setting}\nenvironment.commands = [["{{python}}", "{{options}}"]]', words)
            for setting, words in {
                'settings.a.option = "-a"': "settings.a.type is missing",
                'settings.version = { type = "boolean", option = "-v" }': (
                    "settings.version exists for every package manager; remove it"
                ),
                'settings.test_groups = { type = "boolean", option = "-t" }': (
                    'settings.test_groups must have a name of lower-case words joined by "-", such as test-groups'
                ),
                'settings.a = { type = "boolean", option = "-a", default = "no" }': (
                    "settings.a.default must be of the setting's type, boolean"
                ),
                'settings.a.type = "string"': (
                    "settings.a.option is missing, and so is otherwise: the setting changes nothing"
                ),
                'settings.a = { type = "array", option = "-a" }': (
                    "settings.a.option must contain {value}, the value of the setting"
                ),
                'settings.a = { type = "boolean", option = "-a={value}" }': (
                    'settings.a.option has an unknown placeholder {value} in "-a={value}"; there is none'
                ),
                'settings.a = { type = "string", otherwise = "-a={value}" }': (
                    'settings.a.otherwise has an unknown placeholder {value} in "-a={value}"; there is none'
                ),
            }.items()
        ),
        (
            'settings.a = { type = "boolean", option = "-a" }',
            'settings change nothing: no command has the word "{options}"',
        ),
        # variables
        ("tool.env = { A-B = '' }", "tool.env.A-B must be the name of a variable: letters, digits and _"),
        (
            "tool.env = { PATH = '' }",
            "tool.env.PATH must not be set by a package manager: other programs use it too",
        ),
        (
            "environment.env = { PYTHONPATH = '' }",
            "environment.env.PYTHONPATH must not be set by a package manager: other programs use it too",
        ),
        (
            "tool.env = { A = '{cache}' }",
            'tool.env.A has an unknown placeholder {cache} in "{cache}";'
            " there is {tool}, {venv}, {python}, {project}, {version}",
        ),
        (
            "environment.env = { A = '{vnev}' }",
            'environment.env.A has an unknown placeholder {vnev} in "{vnev}"; did you mean venv?',
        ),
        (
            'environment.secrets = ["A B"]',
            'environment.secrets[0] must be the name of a variable, with * for any characters, not "A B"',
        ),
        (
            'environment.secrets = ["*"]',
            'environment.secrets[0] must be the name of a variable, with * for any characters, not "*"',
        ),
        (
            'environment.inputs.variables = [""]',
            'environment.inputs.variables[0] must be the name of a variable, with * for any characters, not ""',
        ),
        (
            'indexes.url = "PATH"',
            'indexes.url must be the name of a variable of the tool, not "PATH"',
        ),
        (
            'indexes.extra = "A B"',
            'indexes.extra must be the name of a variable of the tool, not "A B"',
        ),
        ('reserved-env = ["ACME_*"]', 'reserved-env[0] must be the name of a variable, not "ACME_*"'),
        *(
            (
                f"tool.env = {{ {name} = '' }}",
                f"tool.env.{name} must not be set by a package manager: other programs use it too",
            )
            for name in (
                "HOME",
                "VIRTUAL_ENV",
                "DYLD_LIBRARY_PATH",
                "BASH_ENV",
                "ENV",
                "LAYERWRIGHT_X",
                "CNB_X",
            )
        ),
        *(
            (
                f'{key} = ["{name}"]',
                f'{key}[0] must not match HOME or PATH, but "{name}" does',
            )
            for key, name in {
                "environment.secrets": "HO*E",
                "reserved-env": "PATH",
            }.items()
        ),
        *(
            (
                f"environment.never-removes = [{name}]",
                f"environment.never-removes[0] must be the name of a distribution, not {name}",
            )
            for name in ('"/x"', '"**x"', '""', '"x[y]"')
        ),
        # commands
        (
            'environment.commands = [["acme", "sync"]]',
            "environment.commands[0] must start with {tool}/…, {venv}/… or {python}: "
            "PATH may lead to another program elsewhere",
        ),
        (
            'environment.commands = [["{tool}/bin/amce", "sync"]]',
            "environment.commands[0] starts with {tool}/bin/amce, but tool.scripts has only acme-tool",
        ),
        *(
            (
                f'environment.commands = [["{word}"]]',
                f'environment.commands[0] must start with a program in that directory, not with "{word}"',
            )
            for word in ("{tool}/../../bin/sh", "{venv}/", "{venv}//bin/sh", "{tool}/./x")
        ),
        ("environment.first = [[]]", "environment.first[0] is empty"),
        (
            'environment.commands = [["{options}"]]',
            "environment.commands[0] must start with {tool}/…, {venv}/… or {python}: "
            "PATH may lead to another program elsewhere",
        ),
        (
            'environment.commands = [["{python}", "-{options}"]]',
            'environment.commands[0] has {options} in "-{options}"; it must be a word of its own',
        ),
        (
            'environment.commands = [["{python}", "}{{"]]',
            'environment.commands[0] has a single "}" in "}{{"; write "}}" for the character itself',
        ),
    ],
)
def test_a_mistake_is_reported_with_its_key(more: str, expected: str) -> None:
    assert problems(more) == [expected]


def test_a_build_leaves_the_patterns_of_diagnoses_to_the_failure_that_needs_them() -> None:
    defective = "environment.diagnoses = [{ pattern = '(', summary = 'No.', reference = 'acme-failed' }]"
    read = read_table(merged(defective), prefix="", directory=Path("/nowhere"), in_build=True)
    assert read.manager is not None
    file = Path(layerwright_pdm.__file__).with_name("package-manager.toml")
    program = (
        "import pathlib, sys; from layerwright.plugins.declarative.read import read_package_manager;"
        f"read_package_manager(pathlib.Path({str(file)!r}), in_build=True);"
        "sys.exit('layerwright.process.failures.diagnosis' in sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", program], check=True)


def test_a_tool_without_a_version_and_without_a_lock_has_none_to_install() -> None:
    tree = merged()
    del tree["tool"]["version"]
    assert _of(tree) == ("tool.version is missing, and so is tool.lock, which would contain it",)


def _of(tree: dict[str, object]) -> tuple[str, ...]:
    return read_table(tree, prefix="", directory=Path("/nowhere")).problems


def test_all_problems_are_reported_at_once_whatever_kind_they_are_of() -> None:
    tree: dict[str, object] = {"display-name": 1, "tool": {"env": {"PATH": "{x}"}}, "environment": {}}
    assert _of(tree) == (
        "name is missing",
        "display-name must be a string, not 1",
        "detect is missing",
        "tool.distribution is missing",
        "environment.commands is missing",
        "tool.version is missing, and so is tool.lock, which would contain it",
        "tool.env.PATH must not be set by a package manager: other programs use it too",
        'tool.env.PATH has an unknown placeholder {x} in "{x}"; '
        "there is {tool}, {venv}, {python}, {project}, {version}",
    )


@pytest.mark.parametrize(
    ("lock", "version", "words"),
    [
        (f"other==1.5 {PINNED}\n", "1.5", 'tool.lock must have a line "acme-tool==…", but acme.txt has none'),
        (
            f"acme-tool==1.4 {PINNED}\n",
            "1.5",
            "tool.version is 1.5, but acme.txt pins 1.4; remove one of them",
        ),
        (
            f"acme-tool==1.5\nother==1 {PINNED}\n",
            "1.5",
            "tool.lock must pin every distribution with a hash, but acme.txt does not pin acme-tool==1.5",
        ),
    ],
)
def test_the_lock_of_the_tool_must_pin_it_by_hash(
    tmp_path: Path, lock: str, version: str, words: str
) -> None:
    (tmp_path / "acme.txt").write_text(lock)
    assert problems(f'tool = {{ lock = "acme.txt", version = "{version}" }}', directory=tmp_path) == [words]


def test_a_problem_is_counted_by_the_item_as_it_is_written() -> None:
    more = """
    detect.files = ["x", "../x"]
    environment.commands = [1, ["acme"], ["{python}", "{nope}"]]
    """
    assert [problem.partition(" ")[0] for problem in problems(more)] == [
        "environment.commands[0]",
        "detect.files[1]",
        "environment.commands[1]",
        "environment.commands[2]",
    ]


def test_a_variable_for_the_commands_alone_may_be_the_home_directory() -> None:
    assert problems('environment.env = { HOME = "{cache}" }') == []


@pytest.mark.parametrize(
    ("version", "oldest"), [("1.10", "1.9"), ("1.9", "1.9"), ("1!1.0rc1+local", "2.0"), ("v1.9", "1.9")]
)
def test_versions_are_those_of_pep_440(version: str, oldest: str) -> None:
    assert problems(f'tool.version = "{version}"\ntool.oldest = "{oldest}"') == []


@pytest.mark.parametrize("name", ["acme-tool[fast]", "Acme.Tool", "acme-tool[fast, more]", "acme_tool[a-b]"])
def test_names_of_distributions_are_those_of_pep_508(name: str) -> None:
    assert problems(f'tool.distribution = "{name}"\ntool.scripts = ["acme-tool"]') == []


@pytest.mark.parametrize(
    "name", ["-acme", "acme-", "acme[", "acme>1", "acme @ https://x", "acme; os_name=='x'"]
)
def test_what_is_more_than_the_name_of_a_distribution_is_refused(name: str) -> None:
    [problem] = problems(f'tool.distribution = "{name}"\ntool.scripts = ["acme-tool"]')
    assert problem.startswith("tool.distribution must be the name of a distribution")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (f"nane{'.a' * 5000} = 1", "nane is an unknown key; did you mean name?"),
        (f"name{'.a' * 5000} = 1", "name is nested too deeply"),
        (f"name = 0x{'f' * 5000}", "name must be a string, not a number of thousands of digits"),
    ],
)
def test_what_python_cannot_even_show_is_a_problem_and_no_defect(
    tmp_path: Path, value: str, words: str
) -> None:
    file = tmp_path / "package-manager.toml"
    file.write_text(value)
    assert read_file(file, shown=str(file)).problems[0] == f"{file}: {words}"


def test_the_lock_of_a_tool_that_is_not_named_is_left_alone() -> None:
    tree = merged('tool.lock = "acme.txt"')
    del tree["tool"]["distribution"]
    assert _of(tree) == ("tool.distribution is missing",)


def test_a_file_that_is_right_is_read(tmp_path: Path) -> None:
    file = tmp_path / "package-manager.toml"
    file.write_text(f"\ufeff{MINIMAL}")
    assert read_file(file, shown=str(file)).problems == ()
    assert read_package_manager(file).display_name == "Acme"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name =", "is not valid TOML: Invalid value (at end of document)"),
        (b"name = '\xff'", "is not UTF-8 text"),
        (None, "could not be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_a_problem_of_its_own(
    tmp_path: Path, content: bytes | None, problem: str
) -> None:
    file = tmp_path / "package-manager.toml"
    if content is not None:
        file.write_bytes(content)
    assert read_file(file, shown=str(file)).problems == (f"{file}: {problem}",)


def test_the_error_for_a_file_has_all_that_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "package-manager.toml"
    file.write_text(f"{MINIMAL}nane = 1\n")
    with pytest.raises(UserError) as caught:
        read_package_manager(file)
    assert caught.value.summary == "package-manager.toml has a problem."
    file.write_text(f"{MINIMAL}nane = 1\nreserved-env = 2\n")
    with pytest.raises(UserError) as caught:
        read_package_manager(file, shown="acme.toml")
    assert caught.value.summary == "acme.toml has 2 problems."
    assert caught.value.cause.splitlines() == [
        "acme.toml: nane is an unknown key; did you mean name?",
        "acme.toml: reserved-env must be an array of strings, not 2",
    ]
    assert caught.value.reference == "package-manager-declaration"
