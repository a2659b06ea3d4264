# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.manifest.sections import Resource
from osc_hwmt.manifest.volume_metadata import trapped
from osc_hwmt.yaml_text.nodes import child, compose, items
from tests.unit.support import cases
from tests.unit.support.fakes import PC, manifest_text, resource, source_volume


def _volume(
    device: str | None, metadata: Any = 'some', **more: Any
) -> dict[str, Any]:
    one = source_volume(machine_type=PC if metadata == 'some' else None)
    if metadata != 'some':
        one['params']['volume_image_metadata'] = metadata
    if device:
        one['_info']['attachments'] = [{'device': device}]
    one['params'].update(more)
    return one


def _moves(*volumes: dict[str, Any], **migration: Any) -> list[int]:
    text = manifest_text(
        resource(params={'volumes': list(volumes)}, migration=migration)
    )
    (server,) = items(child(compose(text, 'f'), 'resources'))
    return trapped(Resource(server))


class TrappedTest(cases.TestCase):
    def test_a_volume_with_metadata_that_is_not_copied_is_trapped(
        self,
    ) -> None:
        boot, data = _volume('/dev/vda'), _volume('/dev/vdb')
        parked = _volume('/dev/vdb', None, volume_image_metadata_parked={})
        empty, none = _volume('/dev/vdc', {}), _volume('/dev/vdd', None)
        for volumes, migration, expected in (
            # The volume that is copied from a snapshot is safe, read
            # directly none is; without a copy of data all are.
            ([boot], {}, []),
            ([boot, data, empty, none, _volume(None)], {}, [1, 2, 4]),
            ([boot], {'use_nbdkit_direct': True}, [0]),
            ([data], {'data_copy': False}, []),
            ([data], {'data_copy': True}, [0]),
            ([parked], {}, []),
        ):
            found = _moves(*volumes, **migration)
            self.assertEqual(expected, found, (len(volumes), migration))
