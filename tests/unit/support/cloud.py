# SPDX-License-Identifier: Apache-2.0

"""A cloud in memory, which notes every request that is made of it."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

from osc_hwmt.cloud.interface import Scope, Servers
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model import inventory
from tests.unit.support.fake_probes import (
    FakeInspecting,
    FakeProbing,
    FakeTemporary,
)
from tests.unit.support.fakes import OWN


class _Recorder:
    """A list of calls that threads may add to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._lock = threading.Lock()

    def note(self, *call: str) -> None:
        with self._lock:
            self.calls.append(call)


class FakeCompute:
    """Nova in memory."""

    def __init__(self, recorder: _Recorder) -> None:
        self.held: list[inventory.Server] = []
        self.unreadable: list[str] = []
        self.microversion = (2, 95)
        self._note = recorder.note

    def newest_microversion(self) -> tuple[int, int]:
        return self.microversion

    def servers(self, scope: Scope) -> Servers:
        self._note('servers', _spelled(scope))
        return Servers(
            tuple(one for one in self.held if _within(scope, one.project_id)),
            tuple(self.unreadable),
        )


class FakeBlockStorage:
    """Cinder in memory.

    ``held`` is the truth. The listing keeps back the metadata of volumes that
    are ``unproven``, and every answer that of those that are ``forbidden``.
    With a ``page_size`` it does as Cinder does: a page with nothing to show
    proves nothing, and one whose number is in ``failed_pages`` shows nothing.
    Writes to a volume in ``failing`` raise what stands there; those to a
    ``deaf`` one change nothing. The writes to one in ``faults`` raise these
    one after another; one that is ``lost`` was done all the same.
    """

    def __init__(self, recorder: _Recorder) -> None:
        self.held: dict[str, inventory.Volume] = {}
        self.unproven: set[str] = set()
        self.forbidden: set[str] = set()
        self.failing: dict[str, Exception] = {}
        self.deaf: set[str] = set()
        self.faults: dict[str, list[Exception]] = {}
        self.lost: list[Exception] = []
        self.page_size: int | None = None
        self.failed_pages: set[int] = set()
        self._note = recorder.note

    def volumes(self, scope: Scope) -> list[inventory.Volume]:
        found = [
            one
            for one in self.held.values()
            if _within(scope, one.project_id or OWN.id)
        ]
        if self.page_size:
            return list(self._paged(scope, found, self.page_size))
        self._note('volumes', _spelled(scope))
        return [
            dataclasses.replace(one, image_metadata=None, unproven_page='page')
            if one.id in self.unproven | self.forbidden
            else one
            for one in found
        ]

    def _paged(
        self, scope: Scope, found: list[inventory.Volume], size: int
    ) -> Iterator[inventory.Volume]:
        for start in range(0, max(1, len(found)), size):
            self._note('volumes', _spelled(scope))
            page = found[start : start + size]
            shown = [
                one
                for one in page
                if one.id not in self.forbidden
                and start // size not in self.failed_pages
            ]
            if any(one.image_metadata for one in shown):
                yield from page
            else:
                for one in page:
                    yield dataclasses.replace(
                        one, image_metadata=None, unproven_page=page[0].id
                    )

    def volume(self, volume_id: str) -> inventory.Volume | None:
        self._note('volume', volume_id)
        found = self.held.get(volume_id)
        if found and volume_id in self.unproven | self.forbidden:
            return dataclasses.replace(found, image_metadata=None)
        return found

    def image_metadata(
        self, volume_id: str, *, retrying: bool = True
    ) -> Mapping[str, str] | None:
        self._note('image_metadata', volume_id)
        if volume_id in self.forbidden:
            return None
        return self._metadata(volume_id)

    def set_image_metadata(
        self, volume_id: str, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        self._note('set', volume_id, *(f'{k}={v}' for k, v in values.items()))
        with self._fault(volume_id):
            if volume_id not in self.deaf:
                self._store(volume_id, {**self._metadata(volume_id), **values})
        return self._metadata(volume_id)

    def unset_image_metadata(
        self, volume_id: str, keys: Sequence[str]
    ) -> None:
        self._note('unset', volume_id, *keys)
        with self._fault(volume_id):
            kept = self._metadata(volume_id)
            for key in keys:
                kept.pop(key, None)
            self._store(volume_id, kept)

    @contextlib.contextmanager
    def _fault(self, volume_id: str) -> Iterator[None]:
        """Let a write fail that is to fail, before or after it is done."""
        fault = self.failing.get(volume_id)
        if self.faults.get(volume_id):
            fault = self.faults[volume_id].pop(0)
        if fault is not None and fault not in self.lost:
            raise fault
        yield
        if fault is not None:
            raise fault

    def _metadata(self, volume_id: str) -> dict[str, str]:
        if volume_id not in self.held:
            raise CloudError('no such volume', 404)
        return dict(self.held[volume_id].image_metadata or {})

    def _store(self, volume_id: str, metadata: Mapping[str, str]) -> None:
        self.held[volume_id] = dataclasses.replace(
            self.held[volume_id], image_metadata=metadata
        )


class FakeImages:
    """Glance in memory."""

    def __init__(self, recorder: _Recorder) -> None:
        self.held: dict[str, inventory.Image] = {}
        self._note = recorder.note

    def image(self, image_id: str) -> inventory.Image | None:
        self._note('image', image_id)
        return self.held.get(image_id)

    def named(self, name: str) -> list[inventory.Image]:
        self._note('images named', name)
        return [one for one in self.held.values() if one.name == name]


class FakeIdentity:
    """Keystone in memory; ``held`` None means that listing is forbidden."""

    def __init__(self, recorder: _Recorder) -> None:
        self.held: list[inventory.Project] | None = [OWN]
        self._note = recorder.note

    def own_project(self) -> inventory.Project:
        return OWN

    def projects(self) -> list[inventory.Project]:
        self._note('projects')
        if self.held is None:
            raise CloudError('may not list projects', 403)
        return self.held


class FakeCloud:
    """A cloud in memory; ``calls`` is every request made of it."""

    def __init__(
        self,
        *,
        servers: Iterable[inventory.Server] = (),
        volumes: Iterable[inventory.Volume] = (),
        images: Iterable[inventory.Image] = (),
        projects: Iterable[inventory.Project] = (OWN,),
        name: str = 'dst',
    ) -> None:
        self._recorder = _Recorder()
        self.name = name
        self.clock_ahead: float | None = 0.0
        self.auth_url: str | None = 'https://dst.test/v3'
        self.region_name: str | None = 'RegionOne'
        self.compute = FakeCompute(self._recorder)
        self.block_storage = FakeBlockStorage(self._recorder)
        self.images = FakeImages(self._recorder)
        self.identity = FakeIdentity(self._recorder)
        self.temporary = FakeTemporary()
        self.probing = FakeProbing(self.temporary)
        self.inspecting = FakeInspecting(self.temporary, self.images.held)
        self.compute.held += servers
        self.block_storage.held.update({one.id: one for one in volumes})
        self.images.held.update({one.id: one for one in images})
        self.identity.held = list(projects)

    @property
    def calls(self) -> list[tuple[str, ...]]:
        return self._recorder.calls

    def calls_of(self, *kinds: str) -> list[tuple[str, ...]]:
        """Return the calls of some kinds, sorted: threads have no order."""
        return sorted(call for call in self.calls if call[0] in kinds)

    @property
    def writes(self) -> list[tuple[str, ...]]:
        return self.calls_of('set', 'unset')


def _within(scope: Scope, project_id: str) -> bool:
    if scope.project_id:
        return project_id == scope.project_id
    return scope.all_projects or project_id == OWN.id


def _spelled(scope: Scope) -> str:
    return scope.project_id or ('all' if scope.all_projects else 'own')
