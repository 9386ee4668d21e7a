from __future__ import annotations

import pytest

from layerwright.build.wheels.pins import Pin, pins

HASH = f"sha256:{'0' * 64}"
OTHER = f"sha256:{'1' * 64}"


def test_each_distribution_for_this_python_is_pinned_with_all_of_its_hashes() -> None:
    lock = (
        f"Acme.Web==1.0 ; python_version < '3.13' --hash={HASH}\n"
        f"Acme.Web==2.0 ; python_version >= '3.13' \\\n    --hash={OTHER} \\\n    --hash={HASH}\n"
        f"base==1.0 --hash={HASH}\n"
    )
    assert pins(lock, "3.13.2") == (
        Pin("acme-web", "2.0", frozenset({HASH, OTHER})),
        Pin("base", "1.0", frozenset({HASH})),
    )


def test_the_machine_that_it_is_for_may_be_another_one() -> None:
    lock = f"acme==1.0 ; platform_machine == 'z80' --hash={HASH}\nbase==1.0 --hash={OTHER} --hash={HASH}\n"
    assert pins(lock, "3.13.2") == (Pin("base", "1.0", frozenset({HASH, OTHER})),)
    found = pins(lock, "3.13.2", markers={"platform_machine": "z80"}) or ()
    assert [pin.line for pin in found] == [
        f"acme==1.0 --hash={HASH}",
        f"base==1.0 --hash={HASH} --hash={OTHER}",
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "acme==1.0",
        f"acme==1.0 --hash=sha512:{'0' * 128}",
        f"acme==1.0 --hash={HASH} --hash=sha512:{'0' * 128}",
        f"acme @ https://example.com/acme-1.0-py3-none-any.whl --hash={HASH}",
        "-e .",
    ],
)
def test_a_lock_file_that_pins_less_is_for_a_package_manager(entry: str) -> None:
    assert pins(f"base==1.0 --hash={HASH}\n{entry}\n", "3.13.2") is None
