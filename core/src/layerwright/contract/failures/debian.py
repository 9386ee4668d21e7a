"""The Debian packages that a build from source, or an installed distribution, may need.

The names are those of Debian 12. Other releases, and Ubuntu, have few different names.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["LIBRARIES", "PACKAGES", "Package"]


class Package(NamedTuple):
    """A Debian package, with the programs, headers, pkg-config modules and linker names that builds need from it."""

    name: str
    programs: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


PACKAGES: Final = (
    Package("build-essential", programs=("gcc", "g++", "cc", "c++", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc",
            "x86_64-linux-gnu-g++", "aarch64-linux-gnu-g++", "make")),
    Package("cmake", programs=("cmake",)),
    Package("ninja-build", programs=("ninja",)),
    Package("pkg-config", programs=("pkg-config",)),
    Package("gfortran", programs=("gfortran", "f95")),
    Package("cargo", programs=("cargo", "rustc")),
    Package("git", programs=("git",)),
    Package("swig", programs=("swig",)),
    Package("default-jdk-headless", programs=("java", "javac"), headers=("jni.h",)),
    Package("libpq-dev", programs=("pg_config",), headers=("libpq-fe.h",), modules=("libpq",), links=("pq",)),
    Package("default-libmysqlclient-dev", programs=("mysql_config", "mariadb_config"), headers=("mysql.h",),
            modules=("mysqlclient", "mariadb", "libmariadb"), links=("mysqlclient", "mariadb")),
    Package("libsqlite3-dev", headers=("sqlite3.h",), modules=("sqlite3",), links=("sqlite3",)),
    Package("unixodbc-dev", programs=("odbc_config",), headers=("sql.h", "sqlext.h"),
            modules=("odbc",), links=("odbc",)),
    Package("freetds-dev", headers=("sybdb.h",), links=("sybdb",)),
    Package("libffi-dev", headers=("ffi.h",), modules=("libffi",), links=("ffi",)),
    Package("libssl-dev", headers=("openssl/ssl.h", "openssl/opensslv.h", "openssl/evp.h", "openssl/err.h"),
            modules=("openssl", "libssl", "libcrypto"), links=("ssl", "crypto")),
    Package("libxml2-dev", programs=("xml2-config",),
            headers=("libxml/xmlversion.h", "libxml/parser.h", "libxml/xpath.h"),
            modules=("libxml-2.0",), links=("xml2",)),
    Package("libxslt1-dev", programs=("xslt-config",), headers=("libxslt/xslt.h", "libxslt/xsltconfig.h"),
            modules=("libxslt",), links=("xslt",)),
    Package("libxmlsec1-dev", programs=("xmlsec1-config",), headers=("xmlsec/xmlsec.h",), modules=("xmlsec1",)),
    Package("libjpeg-dev", headers=("jpeglib.h",), modules=("libjpeg",), links=("jpeg",)),
    Package("zlib1g-dev", headers=("zlib.h",), modules=("zlib",), links=("z",)),
    Package("libfreetype-dev", headers=("ft2build.h",), modules=("freetype2",), links=("freetype",)),
    Package("libcurl4-openssl-dev", programs=("curl-config",), headers=("curl/curl.h",), modules=("libcurl",),
            links=("curl",)),
    Package("libldap-dev", headers=("lber.h", "ldap.h"), links=("ldap", "lber")),
    Package("libsasl2-dev", headers=("sasl/sasl.h", "sasl.h"), links=("sasl2",)),
    Package("libkrb5-dev", programs=("krb5-config",), headers=("krb5.h", "gssapi/gssapi.h", "gssapi.h"),
            modules=("krb5", "krb5-gssapi"), links=("krb5", "gssapi_krb5")),
    Package("libcairo2-dev", headers=("cairo.h",), modules=("cairo",), links=("cairo",)),
    Package("libgirepository1.0-dev", modules=("gobject-introspection-1.0", "girepository-1.0")),
    Package("libgmp-dev", headers=("gmp.h",), modules=("gmp",), links=("gmp",)),
    Package("libgeos-dev", programs=("geos-config",), headers=("geos_c.h",), modules=("geos",), links=("geos_c",)),
    Package("libgdal-dev", programs=("gdal-config",), headers=("gdal.h", "ogr_api.h"),
            modules=("gdal",), links=("gdal",)),
    Package("libproj-dev", headers=("proj.h",), modules=("proj",), links=("proj",)),
    Package("libhdf5-dev", programs=("h5cc",), headers=("hdf5.h",), modules=("hdf5",), links=("hdf5",)),
    Package("libopenblas-dev", headers=("cblas.h", "lapacke.h"), modules=("openblas", "blas", "lapack"),
            links=("openblas", "blas", "lapack")),
    Package("libsnappy-dev", headers=("snappy-c.h", "snappy.h"), links=("snappy",)),
    Package("librdkafka-dev", headers=("librdkafka/rdkafka.h",), modules=("rdkafka",), links=("rdkafka",)),
    Package("portaudio19-dev", headers=("portaudio.h",), modules=("portaudio-2.0",), links=("portaudio",)),
    Package("libsystemd-dev", headers=("systemd/sd-daemon.h", "systemd/sd-journal.h"), modules=("libsystemd",)),
    Package("libdbus-1-dev", headers=("dbus/dbus.h",), modules=("dbus-1",)),
    Package("libpcap-dev", headers=("pcap.h", "pcap/pcap.h"), links=("pcap",)),
)  # fmt: skip
"""The packages that builds from source need most often."""

LIBRARIES: Final = {
    "libGL.so.1": "libgl1",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libatomic.so.1": "libatomic1",
    "libcairo.so.2": "libcairo2",
    "libcurl.so.4": "libcurl4",
    "libfontconfig.so.1": "libfontconfig1",
    "libgeos_c.so.1": "libgeos-c1v5",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libmagic.so.1": "libmagic1",
    "libmariadb.so.3": "libmariadb3",
    "libodbc.so.2": "libodbc2",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpq.so.5": "libpq5",
    "libsndfile.so.1": "libsndfile1",
    "libsybdb.so.5": "libsybdb5",
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libxml2.so.2": "libxml2",
    "libxslt.so.1": "libxslt1.1",
}
"""The package of shared libraries that installed distributions load, by their names."""
