"""What can be wrong with the archives that a plugin reads from its lock file."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from layerwright import Locked, LockedArchive, Unprovable, UserError, redacted
from tests.conformance.planted.tiny import Tiny, locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import EnvironmentInstall, EnvironmentRequest


class WithArchives(Tiny):
    """Returns the archives of its lock file as they are."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        install = super().environment(request)
        update = self.update(request)
        return replace(install, sameness=Locked(update=update, archives=lambda: self.archives(request)))

    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in locked(request):
            yield LockedArchive(
                name=one["name"],
                version=one["version"],
                filename=one["filename"],
                hashes=(f"sha256:{one['sha256']}",),
                url=redacted(one["url"]),
                uploaded="2026-01-31T12:00:00.123456Z",
            )


class WithoutDetails(WithArchives):
    """Its lock file has names and versions alone, in another spelling."""

    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in super().archives(request):
            yield LockedArchive(name=one.name.title(), version=one.version)


class WithSourceArchives(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in super().archives(request):
            yield replace(one, filename=f"{one.name}-{one.version}.tar.gz", url=f"file:///srv/{one.name}")


class RefusingCredentials(WithArchives):
    """Refuses URLs with credentials, so that its archives cannot have any."""

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        if any("@" in one["url"] for one in locked(request)):
            raise UserError("No credentials, please.", reference="tiny-credentials")
        return super().environment(request)


class Unproved(Tiny):
    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        return replace(super().environment(request), sameness=Unprovable("it is better so"))


class FirstArchive(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        yield next(super().archives(request))


class OtherHashes(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in super().archives(request):
            yield replace(one, hashes=(f"sha256:{'0' * 64}",))


class Names(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        yield from (one.name for one in super().archives(request))  # type: ignore[misc]


class Stumbling(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        raise KeyError("files")


class Changed(WithArchives):
    """Has archives with some values of another form."""

    values: Mapping[str, object]

    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in super().archives(request):
            yield replace(one, **self.values)  # type: ignore[arg-type]


class OtherFiles(Changed):
    values: Mapping[str, object] = MappingProxyType({"filename": "shop-2.0-py3-none-any.whl"})


class NoFiles(Changed):
    values: Mapping[str, object] = MappingProxyType({"filename": "archive.whl"})


class NoSourceFiles(Changed):
    values: Mapping[str, object] = MappingProxyType({"filename": "https://example.com/"})


class RelativePlaces(Changed):
    values: Mapping[str, object] = MappingProxyType({"url": "../files/some.whl"})


class TimesWithoutZone(Changed):
    values: Mapping[str, object] = MappingProxyType({"uploaded": "2026-01-31T12:00:00"})


class NoTimes(Changed):
    values: Mapping[str, object] = MappingProxyType({"uploaded": "yesterday"})


class WithCredentials(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one, entry in zip(super().archives(request), locked(request), strict=True):
            yield replace(one, url=entry["url"])


class BareHashes(WithArchives):
    def archives(self, request: EnvironmentRequest) -> Iterator[LockedArchive]:
        for one in super().archives(request):
            yield replace(one, hashes=(*one.hashes, f"md5:{'0' * 32}"))
