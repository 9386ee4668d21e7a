"""The licence of a distribution, from its metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.bom.component import Licence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["licence_named", "licence_of"]

_CLASSIFIER: Final = "License :: "
_LONGEST_NAME: Final = 100
# Only those that mean one licence: "BSD License" may be any of several.
# https://peps.python.org/pep-0639/appendix-mapping-classifiers/
_BY_CLASSIFIER: Final = {
    "Blue Oak Model License (BlueOak-1.0.0)": "BlueOak-1.0.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)": "CECILL-2.1",
    "Eclipse Public License 1.0 (EPL-1.0)": "EPL-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "European Union Public Licence 1.0 (EUPL 1.0)": "EUPL-1.0",
    "European Union Public Licence 1.1 (EUPL 1.1)": "EUPL-1.1",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.0 (MPL)": "MPL-1.0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mulan Permissive Software License v2 (MulanPSL-2.0)": "MulanPSL-2.0",
    "PostgreSQL License": "PostgreSQL",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "University of Illinois/NCSA Open Source License": "NCSA",
    "W3C License": "W3C",
    "zlib/libpng License": "Zlib",
}
_BY_NAME: Final = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "mit license": "MIT",
    "the mit license": "MIT",
    "mpl 2.0": "MPL-2.0",
}


def licence_of(metadata: Mapping[str, Sequence[str]]) -> Licence:
    """Return the licence in *metadata*, the values of each field by its name in small letters.

    ``License-Expression`` (PEP 639) comes first, then ``License`` if it is an SPDX expression or a name, then the
    classifiers.
    """
    for text in metadata.get("license-expression", ()):
        return licence_named([text])
    texts = [text for text in metadata.get("license", ()) if _is_name(text)]
    classified = [
        value.rpartition(" :: ")[2]
        for value in metadata.get("classifier", ())
        if value.startswith(_CLASSIFIER) and value.rpartition(" :: ")[2] != "OSI Approved"
    ]
    stated = licence_named(texts)
    if stated.expression or not classified:
        return stated
    known = [_BY_CLASSIFIER.get(name, "") for name in classified]
    if all(known):
        # Whether both apply or either does, classifiers do not say.
        return Licence(expression=known[0]) if len(known) == 1 else Licence(names=tuple(known))
    return stated if stated.names else Licence(names=tuple(classified))


def licence_named(names: Iterable[str]) -> Licence:
    """Return the licence with these *names*, as an SPDX expression if there is one name that can be read as such."""
    given = tuple(dict.fromkeys(names))
    if len(given) != 1:
        return Licence(names=given)
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    known = _BY_NAME.get(given[0].lower(), given[0])
    try:
        return Licence(expression=str(canonicalize_license_expression(known)))
    except InvalidLicenseExpression:
        return Licence(names=given)


def _is_name(text: str) -> bool:
    """Return whether *text* is a name: some distributions have the whole text of the licence in this field."""
    return 0 < len(text) <= _LONGEST_NAME and "\n" not in text and text.upper() not in {"UNKNOWN", "NONE"}
