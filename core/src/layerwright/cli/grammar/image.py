"""The grammar of ``layerwright image``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.cli.grammar.command import JSON, add_tree, command
from layerwright.cli.grammar.fetch import add_bundle

if TYPE_CHECKING:
    from layerwright.cli.grammar.command import Parser

__all__ = ["add_image", "add_inspect", "add_patch"]

_OUTPUT: Final = "where to write the image: oci:DIR, a directory in OCI layout, or FILE.tar, for docker load"
_PUSH: Final = "push the image to a registry, for example registry.example.com/team/app:1.2"
_BASE: Final = "the base image: oci:DIR, FILE.tar or an image in a registry"
_IMAGE: Final = "the image: a name in a registry, oci:DIR, oci-archive:FILE or FILE.tar"
_EXEC_ENV: Final = "the execution environment: production or test (default: CNB_EXEC_ENV, else production)"

_DOCUMENTS: Final = "write the bills of materials and the provenance of the image into a directory"
_ATTACH: Final = "attach the documents to the image in oci:DIR as well, not only in a registry"
_KEY: Final = "sign the image and its provenance with this private key, as cosign does"
_NO_ATTACH: Final = "attach no documents to the image"


def add_image(commands: Any) -> Parser:
    """Add the command to *commands*, and return its parser."""
    image = command(commands, "image", "build the application into an image", "images.build")
    add_tree(image)
    image.add_argument("--output", metavar="WHERE", help=_OUTPUT)
    image.add_argument("--push", metavar="NAME", help=_PUSH)
    image.add_argument("--base", metavar="IMAGE", default="", help=_BASE)
    image.add_argument(
        "--compression",
        metavar="NAME",
        choices=("auto", "zstd", "gzip"),
        help="how layers are compressed: zstd, gzip, or auto, zstd where it can be read (default: image.compression)",
    )
    image.add_argument(
        "--digest", action="store_true", help="print the digest of the image, and nothing else"
    )
    _add_documents(image)
    image.add_argument("--exec-env", metavar="NAME", default="", help=_EXEC_ENV)
    add_bundle(image)
    image.add_argument("--clean", action="store_true", help="recreate every layer")
    return image


def _add_documents(parser: Parser) -> None:
    """Add the options for the documents about an image."""
    parser.add_argument("--documents", metavar="DIR", help=_DOCUMENTS)
    attach = parser.add_mutually_exclusive_group()
    attach.add_argument("--attach", dest="attach", action="store_const", const="always", help=_ATTACH)
    attach.add_argument("--no-attach", dest="attach", action="store_const", const="never", help=_NO_ATTACH)
    parser.add_argument("--key", metavar="FILE", help=_KEY)


def add_inspect(commands: Any) -> None:
    """Add the command to *commands*."""
    inspect = command(
        commands, "inspect", "show what an image is made of, or how two differ", "images.inspect"
    )
    inspect.add_argument("image", metavar="IMAGE", help=_IMAGE)
    inspect.add_argument("other", nargs="?", metavar="OTHER", help="another image, to compare with")
    inspect.add_argument("--json", action="store_true", help=JSON)


def add_patch(commands: Any) -> None:
    """Add the command to *commands*."""
    patch = command(
        commands, "patch", "replace the Python of a finished image, without its source", "images.patch"
    )
    patch.add_argument("image", metavar="IMAGE", help=_IMAGE)
    patch.add_argument(
        "--python",
        metavar="VERSION",
        help="the new version, of the same minor version",
    )
    patch.add_argument("--base", metavar="IMAGE", default="", help="also replace the base image")
    patch.add_argument("--output", metavar="WHERE", help=f"{_OUTPUT} (default: where it was)")
    patch.add_argument(
        "--push", metavar="NAME", help="push the image under another name (default: that of the image)"
    )
    _add_documents(patch)
