# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.gate import request
from osc_hwmt.gate.request import Creation, Reads, Unreadable
from tests.unit.support import cases

V, W = (f'{n}0000000-0000-4000-8000-000000000000' for n in '12')
IMAGE = '30000000-0000-4000-8000-000000000000'
VOLUME = Creation('web', Reads.VOLUME, V, V)


def body(**server: Any) -> bytes:
    return json.dumps({'server': {'name': 'web', **server}}).encode()


def device(**more: Any) -> dict[str, Any]:
    """Return a boot volume as clients of today write it."""
    return {
        'boot_index': 0,
        'source_type': 'volume',
        'destination_type': 'volume',
        'uuid': V,
        **more,
    }


def old(
    name: str = 'vda', volume_id: str | None = V, **more: Any
) -> dict[str, Any]:
    """Return one as novaclient's --block-device-mapping writes it."""
    return {'device_name': name, 'volume_id': volume_id, **more}


class PathTest(cases.TestCase):
    def test_orders_for_servers_are_seen_wherever_nova_takes_them(
        self,
    ) -> None:
        for path in (
            '/v2.1/servers',
            '/v2/servers',
            '/v2.1/6f70656e737461636b/servers',
            '/v2.1//servers',
            '/v2.1/os-volumes_boot',
            '/compute/v2.1/servers',
        ):
            self.assertTrue(request.is_creation('POST', path), path)

    def test_what_nova_answers_with_404_is_none(self) -> None:
        for method, path in (
            ('POST', '/v2.1/servers/'),
            ('POST', '/v2.1/servers.json'),
            ('GET', '/v2.1/servers'),
            ('post', '/v2.1/servers'),
            ('POST', '/v2.1/servers/x/action'),
            ('POST', '/v2.1/os-server-groups'),
        ):
            self.assertFalse(request.is_creation(method, path), path)

    def test_the_server_that_an_action_is_for_is_found(self) -> None:
        for path in ('/v2.1/servers/x/action', '/v2.1/p/servers/x/action'):
            self.assertEqual('x', request.acted_on('POST', path))
        for path in ('/v2.1/servers/action', '/v2.1/os-volumes/x/action'):
            self.assertIsNone(request.acted_on('POST', path), path)

    def test_only_a_rebuild_is_one(self) -> None:
        self.assertTrue(request.rebuilds(b'{"\\u0072ebuild": {}}'))
        for other in (b'{"reboot": {}}', b'', b'[', b'"rebuild"'):
            self.assertFalse(request.rebuilds(other), other)


class BootVolumeTest(cases.TestCase):
    """Shapes of which Nova reads the boot volume."""

    def test_every_spelling_of_the_first_boot_index_counts(self) -> None:
        for index in (0, '0', '00', '-0', 0.0, '0' * 5000):
            found = request.creation(
                body(block_device_mapping_v2=[device(boot_index=index)])
            )
            self.assertEqual(VOLUME, found, index)

    def test_the_boot_volume_may_be_anywhere_in_the_list(self) -> None:
        data = device(boot_index=-1, uuid=W)
        for devices in ([device(), data], [data, device()]):
            found = request.creation(body(block_device_mapping_v2=devices))
            self.assertEqual(VOLUME, found)

    def test_uuid_comes_before_volume_id(self) -> None:
        for one in (device(volume_id=W), device(uuid=V, volume_id=V)):
            found = request.creation(body(block_device_mapping_v2=[one]))
            self.assertEqual(VOLUME, found)

    def test_the_older_form_goes_by_the_letter_of_the_device(self) -> None:
        for name in ('vda', '/dev/vda', 'sda', 'xvda', 'hda', 'a', 'vda1'):
            found = request.creation(body(block_device_mapping=[old(name)]))
            self.assertEqual(VOLUME, found, name)

    def test_of_several_first_devices_nova_reads_the_first_with_data(
        self,
    ) -> None:
        blank = {'device_name': 'sda', 'virtual_name': 'ephemeral0'}
        found = request.creation(
            body(block_device_mapping=[blank, old(), old('hda', W)])
        )
        self.assertEqual(VOLUME, found)

    def test_neither_an_empty_image_nor_hints_change_it(self) -> None:
        mapping = [device()]
        for image in ('', None):
            found = request.creation(
                body(
                    block_device_mapping_v2=mapping,
                    imageRef=image,
                    **{'OS-SCH-HNT:scheduler_hints': {'a': ['b']}},
                )
            )
            self.assertEqual(VOLUME, found)

    def test_spaces_around_the_name_are_cut_off_as_by_the_older_api(
        self,
    ) -> None:
        text = body(name=' web ', block_device_mapping_v2=[device()])
        self.assertEqual(VOLUME, request.creation(text))

    def test_a_number_that_is_too_long_for_some_pythons_hides_nothing(
        self,
    ) -> None:
        text = body(block_device_mapping_v2=[device()])
        hidden = text[:-1] + b', "os:scheduler_hints": ' + b'1' * 5000 + b'}'
        self.assertEqual(VOLUME, request.creation(hidden))

    def test_the_last_of_two_equal_keys_counts(self) -> None:
        first = body(block_device_mapping_v2=[device(uuid=W)])[:-1]
        second = body(block_device_mapping_v2=[device()])[1:]
        self.assertEqual(VOLUME, request.creation(first + b',' + second))


class OtherSourceTest(cases.TestCase):
    """Shapes of which Nova reads something else, or nothing."""

    def test_an_image_beside_a_boot_volume_is_what_nova_reads(self) -> None:
        for mapping in (
            {'block_device_mapping_v2': [device()]},
            {'block_device_mapping': [old()]},
        ):
            found = request.creation(body(imageRef=IMAGE, **mapping))
            self.assertEqual(Creation('web', Reads.IMAGE, IMAGE, V), found)

    def test_an_image_alone_may_be_an_address(self) -> None:
        for image in (IMAGE, f'http://glance/v2/images/{IMAGE}'):
            found = request.creation(body(imageRef=image))
            self.assertEqual(Creation('web', Reads.IMAGE, IMAGE), found)

    def test_a_volume_made_from_an_image_has_the_images_properties(
        self,
    ) -> None:
        one = device(source_type='image', uuid=IMAGE)
        found = request.creation(body(block_device_mapping_v2=[one]))
        self.assertEqual(Creation('web', Reads.IMAGE, IMAGE), found)

    def test_an_image_id_on_a_boot_volume_is_read_before_the_volume(
        self,
    ) -> None:
        found = request.creation(
            body(block_device_mapping_v2=[device(image_id=IMAGE)])
        )
        self.assertEqual(Creation('web', Reads.IMAGE, IMAGE, V), found)

    def test_of_a_snapshot_its_volume_is_read(self) -> None:
        for mapping in (
            {
                'block_device_mapping_v2': [
                    device(source_type='snapshot', uuid=W)
                ]
            },
            {'block_device_mapping': [old(snapshot_id=W, volume_id=None)]},
        ):
            found = request.creation(body(**mapping))
            self.assertEqual(Creation('web', Reads.SNAPSHOT, W), found)

    def test_of_a_blank_volume_nothing_is_read(self) -> None:
        one = device(source_type='blank', uuid=None)
        found = request.creation(body(block_device_mapping_v2=[one]))
        self.assertEqual(Creation('web', Reads.NOTHING, None), found)

    def test_several_servers_may_be_ordered_from_an_image(self) -> None:
        for least, most, count in (
            (2, None, 2),
            (1, '03', 3),
            (None, 10**30, 10**18),
            (None, 'x', 1),
        ):
            found = request.creation(
                body(imageRef=IMAGE, min_count=least, max_count=most)
            )
            expected = Creation('web', Reads.IMAGE, IMAGE, None, count)
            self.assertEqual(expected, found)


class RefusedByNovaTest(cases.TestCase):
    def test_what_nova_refuses_by_itself_is_no_creation(self) -> None:
        v2 = 'block_device_mapping_v2'
        for server in (
            {},
            {v2: [device(boot_index=None)]},
            {v2: [device(boot_index=1)]},
            {v2: [device(), device(uuid=W)]},
            {v2: [device()], 'block_device_mapping': [old()]},
            {v2: [device()], 'min_count': 2},
            {'block_device_mapping': [old()], 'max_count': '2'},
            {'block_device_mapping': [old('vdb')]},
            {v2: [device(uuid=None)]},
            {v2: [device(uuid='../servers')]},
            {v2: [device(uuid='..')]},
            {v2: 'x'},
            {v2: {'boot_index': 0}},
            {v2: [1]},
            {v2: [device()], 'name': None},
            {v2: [device()], 'imageRef': 1},
        ):
            found = request.creation(body(**server))
            self.assertIsNone(found, f'{server} is read as {found}')

    def test_a_body_that_is_no_server_is_none(self) -> None:
        text = body(block_device_mapping_v2=[device()])
        for other in (
            b'',
            b'{',
            b'[]',
            b'{"server": []}',
            b'\xff' + text,
            b'\xef\xbb\xbf' + text,
            text.decode().encode('utf-16'),
        ):
            self.assertIsNone(request.creation(other), other[:20])

    def test_nothing_is_said_of_what_is_nested_too_deeply(self) -> None:
        deep = b'{"server": ' + b'[' * 200_000
        self.assertRaises(Unreadable, request.creation, deep)


_scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(
        (0, 1, -1, '0', '00', '-0', '1', V, W, IMAGE, 'vda', '/dev/sda', 'vdb')
    ),
    st.text(max_size=3),
)
_index = st.sampled_from((0, 0, '0', '00', '-0', 0.0, False, 1, -1, None))
_id = st.sampled_from((V, W, V, W, IMAGE, None, ''))
_new = st.lists(
    st.fixed_dictionaries(
        {
            'source_type': st.sampled_from(
                ('volume', 'volume', 'image', 'snapshot', 'blank')
            )
        },
        optional={
            'boot_index': _index,
            'device_name': st.sampled_from(('vda', '/dev/sda')),
            'image_id': _id,
            'no_device': st.booleans(),
            'snapshot_id': _id,
            'uuid': _id,
            'volume_id': _id,
        },
    ),
    max_size=3,
)
_old = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            'device_name': st.sampled_from(('vda', '/dev/sda', 'vdb')),
            'no_device': st.booleans(),
            'snapshot_id': _id,
            'volume_id': _id,
        },
    ),
    max_size=3,
)
_servers = st.fixed_dictionaries(
    {'name': st.just('web')},
    optional={
        'block_device_mapping': _old,
        'block_device_mapping_v2': _new,
        'imageRef': st.sampled_from(('', None, IMAGE)),
        'max_count': st.sampled_from((1, '1', 2, None)),
        'min_count': st.sampled_from((1, '1', 2, None)),
    },
)


class NovasReadingTest(cases.TestCase):
    """Beside what Nova does, from its own code (27.5.1), with bodies drawn."""

    @given(
        st.recursive(
            _scalar,
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(
                        ('server', 'name', 'block_device_mapping_v2', 'x')
                    ),
                    inner,
                    max_size=3,
                ),
            ),
            max_leaves=8,
        )
    )
    def test_no_body_makes_it_fail(self, document: Any) -> None:
        request.creation(json.dumps(document).encode())
        request.rebuilds(json.dumps(document).encode())

    @given(st.binary(max_size=200))
    def test_no_bytes_make_it_fail(self, text: bytes) -> None:
        request.creation(text)

    @settings(max_examples=500)
    @given(_servers)
    def test_whatever_nova_reads_a_volume_for_is_seen(
        self, server: dict[str, Any]
    ) -> None:
        read = _nova_reads(server)
        if read is not None:
            found = request.creation(json.dumps({'server': server}).encode())
            self.assertIsNotNone(found, f'Nova reads volume {read}')
            assert found is not None
            self.assertEqual((Reads.VOLUME, read), (found.reads, found.id))


def _nova_reads(server: dict[str, Any]) -> str | None:
    """Return the volume whose metadata Nova takes for a new server.

    None where it takes none, or refuses. It is nova/block_device.py,
    from_api() and get_bdm_image_metadata(), with the schema's types.
    """
    legacy = server.get('block_device_mapping', [])
    current = server.get('block_device_mapping_v2', [])
    if server.get('imageRef') or (legacy and current):
        return None
    if legacy:
        devices = [_checked(one, legacy=True) for one in legacy]
    else:
        devices = [_checked(one, legacy=False) for one in current]
    if None in devices:
        return None
    known = [one for one in devices if one is not None]
    roots = [one for one in known if one.get('boot_index') == 0]
    if (not legacy and len(roots) != 1) or _too_many(server, known):
        return None
    for one in known:
        if legacy:
            name = re.sub('^/dev/', '', one.get('device_name') or '')
            letter = re.sub(r'^((x?v|s|h)d)', '', name)
            if re.sub(r'\d+', '', letter) != 'a':
                continue
        elif one.get('boot_index') != 0:
            continue
        if one.get('image_id') or one.get('snapshot_id'):
            return None
        if one.get('volume_id'):
            return str(one['volume_id'])
    return None


def _checked(one: dict[str, Any], *, legacy: bool) -> dict[str, Any] | None:
    """Return a device as Nova has it then, None where it refuses it."""
    ids = ('uuid', 'image_id', 'snapshot_id', 'volume_id')
    for key in (*ids, 'device_name'):
        if key in one and one[key] not in (
            V,
            W,
            IMAGE,
            None,
            '',
            'vda',
            '/dev/sda',
            'vdb',
        ):
            return None
    new = dict(one)
    if legacy:
        return (
            None if {'boot_index', 'uuid', 'source_type'} & set(one) else new
        )
    index = one.get('boot_index')
    if isinstance(index, (bool, float)) or 'source_type' not in one:
        return None
    if isinstance(index, str):
        if not re.search('^-?[0-9]+$', index):
            return None
        if not one.get('no_device'):
            new['boot_index'] = int(index)
    if not one.get('no_device') and one['source_type'] != 'blank':
        if not one.get('uuid'):
            return None
        new[f'{one["source_type"]}_id'] = one['uuid']
    return new


def _too_many(server: dict[str, Any], devices: list[dict[str, Any]]) -> bool:
    """Tell whether Nova refuses to give one volume to several servers."""
    counts = [server.get(key) for key in ('min_count', 'max_count')]
    if any(
        isinstance(one, bool)
        or not isinstance(one, (int, str, type(None)))
        or (isinstance(one, str) and not one.isdigit())
        or (isinstance(one, int) and one < 1)
        for one in counts
    ):
        return True
    return any(int(one or 1) > 1 for one in counts)
