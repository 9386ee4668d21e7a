"""A build backend (PEP 517) for one C file, with nothing but the standard library and a C compiler."""

import base64
import hashlib
import pathlib
import shlex
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

NAME, VERSION = "primes", "1.0"
HERE = pathlib.Path(__file__).parent
METADATA = f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\nRequires-Python: >=3.9\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Compile the extension module and pack it (https://packaging.python.org/specifications/binary-distribution-format)."""
    python = "cp{}{}".format(*sys.version_info)
    tag = f"{python}-{python}-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    info = f"{NAME}-{VERSION}.dist-info"
    files = {
        f"{NAME}{sysconfig.get_config_var('EXT_SUFFIX')}": compiled(),
        f"{info}/METADATA": METADATA.encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
    }
    files[f"{info}/RECORD"] = record(files, f"{info}/RECORD")
    wheel = f"{NAME}-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A ZipInfo has a fixed time: equal sources make equal wheels.
            archive.writestr(zipfile.ZipInfo(name), content)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """Pack the sources."""
    base = f"{NAME}-{VERSION}"
    with tarfile.open(pathlib.Path(sdist_directory, f"{base}.tar.gz"), "w:gz") as archive:
        for name in ("pyproject.toml", "backend.py", f"{NAME}.c"):
            archive.add(HERE / name, f"{base}/{name}")
    return f"{base}.tar.gz"


def compiled():
    """Return the bytes of the extension module."""
    with tempfile.TemporaryDirectory() as directory:
        output = pathlib.Path(directory, "module.so")
        compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
        include = sysconfig.get_paths()["include"]
        options = ["-shared", "-fPIC", "-O2", f"-I{include}", str(HERE / f"{NAME}.c"), "-o", str(output)]
        subprocess.run([*compiler, *options], check=True)
        return output.read_bytes()


def record(files, own_name):
    """Return the RECORD of *files*: a digest and a size for each, but for RECORD itself."""
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{own_name},,\n"]).encode()
