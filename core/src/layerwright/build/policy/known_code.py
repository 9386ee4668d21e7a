"""Code that is known to run at every start: what released versions of a few distributions have, and nothing else.

Besides it, the templates of setuptools are known, and the files of editable installations are the application's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KNOWN_CODE", "is_known_code"]

_LONGEST: Final = 10_000
KNOWN_CODE: Final = {
    ("coloredlogs", "coloredlogs.pth"): ("534871dd2d306233b9bc058935129c7121fc40177c03ff96748246fd20ff92a5",),
    ("coverage", "a1_coverage.pth"): (
        "2cbb286eeaf39b2cd7d68cb09c1bc3cfb0cc8d27da949004d0c22698f127f270",
        "c3b8d29a0e339d512307ed96990c65f1a8d157b35f698902fb9172e5ebab42ca",
    ),
    ("pip-system-certs", "pip_system_certs.pth"): (
        "7cbfaa9f071ee704a816370fc0d6002b036b9ee4a595a799854a9aa0ced53927",
    ),
    ("pytest-cov", "pytest-cov.pth"): ("b8e1b828090bfec4b25656d04cd0948d3e70221ea8281ac0e12569eef48ae2a6",),
}
"""The SHA-256 of each file, without white space at its ends, by the distribution and the name of the file."""


def is_known_code(distribution: str, file: Path) -> bool:
    """Return whether *file* is that of a known release of *distribution*, a normalised name, unchanged."""
    digests = KNOWN_CODE.get((distribution, file.name), ())
    if not digests:
        return False
    with file.open("rb") as opened:
        text = opened.read(_LONGEST).replace(b"\r\n", b"\n").strip()
    return hashlib.sha256(text).hexdigest() in digests
