"""The exit statuses of a buildpack's phases, and those of the lifecycle."""

from __future__ import annotations

from typing import Final

__all__ = ["ERROR", "FAIL", "LIFECYCLE", "PASS"]

PASS: Final = 0
"""Detect: the buildpack takes part. Build: the layers are complete."""

FAIL: Final = 100
"""Detect: the buildpack does not support the application. Any other status except 0 is an error."""

ERROR: Final = 1
"""Detect or build: it failed."""

LIFECYCLE: Final = {
    20: "no buildpack takes part",
    21: "no buildpack takes part, and the detect phase of one ended with an error",
    22: "the detect phase could not be run",
    32: "the previous image could not be analyzed",
    42: "the layers of the previous build could not be restored",
    51: "the build phase of a buildpack ended with an error",
    52: "the build phase of a buildpack wrote something that is not valid",
    62: "the image could not be exported",
    72: "the image could not be rebased",
    82: "the process could not be launched",
    91: "the generate phase of an image extension ended with an error",
    92: "the generate phase could not be run",
    102: "the image could not be extended",
}
"""The meaning of each exit status of the lifecycle (Platform API, "Outputs" of each phase)."""
