# SPDX-License-Identifier: Apache-2.0

"""A cloud in memory, and builders of what lives in clouds and manifests."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from osc_hwmt.cloud.interface import Scope, Servers
from osc_hwmt.compatibility.rules.definition import Concern, Rule, Severity
from osc_hwmt.exceptions import CloudError
from osc_hwmt.journal import format as journal_format
from osc_hwmt.manifest import entry as entries
from osc_hwmt.manifest import resource as manifest_entry
from osc_hwmt.model import inventory
from osc_hwmt.model.changes import Change, Write
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support.fake_probes import (
    FakeInspecting,
    FakeProbing,
    FakeTemporary,
)

PC = 'pc-i440fx-rhel7.6.0'
Q35 = 'pc-q35-rhel9.4.0'
OWN = inventory.Project('project-own', 'erp', 'Default')


def server(
    name: str = 'web',
    id: str = 'server-1',
    volumes: Sequence[str] = ('volume-1',),
    image_id: str | None = None,
    project_id: str = OWN.id,
    root_device: str | None = None,
    recorded: str | None = None,
    created: datetime.datetime | None = None,
    deleted_with: Sequence[str] = (),
) -> inventory.Server:
    """Return a server, volume-backed unless it has an image.

    ``recorded`` is the machine type that Nova shows of the image.
    """
    return inventory.Server(
        id=id,
        name=name,
        project_id=project_id,
        status='ACTIVE',
        image_id=image_id,
        volume_ids=() if image_id else tuple(volumes),
        root_device=root_device,
        image_properties={MACHINE_TYPE: recorded} if recorded else None,
        created=created,
        deleted_with=tuple(deleted_with),
    )


def volume(
    id: str = 'volume-1',
    name: str = 'web-boot',
    image_metadata: Mapping[str, str] | None = None,
    *,
    size: int = 10,
    bootable: bool = True,
    attached_to: str | None = None,
    device: str | None = '/dev/vda',
    project_id: str | None = OWN.id,
    known: bool = True,
    status: str | None = None,
    created: datetime.datetime | None = None,
) -> inventory.Volume:
    """Return a volume; its metadata is empty if not said otherwise."""
    attachments: tuple[inventory.Attachment, ...] = ()
    if attached_to:
        attachments = (inventory.Attachment(attached_to, device),)
    return inventory.Volume(
        id=id,
        name=name,
        project_id=project_id,
        size=size,
        bootable=bootable,
        status=status or ('in-use' if attached_to else 'available'),
        attachments=attachments,
        image_metadata=(image_metadata or {}) if known else None,
        created=created,
    )


def image(
    id: str = 'image-1', name: str = 'rhel', **properties: str
) -> inventory.Image:
    """Return an image with some properties."""
    return inventory.Image(id, name, properties)


def holding(
    *,
    servers: Iterable[inventory.Server] = (),
    volumes: Iterable[inventory.Volume] = (),
    images: Iterable[inventory.Image] = (),
    projects: Iterable[inventory.Project] = (OWN,),
) -> inventory.Inventory:
    """Return an inventory of these things."""
    return inventory.Inventory(
        own_project=OWN,
        servers=tuple(servers),
        volumes={one.id: one for one in volumes},
        images={one.id: one for one in images},
        projects={one.id: one for one in projects},
    )


def recorded(
    value: str | None = PC,
    project: tuple[str | None, str | None] = (None, None),
) -> entries.Recorded:
    """Return what an export found on a server's volume."""
    return entries.Recorded(
        value=value,
        unknown=None,
        evidence=Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
        on_volume=value,
        project_name=project[0],
        project_domain_name=project[1],
    )


def concern(code: str, severity: Severity) -> Concern:
    """Return what a rule of that code says, whatever the hardware."""
    rule = Rule(code, severity, 'summary', 'source', lambda *_any: None)
    return Concern(rule, f'{code} speaks', f'mend {code}')


def entry(
    name: str = 'web',
    server_id: str = 'source-1',
    wanted: entries.Wanted | None = None,
    properties: Mapping[str, str | None] | None = None,
    **differing: Any,
) -> entries.Entry:
    """Return a manifest entry that wants i440fx, unless said otherwise.

    ``properties`` are what is written of other hardware.
    """
    wanted_properties = {
        MACHINE_TYPE: wanted or entries.Wanted.of(PC),
        **{
            key: entries.Wanted.of(value)
            for key, value in (properties or {}).items()
        },
    }
    if wanted_properties[MACHINE_TYPE].intent is entries.Intent.MISSING:
        del wanted_properties[MACHINE_TYPE]
    plain = entries.Entry(
        path='workloads.yml',
        line=2,
        server_id=server_id,
        name=name,
        project_id=None,
        wanted_properties=wanted_properties,
        recorded=None,
        boot_volume=entries.SourceVolume(
            'source-volume-1', 'web-boot', 10, True
        ),
        image_name=None,
        copies_image=False,
        destination_volume_id=None,
        destination_volume_name=None,
    )
    return dataclasses.replace(plain, **differing)


def source_volume(
    id: str = 'source-volume-1',
    name: str = 'web-boot',
    machine_type: str | None = None,
    *,
    bootable: bool = True,
    size: int = 10,
) -> dict[str, Any]:
    """Return a volume as os-migrate writes it into a server's resource."""
    return {
        '_info': {'id': id, 'is_bootable': bootable, 'size': size},
        'params': {
            'name': name,
            'volume_image_metadata': {MACHINE_TYPE: machine_type}
            if machine_type is not None
            else None,
        },
        'type': 'openstack.network.ServerVolume',
    }


def resource(
    name: str = 'web',
    server_id: str = 'source-1',
    *,
    params: Mapping[str, Any] | None = None,
    info: Mapping[str, Any] | None = None,
    migration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a server's resource, as os-migrate writes it."""
    return {
        '_info': {'id': server_id, 'status': 'ACTIVE', **(info or {})},
        '_migration_params': {
            'boot_volume': {'uuid': None},
            **(migration or {}),
        },
        'params': {
            'image_ref': None,
            'name': name,
            'volumes': [source_volume()],
            **(params or {}),
        },
        'type': manifest_entry.SERVER_TYPE,
    }


def facts(
    value: str | None = PC,
    evidence: str = 'volume-image-metadata',
    **more: Any,
) -> dict[str, Any]:
    """Return what export records under _info.hw_machine_type."""
    return {'value': value, 'evidence': evidence, **more}


def manifest_text(*resources: Mapping[str, Any], **style: Any) -> str:
    """Return a manifest of these resources, as PyYAML would dump it."""
    data = {'os_migrate_version': '1.0.5', 'resources': list(resources)}
    # A copy, because of an object that it meets again PyYAML makes an alias.
    return str(yaml.safe_dump(json.loads(json.dumps(data)), **style))


def header(**differing: Any) -> journal_format.Header:
    """Return the header of a journal that the cloud in memory wrote."""
    plain = journal_format.Header(
        tool='osc-hwmt 1.2.3',
        command='apply',
        cloud='dst',
        auth_url='https://dst.test/v3',
        region='RegionOne',
        project_id=OWN.id,
        inputs=(),
        options={},
    )
    return dataclasses.replace(plain, **differing)


def write(
    volume_id: str = 'volume-1',
    *changes: Change,
    server: str = 'web',
    project_id: str | None = OWN.id,
    unproven_page: str | None = None,
) -> Write:
    """Return a write that sets i440fx where nothing was, or other changes."""
    return Write(
        volume_id=volume_id,
        project_id=project_id,
        server_id=f'source-of-{volume_id}',
        server=server,
        changes=changes or (Change(MACHINE_TYPE, None, PC),),
        unproven_page=unproven_page,
    )


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
