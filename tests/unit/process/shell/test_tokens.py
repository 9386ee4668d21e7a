from __future__ import annotations

import pytest

from layerwright.process.shell.tokens import scan


def words(text: str) -> list[str | None]:
    return [token.literal for token in scan(text).tokens if token.is_word]


@pytest.mark.parametrize(
    ("text", "literals"),
    [
        ("", []),
        ("  serve\t--fast ", ["serve", "--fast"]),
        ("serve \\\n --fast", ["serve", "--fast"]),
        ("""a'b c'"d e"f""", ["ab cd ef"]),
        (r"a\ b \$HOME \\", ["a b", "$HOME", "\\"]),
        ("'a\nb' ''", ["a\nb", ""]),
        ("serve # it's a comment", ["serve"]),
        ("serve # one\nwork", ["serve", "work"]),
        ("http://x:1 100% --y=a", ["http://x:1", "100%", "--y=a"]),
        ("{} {a} a}", ["{}", "{a}", "a}"]),
    ],
)
def test_a_word_stands_for_itself_without_its_quotes(text: str, literals: list[str]) -> None:
    assert words(text) == literals


@pytest.mark.parametrize(
    "word",
    [
        "$HOME",
        '"$HOME"',
        "${A:-b c}",
        '"${A:-it\'s}"',
        "${A:-'b}'}",
        "$(a 'b)' \")\" # it's\n)",
        "`a b`",
        "*.py",
        "~/x",
        "a[1]",
        "$((1 + (2)))",
        "$((2 #10))",
        '"a\\"b"',
        '"`a b`"',
        "a#b",
        "$'a b\\'c'",
        '"$(echo "a b")"',
        "{a,b}",
        "<(a b)",
        "$",
    ],
)
def test_a_word_in_which_a_shell_replaces_something_is_one_word_that_stands_for_nothing_yet(
    word: str,
) -> None:
    assert words(f"{word} after") == [None, "after"]


def test_operators_end_words_and_are_the_longest_that_fit() -> None:
    text = "a&&b||c;d&e|f\n(g)>h>>i<j 2>&1<>k>|l ;;m"
    assert [token.text for token in scan(text).tokens if not token.is_word] == [
        *("&&", "||", ";", "&", "|", "\n", "(", ")", ">", ">>", "<", ">&", "<>", ">|", ";;")
    ]


def test_a_token_knows_its_place() -> None:
    text = " serve 'a b'>log"
    assert [text[token.start : token.end] for token in scan(text).tokens] == ["serve", "'a b'", ">", "log"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        *(
            (text, "a quotation mark or a backslash at the end")
            for text in ("a 'b", 'a "b', "a\\", '"a\\', "`a", "$'a")
        ),
        ("echo $(a 'b)'", r"`\$\(`"),
        ("echo ${a", r"`\$\{`"),
        ("echo <(a", r"`<\(`"),
        ("a=(b", r"`\(`"),
    ],
)
def test_what_is_not_closed_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem} has nothing to close it$"):
        scan(text)


@pytest.mark.parametrize(
    "text",
    [
        "cat <<END\nit's\nEND",
        "cat <<-END\n\tEND",
        "a $(case $b in c) d;; esac)",
        "a `b 'c`",
        "a $(cat <<E\nE\n)",
    ],
)
def test_what_these_rules_cannot_follow_is_not_followed(text: str) -> None:
    assert not scan(text).whole


@pytest.mark.parametrize("text", ["$1", '"$@"', "$*", "$#", "${1:-a}", "${#}", '"$(a "$1")"', "`a $2`"])
def test_a_command_line_may_use_its_arguments(text: str) -> None:
    assert scan(f"serve {text}").takes_arguments


@pytest.mark.parametrize("text", ["'$1'", r"\$1", "$HOME", "${A}", "${#A}", "$$ $? $!", "a$"])
def test_not_everything_with_a_dollar_is_an_argument(text: str) -> None:
    assert not scan(f"serve {text}").takes_arguments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a <(b)", "<( )"),
        ("a >(b)", ">( )"),
        ("a <<<b", "<<<"),
        ("a &>b", "&>"),
        ("a &>>b", "&>>"),
        ("a |& b", "|&"),
        ("a $'b'", "$' '"),
        ("a {b,c}", "{a,b}"),
        ("a x{1..3}", "{a,b}"),
        ("a=(b c)", "arrays"),
        ("a ${b[0]}", "arrays"),
        ("a ${b^^}", "${NAME^…}"),
        ("a ${b,}", "${NAME,…}"),
        ("a ${b//c/d}", "${NAME/…}"),
        ("a ${b:1:2}", "${NAME:…}"),
        ("a ${!b}", "${!NAME}"),
        ("a $RANDOM", "$RANDOM"),
        ("((a++))", "(( ))"),
        ('a "$(b <(c))"', "<( )"),
        ("a `b <(c)`", "<( )"),
    ],
)
def test_what_only_bash_understands_is_noted(text: str, found: str) -> None:
    assert scan(text).bash == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "a ${b:-c} ${b%/*} ${#b} ${b##*/} ${b:+c}",
        "a $((b + (c)))",
        "a '<(b)' \"{a,b}\" '$RANDOM'",
        "a {b} {} ${c}",
        'a "$\'"',
    ],
)
def test_what_every_shell_understands_is_not_noted(text: str) -> None:
    assert scan(text).bash == ()
