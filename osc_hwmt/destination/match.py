# SPDX-License-Identifier: Apache-2.0

"""Which destination volume a manifest entry's server will boot from."""

from __future__ import annotations

import collections
import dataclasses
import enum
from collections.abc import Mapping

from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.boot_volume import (
    ROOT_DEVICES,
    BootVolume,
    boot_volume,
)
from osc_hwmt.model.inventory import (
    Inventory,
    Project,
    ProjectNames,
    Server,
    Volume,
    by_name,
)
from osc_hwmt.model.memory import slotted

#: What os-migrate calls the copy of an image-backed server's boot disk
#: (os-migrate 1.0.5, plugins/module_utils/volume_common.py).
IMAGE_COPY_PREFIX = 'os-migrate-'


class Rule(enum.Enum):
    """How a destination volume was found, most certain first."""

    IMPORT = 'named by os-migrate'
    OPERATOR = 'named by the operator'
    SERVER = 'boot volume of the destination server'
    NAME = 'name and size'


@slotted
@dataclasses.dataclass(frozen=True)
class Match:
    """The one volume; ``server`` is there if the server exists already."""

    volume: Volume
    rule: Rule
    server: Server | None


@slotted
@dataclasses.dataclass(frozen=True)
class Mismatch:
    """No volume, or too many; ``reason`` is for a human.

    A server that boots from an image of the destination needs none.
    """

    refusal: Refusal
    reason: str
    candidates: tuple[Volume, ...] = ()


class Destination:
    """An inventory of the destination, indexed for many look-ups."""

    def __init__(
        self, inventory: Inventory, volume_map: Mapping[str, str]
    ) -> None:
        self._inventory = inventory
        self._volume_map = volume_map
        self._servers: dict[tuple[str, str], list[Server]] = (
            collections.defaultdict(list)
        )
        self._volumes: dict[tuple[str, str], list[Volume]] = (
            collections.defaultdict(list)
        )
        self._projects = by_name(inventory.projects.values())
        self._servers_by_id = {one.id: one for one in inventory.servers}
        for server in inventory.servers:
            self._servers[server.project_id, server.name].append(server)
        own = inventory.own_project.id
        for volume in inventory.volumes.values():
            project_id = volume.project_id or own
            self._volumes[project_id, volume.name].append(volume)

    def match(self, entry: Entry) -> Match | Mismatch:
        """Return the volume of an entry; never a guess."""
        project = destination_project(
            entry, self._inventory.own_project, self._projects
        )
        if project is None:
            return _no_project(entry, self._inventory.own_project)
        servers = (
            [] if entry.detached else self._servers[project.id, entry.name]
        )
        said = self._said(entry)
        if len(said) > 1:
            return Mismatch(
                Refusal.VOLUME_AMBIGUOUS,
                _('more than one volume was named for it: %s')
                % ', '.join(said),
            )
        if said:
            ((volume_id, named_by),) = said.items()
            return self._match_said(volume_id, named_by, project)
        if entry.image_backed and not (
            entry.copies_image or any(not one.image_id for one in servers)
        ):
            return boots_from_image(entry)
        if servers:
            return self._match_server(servers)
        return self._match_name(entry, project)

    def _said(self, entry: Entry) -> dict[str, str]:
        """Return the volumes that an operator named, and where."""
        keys = (
            entry.boot_volume.id if entry.boot_volume else None,
            entry.server_id,
            # A volume's own name says nothing of which server's it is.
            None if entry.detached else entry.name,
        )
        said = {
            self._volume_map[key]: '--volume-map'
            for key in keys
            if key and key in self._volume_map
        }
        if entry.destination_volume_id:
            said.setdefault(
                entry.destination_volume_id,
                '_migration_params.boot_volume.uuid',
            )
        return said

    def _match_said(
        self, volume_id: str, named_by: str, project: Project
    ) -> Match | Mismatch:
        volume = self._inventory.volumes.get(volume_id)
        own = self._inventory.own_project
        if volume is None or (volume.project_id or own.id) != project.id:
            return not_in_project(volume_id, named_by, project)
        for attachment in volume.attachments:
            server = self._servers_by_id.get(attachment.server_id)
            if server and server.image_id and _on_root_device(volume, server):
                return _image_beside(server, volume)
        return Match(volume, Rule.OPERATOR, self._booted_from(volume))

    def _booted_from(self, volume: Volume) -> Server | None:
        """Return the server that was built from a volume, whatever its name.

        A volume may hang on another server as a data disk: so os-migrate
        fills it.
        """
        for attachment in volume.attachments:
            server = self._servers_by_id.get(attachment.server_id)
            if server is None or server.image_id:
                continue
            found = boot_volume(server, self._inventory.volumes)
            if isinstance(found, BootVolume) and found.volume is volume:
                return server
        return None

    def _match_server(self, servers: list[Server]) -> Match | Mismatch:
        if len(servers) > 1:
            return Mismatch(
                Refusal.VOLUME_AMBIGUOUS,
                _('%(n)d servers with that name exist: %(ids)s')
                % {
                    'n': len(servers),
                    'ids': ', '.join(server.id for server in servers),
                },
            )
        server = servers[0]
        if server.image_id:
            for volume_id in server.volume_ids:
                beside = self._inventory.volumes.get(volume_id)
                if beside and _on_root_device(beside, server):
                    return _image_beside(server, beside)
            return Mismatch(
                Refusal.SERVER_ON_IMAGE,
                _('server %s exists and boots from an image') % server.id,
            )
        found = boot_volume(server, self._inventory.volumes)
        if isinstance(found, BootVolume):
            return Match(found.volume, Rule.SERVER, server)
        return Mismatch(
            Refusal.VOLUME_AMBIGUOUS,
            _('server %s exists, but its boot volume is unclear') % server.id,
            found.candidates,
        )

    def _match_name(self, entry: Entry, project: Project) -> Match | Mismatch:
        name = destination_volume_name(entry)
        if not name:
            return Mismatch(
                Refusal.VOLUME_NAME_UNKNOWN,
                _('volume %s has no name on the source') % entry.boot_volume.id
                if entry.boot_volume
                else _('the manifest does not say which volume it boots from'),
            )
        namesakes = self._volumes[project.id, name]
        source = entry.boot_volume
        size = source.size if source else None
        any_volume = entry.detached and not (source and source.bootable)
        fitting = [
            volume
            for volume in namesakes
            if (volume.bootable or any_volume) and size in (None, volume.size)
        ]
        # What a failed import leaves is not meant where another one is there.
        usable = [one for one in fitting if not one.is_unusable]
        if len(usable or fitting) == 1:
            (volume,) = usable or fitting
            return Match(volume, Rule.NAME, self._booted_from(volume))
        if fitting and not usable:
            return Mismatch(
                Refusal.VOLUME_UNUSABLE,
                _('none of the %(n)d volumes named %(name)s can be used')
                % {'n': len(fitting), 'name': name},
                tuple(fitting),
            )
        if fitting:
            return Mismatch(
                Refusal.VOLUME_AMBIGUOUS,
                _('%(n)d matching volumes are named %(name)s')
                % {'n': len(fitting), 'name': name},
                tuple(fitting),
            )
        wanted = (
            _('%(what)s named %(name)s with %(size)d GiB')
            if size is not None
            else _('%(what)s named %(name)s')
        )
        what = _('volume') if any_volume else _('bootable volume')
        return Mismatch(
            Refusal.VOLUME_NOT_FOUND
            if namesakes
            else Refusal.NOT_IMPORTED_YET,
            _('project %(project)s has no %(wanted)s')
            % {
                'project': project.name or project.id,
                'wanted': wanted % {'what': what, 'name': name, 'size': size},
            },
            tuple(namesakes),
        )


def not_in_project(
    volume_id: str, named_by: str, project: Project
) -> Mismatch:
    """Return why a volume that was named for an entry is not its.

    An administrator sees those of all projects, and a manifest may name any.
    """
    return Mismatch(
        Refusal.VOLUME_NOT_FOUND,
        _(
            'volume %(id)s (named by %(named_by)s) does not exist in project '
            '%(project)s, or belongs to another project'
        )
        % {
            'id': volume_id,
            'named_by': named_by,
            'project': project.name or project.id,
        },
    )


def _on_root_device(volume: Volume, server: Server) -> bool:
    """Tell whether a volume hangs where a server's first disk is."""
    return any(
        one.server_id == server.id
        and (one.device == server.root_device or one.device in ROOT_DEVICES)
        for one in volume.attachments
        if one.device
    )


def _image_beside(server: Server, volume: Volume) -> Mismatch:
    """Return why nothing that is set on a server's volume counts.

    Nova takes a request that names an image and a boot volume, boots the
    volume, and records the image's properties (20.6.1 to 33.0.2).
    """
    return Mismatch(
        Refusal.IMAGE_BESIDE_VOLUME,
        _(
            'server %(server)s was created with both image %(image)s and '
            'boot volume %(volume)s: Nova read the image'
        )
        % {
            'server': server.id,
            'image': server.image_id,
            'volume': volume.id,
        },
        (volume,),
    )


def boots_from_image(entry: Entry) -> Mismatch:
    """Return why an entry has no volume whose metadata Nova would read."""
    return Mismatch(
        Refusal.ON_IMAGE, _('it boots from image %s') % entry.image_name
    )


def destination_project(
    entry: Entry, own: Project, projects: ProjectNames
) -> Project | None:
    """Return the destination's project of an entry, None if there is none.

    It is the one of the same name and domain name. An entry without facts,
    as os-migrate writes it, belongs to the session's project. One whose
    project had no name that export could read belongs to none.
    """
    recorded = entry.recorded
    if recorded is None:
        return own
    if recorded.project_name is None:
        return None
    return projects.get((recorded.project_name, recorded.project_domain_name))


def destination_volume_name(entry: Entry) -> str | None:
    """Return the name that os-migrate gives an entry's boot volume.

    It is the source volume's unless _migration_params.boot_volume_params
    says otherwise (os-migrate 1.0.5, plugins/module_utils/volume_common.py).
    """
    if entry.destination_volume_name:
        return entry.destination_volume_name
    if entry.image_backed:
        return f'{IMAGE_COPY_PREFIX}{entry.name}'
    return entry.boot_volume.name if entry.boot_volume else None


def _no_project(entry: Entry, own: Project) -> Mismatch:
    recorded = entry.recorded
    if recorded and recorded.project_name is None:
        return Mismatch(
            Refusal.PROJECT_NOT_FOUND,
            _('export could not read the name of its project %s')
            % entry.project_id,
        )
    return Mismatch(
        Refusal.PROJECT_NOT_FOUND,
        _(
            'project %(name)s of domain %(domain)s does not exist at the '
            'destination, or is not visible to a user of project %(own)s'
        )
        % {
            'name': recorded.project_name if recorded else None,
            'domain': recorded.project_domain_name if recorded else None,
            'own': own.name,
        },
    )
