from __future__ import annotations

import copy  # noqa: F401  # the behaviours use some of these names
import inspect
import pickle
import subprocess
import sys
from dataclasses import asdict, astuple, dataclass, field, fields, is_dataclass, replace  # noqa: F401
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import pytest

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

S = TypeVar("S")
standard = dataclass(frozen=True, kw_only=True)


def shapes(frozen: Any) -> dict[str, Any]:
    """Return a class of each shape, decorated with *frozen*."""

    @frozen
    class Empty:
        """No field."""

    @frozen
    class One:
        """A field, and something that is none."""

        a: int
        kind: ClassVar[str] = "one"

    @frozen
    class Several:
        """Fields with and without a default."""

        a: object
        b: object = "b"
        c: list[object] = field(default_factory=list)
        d: object = None

        @property
        def both(self) -> tuple[object, object]:
            return self.a, self.b

    @frozen
    class Three:
        """Three fields without a default."""

        a: int
        b: int
        c: int

    @frozen
    class Positional:
        """Fields that need no name."""

        a: int = field(kw_only=False)
        b: int = field(default=2, kw_only=False)
        c: int = 3

    @frozen
    class Partial:
        """Fields that some methods leave out."""

        a: int = 1
        b: int = field(default=2, compare=False)
        c: int = field(default=3, repr=False)
        d: int = field(default=4, hash=False)
        e: int = field(default=5, compare=False, hash=True, metadata={"help": "words"})

    @frozen
    class Checked:
        """A check after the fields are set."""

        a: int

        def __post_init__(self) -> None:
            if self.a < 0:
                raise ValueError(f"{self.a} is negative")

    @frozen
    class Typed(Generic[S]):
        """A generic class."""

        a: S

    @frozen
    class Child(Several):
        """One more field, and another default."""

        b: object = "child"
        e: object

    @frozen
    class Grandchild(Child):
        """No field of its own."""

    @frozen
    class StandardBase(standard(type("Base", (), {"__annotations__": {"z": int}, "__doc__": "A base."}))):  # type: ignore[misc]
        """The base is a standard dataclass."""

        a: int

    @standard
    class StandardChild(Several):
        """A standard dataclass that inherits."""

        e: int = 5

    class Undecorated(Several):
        """An attribute that is no field."""

        extra: object

    class Remembering(Undecorated):
        """A constructor of its own, which has set an attribute already."""

        def __init__(self, extra: object) -> None:
            self.extra = extra
            super().__init__(a=extra)

    class Noting:
        """Assignment is noted."""

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, ("noted", value))

    class Mixed(Several, Noting):
        """Assignment is noted for what is no field."""

    @frozen
    class Undocumented:
        a: int = 1

    @frozen
    class Own:  # noqa: PLW1641
        """Methods of its own."""

        a: int

        def __init__(self, value: int) -> None:
            object.__setattr__(self, "a", value + 1)

        def __repr__(self) -> str:
            return f"<{self.a}>"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self))

    @frozen
    class OwnHash:
        """A hash of its own."""

        a: int

        def __hash__(self) -> int:
            return 7

    @frozen
    class Unhashable:
        """No hash."""

        a: int
        __hash__ = None  # type: ignore[assignment]

    return {name: value for name, value in locals().items() if inspect.isclass(value)}


def assigned(value: Any, name: str) -> object:
    setattr(value, name, "new")
    return sorted(vars(value))


def deleted(value: Any, name: str) -> object:
    vars(value)["extra"] = 1
    delattr(value, name)
    return sorted(vars(value))


def cyclic(value: Any) -> object:
    value.c.append(value)
    return value


def matched(value: Any, shape: Any) -> object:
    match value:
        case shape(a, 6):
            return a
    return None


def new(decorate: Any, *bases: type, **body: object) -> object:
    return decorate(type("New", bases, {"__doc__": "A class.", **body}))


BEHAVIOURS = [
    "Empty(), Empty() == Empty(), hash(Empty())",
    "One(a=1), One(a=1) == One(a=1), One(a=1) != One(a=1), hash(One(a=1))",
    "One(a=1) == One(a=2), One(a=1) != One(a=2), One(a=1) == 1, 1 == One(a=1), One(a=1) == Checked(a=1)",
    "Several(a=1) == Undecorated(a=1), Undecorated(a=1) == Undecorated(a=1)",
    # Values and defaults
    "Several(a=1), Several(a=1, d=5), Several(d=4, c=[3], b=2, a=1)",
    "Several(a=1).c is Several(a=1).c, Several.b, hasattr(Several, 'a'), hasattr(Several, 'c')",
    "Several(a=1).both, One.kind, One(a=1).kind",
    "Positional(1), Positional(5, 6), Positional(5, c=6, b=7), Positional(a=1)",
    "[shape.__match_args__ for shape in (Empty, Several, Positional)]",
    "matched(Positional(5, 6), Positional), matched(Positional(5, 7), Positional)",
    "Partial(), Partial(c=7)",
    "[Partial(**{name: 7}) == Partial() for name in 'abcde']",
    "[hash(Partial(**{name: 7})) == hash(Partial()) for name in 'abcde']",
    "hash(Several(a=1, c=())) == hash(Several(a=1, c=()))",
    "hash(Several(a=1))",
    "cyclic(Several(a=1))",
    "Typed(a=1), Typed[int](a=1), Typed[int]",
    # Arguments that do not fit
    "Several()",
    "Several(b=1, c=[], d=2)",
    "Three(a=1, c=2)",
    "Three(a=1)",
    "Three()",
    "Several(a=1, other=2)",
    "Several(a=1, b=2, c=[], other=2)",
    "Empty(other=1)",
    "One(1)",
    "Several(1, b=2)",
    "Positional(1, 2, 3)",
    "Positional(1, 2, 3, c=3)",
    "Positional(1, a=2)",
    "Positional(b=2)",
    # A check
    "Checked(a=1)",
    "Checked(a=-1)",
    "replace(Checked(a=1), a=-1)",
    # Inheritance
    "Child(a=1, e=2), Grandchild(a=1, e=2), Grandchild(a=1, e=2, b=3)",
    "Child(e=2)",
    "StandardBase(a=1, z=2), StandardBase(a=1, z=2) == StandardBase(a=1, z=2)",
    "StandardBase(a=1)",
    "StandardChild(a=1), StandardChild(a=1, e=3), StandardChild(a=1) == StandardChild(a=1)",
    "StandardChild(a=1) == Several(a=1), Several(a=1) == StandardChild(a=1)",
    "StandardChild()",
    "Undecorated(a=1)",
    "Undecorated()",
    "sorted(vars(Remembering(1)))",
    # Assignment and deletion
    "assigned(Several(a=1), 'a')",
    "assigned(Several(a=1), 'extra')",
    "assigned(Child(a=1, e=2), 'b')",
    "assigned(Child(a=1, e=2), 'extra')",
    "assigned(StandardChild(a=1), 'a')",
    "assigned(StandardChild(a=1), 'extra')",
    "assigned(Undecorated(a=1), 'a')",
    "assigned(Undecorated(a=1), 'extra')",
    "assigned(Mixed(a=1), 'a')",
    "assigned(Mixed(a=1), 'extra')",
    "deleted(Several(a=1), 'a')",
    "deleted(Several(a=1), 'extra')",
    "deleted(StandardChild(a=1), 'extra')",
    "deleted(Undecorated(a=1), 'a')",
    "deleted(Undecorated(a=1), 'extra')",
    # Methods of its own
    "Own(1), Own(1) == Own(2), hash(Own(1))",
    "Own(a=1)",
    "hash(OwnHash(a=1)), OwnHash(a=1) == OwnHash(a=1)",
    "hash(Unhashable(a=1))",
    # The library's functions
    "replace(Child(a=1, e=2), d=3)",
    "replace(Several(a=1), other=3)",
    "asdict(Child(a=One(a=1), e=2)), astuple(Child(a=One(a=1), e=2))",
    "copy.copy(Several(a=1)), copy.copy(Several(a=1)) == Several(a=1)",
    "copy.deepcopy(Several(a=Several(a=1))), sorted(Several(a=1).__reduce_ex__(4)[2])",
    "is_dataclass(One), is_dataclass(One(a=1))",
    "[fields(shape) for shape in SHAPES]",
    "[shape.__dataclass_params__ for shape in SHAPES]",
    "[inspect.signature(shape) for shape in SHAPES]",
    "[shape.__doc__ for shape in SHAPES]",
    "[getattr(shape, name).__qualname__ for shape in (Several, Child, StandardBase) for name in METHODS]",
    # Classes that cannot be made
    "new(frozen, __annotations__={'a': list}, a=[])",
    "new(frozen, a=field())",
    "new(frozen, new(dataclass))",
    "new(dataclass, new(frozen))",
    "new(frozen, __setattr__=object.__setattr__)",
    "new(frozen, __delattr__=object.__delattr__)",
    "new(frozen, One, __setattr__=object.__setattr__)",
]
METHODS = ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__")


def outcome(behaviour: str, decorate: Any) -> str:
    made = shapes(decorate)
    dataclasses_ = [shape for shape in made.values() if is_dataclass(shape)]
    try:
        return repr(eval(behaviour, {**globals(), **made, "frozen": decorate, "SHAPES": dataclasses_}))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_it_does_what_a_standard_frozen_dataclass_does(behaviour: str) -> None:
    assert outcome(behaviour, frozen) == outcome(behaviour, standard)


@frozen
class Kept:
    """A value that can be pickled."""

    a: int
    b: tuple[Kept, ...] = ()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_value_can_be_pickled(protocol: int) -> None:
    value = Kept(a=1, b=(Kept(a=2),))
    assert pickle.loads(pickle.dumps(value, protocol)) == value


def test_the_methods_of_all_classes_are_the_same_code() -> None:
    made = shapes(frozen)
    for name in METHODS:
        assert getattr(made["One"], name).__code__ is getattr(made["Several"], name).__code__


def test_no_signature_is_read_while_a_class_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.delattr(inspect, "signature")
        made: type = frozen(type("Made", (), {"__annotations__": {"a": "int"}, "__module__": __name__}))
    assert made.__doc__ == "Made(*, a: 'int')"


@pytest.mark.parametrize("shape", ["One", "Several"])
def test_values_are_compared_like_tuples_on_every_version_of_python(shape: str) -> None:
    # From CPython 3.13 on the standard library compares each field by itself.
    made, nan = shapes(frozen)[shape], float("nan")
    assert made(a=nan) == made(a=nan)


def test_a_field_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a field of New has init=False"):
        new(frozen, __annotations__={"a": "int"}, a=field(init=False))


TYPES = """\
from dataclasses import dataclass, field, replace
from layerwright.files.frozen import frozen

@frozen
class Base:
    a: int
    b: str = field(default="", kw_only=False)
    c: list[str] = field(default_factory=list)

@frozen
class Child(Base):
    d: int = 0

@dataclass(frozen=True, kw_only=True)
class Standard(Base):
    d: int

Base(a=1), Base("b", a=1, c=["c"]), Child(a=1, d=2), Standard(a=1, d=2), replace(Child(a=1), d=3).d.real
Base()  # type: ignore[call-arg]
Base("b", 1)  # type: ignore[call-arg]
Base(a="1")  # type: ignore[arg-type]
Base(a=1, d=2)  # type: ignore[call-arg]
Child(b="b")  # type: ignore[call-arg]
Standard(a=1)  # type: ignore[call-arg]
replace(Child(a=1), d="3")  # type: ignore[arg-type]
Child(a=1).a = 2  # type: ignore[misc]
"""


def test_a_type_checker_knows_the_parameters(tmp_path: Path) -> None:
    tmp_path.joinpath("example.py").write_text(TYPES)
    command = (sys.executable, "-m", "mypy", "--strict", "--config-file", "", "example.py")
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.stdout + checked.stderr, checked.returncode) == (
        "Success: no issues found in 1 source file\n",
        0,
    )
