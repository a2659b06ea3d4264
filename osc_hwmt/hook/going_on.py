# SPDX-License-Identifier: Apache-2.0

"""How an import goes on from volumes that an earlier one has copied.

Read in os-migrate 1.0.5, plugins/module_utils/server.py: with data_copy:
false nothing is transferred, and the server is built from
boot_volume.uuid and additional_volumes[].uuid, in their order. The image
that image_ref names would have to be at the destination all the same, so
there it has to be null (_refs_from_ser).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from osc_hwmt.display import printable
from osc_hwmt.hook.os_migrate import Transferred
from osc_hwmt.i18n import _
from osc_hwmt.pasted import Command, Given
from osc_hwmt.yaml_text.splices import scalar


@dataclasses.dataclass(frozen=True)
class Kept:
    """A workload whose copied volumes are there, and no server.

    ``volumes`` are None where it is not known which they are. ``place`` says
    where os-migrate reads the workload from, ``cloud`` is the destination's
    name.
    """

    name: str
    volumes: Transferred | None
    image_backed: bool
    place: str
    cloud: str

    @property
    def sentence(self) -> str:
        """Say that the volumes are kept."""
        if self.volumes is None:
            return _(
                'the copied volumes of %s are kept; their IDs are the '
                'dest_id values in its log in workload_logs'
            ) % printable(self.name)
        return _('the copied volumes of %(name)s are kept: %(ids)s') % {
            'name': printable(self.name),
            'ids': _spelled(self.volumes.ids),
        }

    @property
    def instructions(self) -> str:
        """Say in several lines how to go on."""
        if self.volumes is None:
            return self.sentence
        return _(
            '%(sentence)s\n'
            '  To import it from them, once the cause is fixed, change its '
            'resource\n'
            '  at %(place)s to this, and import again:\n'
            '%(yaml)s\n'
            '  To copy them again instead, delete them first:\n'
            '    %(deletion)s'
        ) % {
            'sentence': self.sentence,
            'place': printable(self.place),
            'yaml': '\n'.join(f'    {line}' for line in self._yaml()),
            'deletion': Command(
                *('openstack', '--os-cloud', Given(self.cloud)),
                *('volume', 'delete', *map(Given, self.volumes.ids)),
            ),
        }

    def _yaml(self) -> list[str]:
        volumes = self.volumes or Transferred(None)
        lines = ['_migration_params:']
        if volumes.others:
            lines.append('  additional_volumes:')
            lines += [f'  - uuid: {scalar(one)}' for one in volumes.others]
        if volumes.boot:
            lines += ['  boot_volume:', f'    uuid: {scalar(volumes.boot)}']
        lines.append('  data_copy: false')
        if volumes.boot and self.image_backed:
            lines += ['params:', '  image_ref: null']
        return lines


def _spelled(ids: Iterable[str]) -> str:
    return ' '.join(map(printable, ids))
