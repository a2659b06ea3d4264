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
    def test_the_volume_that_is_copied_from_a_snapshot_is_safe(self) -> None:
        self.assertEqual([], _moves(_volume('/dev/vda')))

    def test_every_other_volume_with_metadata_is_not(self) -> None:
        self.assertEqual(
            [1, 2, 4],
            _moves(
                _volume('/dev/vda'),
                _volume('/dev/vdb'),
                _volume('/dev/vdc', {}),
                _volume('/dev/vdd', None),
                _volume(None),
            ),
        )

    def test_read_directly_none_is(self) -> None:
        self.assertEqual(
            [0], _moves(_volume('/dev/vda'), use_nbdkit_direct=True)
        )

    def test_without_a_copy_of_data_all_are(self) -> None:
        self.assertEqual([], _moves(_volume('/dev/vdb'), data_copy=False))
        self.assertEqual([0], _moves(_volume('/dev/vdb'), data_copy=True))

    def test_what_is_parked_is_out_of_the_way(self) -> None:
        parked = _volume('/dev/vdb', None, volume_image_metadata_parked={})
        self.assertEqual([], _moves(parked))
