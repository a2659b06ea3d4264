# SPDX-License-Identifier: Apache-2.0

"""The filter in a real nova-api: each shape of an order, and what is built."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import fixtures
import requests
from openstack import connection

from osc_hwmt.gate.section import section
from osc_hwmt.journal import log
from osc_hwmt.manifest import reading
from tests.clouds import state
from tests.clouds.cloud import NOVA, Cloud
from tests.clouds.parallel import in_parallel
from tests.functional.destination import MACHINE_TYPE
from tests.functional.gating import DEVICES, PC, Q35, GateTest
from tests.functional.with_clouds import DESTINATION
from tests.gate.filtered import filtered, install

LIMIT = 120
#: Beside the server, and not in it.
HINTS = 'OS-SCH-HNT:scheduler_hints'
#: A name that YAML, JSON and configparser each would spoil in their own way.
ODD = 'erp %(here)s \u30b5 "\' # ;'

Shape = Callable[['FilterTest', str], dict[str, Any]]


def _new(**more: Any) -> Shape:
    return lambda test, volume: {DEVICES: [test.root(volume, **more)]}


def _old(name: str = 'vda') -> Shape:
    return lambda _test, volume: {
        'block_device_mapping': [{'device_name': name, 'volume_id': volume}]
    }


#: Orders of which Nova reads the boot volume.
READ: dict[str, Shape] = {
    'number': _new(),
    'text': _new(boot_index='0'),
    'zeros': _new(boot_index='00'),
    'minus': _new(boot_index='-0'),
    'last': lambda test, volume: {
        DEVICES: [
            test.root(test.volume('data'), boot_index=-1),
            test.root(volume),
        ]
    },
    'uuid-first': lambda test, volume: {
        DEVICES: [test.root(volume, volume_id=test.volume('other'))]
    },
    'older': _old(),
    'older-path': _old('/dev/vda'),
    'empty-image': lambda test, volume: {
        'imageRef': '',
        DEVICES: [test.root(volume)],
    },
    'no-type': _new(),
    'odd-type': _new(),
    'hints': lambda test, volume: {
        DEVICES: [test.root(volume)],
        HINTS: {'different_cell': []},
    },
    ODD: _new(),
}
#: Those of which it reads something else, or nothing.
OTHER: dict[str, Shape] = {
    'image-beside': lambda test, volume: {
        'imageRef': test.image,
        DEVICES: [test.root(volume)],
    },
    'image-alone': lambda test, _volume: {'imageRef': test.image},
    'from-image': lambda test, _volume: {
        DEVICES: [test.root(test.image, source_type='image', volume_size=1)]
    },
    'blank': lambda test, _volume: {
        DEVICES: [
            {
                'boot_index': 0,
                'source_type': 'blank',
                'destination_type': 'volume',
                'volume_size': 1,
            }
        ]
    },
    'snapshot': lambda test, volume: {
        DEVICES: [
            test.root(
                test.snapshot(volume), source_type='snapshot', volume_size=1
            )
        ]
    },
}
#: Those that Nova refuses by itself, with 400.
REFUSED: dict[str, Shape] = {
    'no-root': _new(boot_index=-1),
    'two-roots': lambda test, volume: {
        DEVICES: [test.root(volume), test.root(volume)]
    },
    'both-forms': lambda test, volume: {
        **_old()(test, volume),
        DEVICES: [test.root(volume)],
    },
    'two-servers': lambda test, volume: {
        DEVICES: [test.root(volume)],
        'max_count': 2,
    },
    'upper-case': lambda test, volume: {DEVICES: [test.root(volume.upper())]},
}


class FilterTest(GateTest):
    image: str
    url: str
    token: str
    cloud: Cloud
    listed: Path

    @classmethod
    def setUpClass(cls) -> None:
        """Start Nova with the filter in it, once for all tests."""
        super().setUpClass()
        home = fixtures.TempDir()
        home.setUp()
        cls.addClassCleanup(home.cleanUp)
        target = Path(home.path)
        cls.listed = target / 'workloads.yml'
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.cloud = stack.enter_context(cls._filtered(target))
        cls.image = cls.destination.seeder.image(
            cls.destination.project_id,
            cls.destination.seeder.prefixed('image'),
            {},
        )
        member = connection.Connection(**cls.destination.cloud)
        cls.addClassCleanup(member.close)
        cls.token = member.session.get_token()
        cls.url = member.compute.get_endpoint().rstrip('/')

    @classmethod
    @contextlib.contextmanager
    def _filtered(cls, target: Path) -> Iterator[Any]:
        name = os.environ[DESTINATION]
        cloud = state.recorded_cloud(state.default_directory(), name)
        assert cloud is not None
        install(cloud.environment.python, target)
        text = (
            '[filter:machine_type_gate]\n'
            'paste.filter_factory = osc_hwmt.gate.nova_filter:filter_factory\n'
            f'manifest = {cls.listed}\n'
        )
        # No manifest yet: that keeps nova-api from nothing.
        with filtered(name, text, target) as running:
            yield running

    def setUp(self) -> None:
        super().setUp()
        self.manifest = self.listed
        self.list_servers(
            **{name: PC for name in (*READ, *OTHER, *REFUSED)}, plain=None
        )

    def snapshot(self, volume_id: str) -> str:
        """Return a new snapshot of a volume, once it is there."""
        project = self.destination.project_id
        cinder = self.destination.seeder.adapter('volumev3', project)
        made = cinder.post(
            '/snapshots',
            json={'snapshot': {'volume_id': volume_id, 'force': True}},
        ).json()['snapshot']['id']
        self.addCleanup(self._delete_snapshot, cinder, made)
        return str(made)

    def _delete_snapshot(self, cinder: Any, snapshot_id: str) -> None:
        cinder.delete(f'/snapshots/{snapshot_id}')
        for _attempt in range(LIMIT):
            shown = cinder.get(f'/snapshots/{snapshot_id}', raise_exc=False)
            if shown.status_code == 404:
                return

    def post(
        self, name: str, server: dict[str, Any], path: str = '/servers'
    ) -> requests.Response:
        """Return what Nova answers to a raw order."""
        order = self.order(name, **server)
        hints = order['server'].pop(HINTS, None)
        if hints:
            order[HINTS] = hints
        kinds = {'no-type': {}, 'odd-type': {'Content-Type': 'text/plain'}}
        return requests.post(
            f'{self.url}{path}',
            data=json.dumps(order),
            headers={
                'X-Auth-Token': self.token,
                'X-OpenStack-Nova-API-Version': '2.60',
                **kinds.get(name, {'Content-Type': 'application/json'}),
            },
            timeout=LIMIT,
        )

    def built(self, answer: requests.Response, about: str = '') -> None:
        """Return when a server is built; 202 is expected."""
        self.assertEqual(202, answer.status_code, f'{about}: {answer.text}')
        self.destination.seeder.await_server(
            self.destination.project_id, answer.json()['server']['id']
        )

    def test_whatever_nova_reads_a_listed_volume_for_is_built_right(
        self,
    ) -> None:
        volumes = {name: self.volume() for name in READ}

        def order(name: str) -> None:
            server = READ[name](self, volumes[name])
            self.built(self.post(name, server), name)

        in_parallel(order, READ, 4)
        built = self.destination.built_with()
        self.assertEqual(dict.fromkeys(READ, PC), built)

    def test_every_path_that_nova_takes_is_seen(self) -> None:
        project = self.destination.project_id
        for name, path in (
            ('number', f'/{project}/servers'),
            ('text', '//servers'),
            ('zeros', '/%73ervers'),
        ):
            server = READ[name](self, self.volume())
            self.built(self.post(name, server, path), path)
        taken = self._ordered_as_old_clients_do(self.volume())
        # The older API, which knows no microversion and cuts off spaces.
        self.url = self.url.replace('/v2.1', '/v2')
        older = READ['older'](self, self.volume())
        self.built(self.post(' older ', {**older, 'networks': []}), '/v2')
        self.assertEqual(
            dict.fromkeys(('number', 'text', 'zeros', 'older', *taken), PC),
            self.destination.built_with(),
        )

    def _ordered_as_old_clients_do(self, volume_id: str) -> Sequence[str]:
        """Return what was built of an order that Nova 33 itself fails at."""
        server = READ['minus'](self, volume_id)
        answer = self.post('minus', server, '/os-volumes_boot')
        seen = self.destination.seeder.show_volume(
            self.destination.project_id, volume_id
        )
        self.assertEqual(PC, seen['volume_image_metadata'][MACHINE_TYPE])
        if answer.status_code == 500:
            self.assertIn('Unexpected API Error', answer.text)
            return ()
        self.built(answer, 'os-volumes_boot')
        return ('minus',)

    def test_what_cannot_be_set_beforehand_is_refused(self) -> None:
        for name, shape in OTHER.items():
            answer = self.post(name, shape(self, self.volume()))
            self.assertEqual(409, answer.status_code, f'{name}: {answer.text}')
            fault = answer.json()['conflictingRequest']['message']
            self.assertIn(f'osc-hwmt: {name}: ', fault)
            self.assertIn('x-openstack-request-id', answer.headers)
        self.assertEqual({}, self.destination.built_with())

    def test_without_an_entry_nova_builds_what_the_gate_would_refuse(
        self,
    ) -> None:
        self.list_servers(other=PC)
        typed = self.destination.seeder.image(
            self.destination.project_id,
            self.destination.seeder.prefixed('q35'),
            {'hw_machine_type': Q35},
        )
        volume = self.volume(properties={'hw_machine_type': PC})
        self.built(
            self.post(
                'image-beside',
                {'imageRef': typed, DEVICES: [self.root(volume)]},
            )
        )
        snapshot = OTHER['snapshot'](self, volume)
        self.built(self.post('snapshot', snapshot))
        self.assertEqual(
            {'image-beside': Q35, 'snapshot': PC},
            self.destination.built_with(),
        )

    def test_what_nova_refuses_is_refused_by_nova(self) -> None:
        for name, shape in REFUSED.items():
            volume = self.volume()
            answer = self.post(name, shape(self, volume))
            self.assertEqual(400, answer.status_code, f'{name}: {answer.text}')
            self.assertNotIn('osc-hwmt', answer.text)
            self.assertEqual({}, self.metadata(volume), name)

    def test_many_orders_at_once_do_not_stop_nova(self) -> None:
        names = [f'many-{n}' for n in range(24)]
        self.list_servers(**dict.fromkeys(names, PC))
        volumes = in_parallel(lambda _name: self.volume(), names, 4)

        def order(pair: tuple[str, str]) -> requests.Response:
            for _attempt in range(3):
                answer = self.post(pair[0], {DEVICES: [self.root(pair[1])]})
                if answer.status_code != 503:
                    break
                time.sleep(int(answer.headers['Retry-After']))
            return answer

        answers = in_parallel(order, list(zip(names, volumes)), 24)
        for answer in answers:
            self.built(answer)
        self.assertEqual(
            dict.fromkeys(names, PC), self.destination.built_with()
        )

    def test_a_rebuild_is_told(self) -> None:
        answer = self.post('number', READ['number'](self, self.volume()))
        self.built(answer)
        server = answer.json()['server']['id']
        requests.post(
            f'{self.url}/servers/{server}/action',
            json={'rebuild': {'imageRef': self.image}},
            headers={'X-Auth-Token': self.token},
            timeout=LIMIT,
        )
        text = self.cloud.log(NOVA).read_text()
        self.assertIn('rebuilt: a rebuild replaces the machine type', text)

    def test_the_log_has_the_journal_and_a_line_for_each_order(self) -> None:
        self.list_servers(logged=PC)
        volume = self.volume()
        self.built(self.post('logged', {DEVICES: [self.root(volume)]}))
        self.built(self.post('other', {DEVICES: [self.root(self.volume())]}))
        text = self.cloud.log(NOVA).read_text()
        self.assertIn(f'set on volume {volume}: hw_machine_type', text)
        self.assertIn('osc-hwmt: other: not listed', text)
        journals = log.journals(text)
        mine = [
            one
            for (project, _region), one in journals.items()
            if project == self.destination.project_id
        ]
        self.assertIn(volume, mine[0])

    def test_a_manifest_that_breaks_leaves_the_last_good_one(self) -> None:
        self.built(self.post('number', READ['number'](self, self.volume())))
        self.manifest.write_text('resources: [')
        self.built(self.post('text', READ['text'](self, self.volume())))
        self.assertEqual(
            {'number': PC, 'text': PC}, self.destination.built_with()
        )
        self.assertIn(
            'still using the manifests read before',
            self.cloud.log(NOVA).read_text(),
        )


class SectionTest(GateTest):
    """Servers that stand in api-paste.ini itself."""

    def test_the_section_that_is_printed_serves_and_leaves_nothing(
        self,
    ) -> None:
        self.list_servers(**{ODD: PC})
        text = self.manifest.read_text()
        entries = reading.read_manifest(text, 'workloads.yml').entries
        name = os.environ[DESTINATION]
        cloud = state.recorded_cloud(state.default_directory(), name)
        assert cloud is not None
        install(cloud.environment.python, self.directory)
        with filtered(name, section(entries), self.directory):
            self.create(ODD)
            self.assertEqual({ODD: PC}, self.destination.built_with())
        self.destination.empty()
        self.create(ODD)
        self.assertEqual({ODD: None}, self.destination.built_with())

    def create(self, name: str) -> None:
        project = self.destination.project_id
        self.destination.seeder.server(
            project, name, block_devices=[self.root(self.volume())]
        )
