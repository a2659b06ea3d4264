# SPDX-License-Identifier: Apache-2.0

"""apply --wait beside another tool, which this test is itself."""

from __future__ import annotations

import signal
import subprocess
import time
import unittest
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.clouds.scenario import I440FX, MACHINE_TYPE, Q35
from tests.functional import fleet as fleets
from tests.functional.base import FunctionalTest
from tests.functional.destination import Destination
from tests.functional.faulty_proxy import Fault, FaultyProxy, Request

SET, SHOW = 'os-set_image_metadata', 'os-show_image_metadata'
#: Seconds for what is to happen soon.
SOON = 60.0
#: Seconds after which the order of a write and a server is certain.
PROVEN = 14.0


def setUpModule() -> None:
    """Make a project, once for all tests of this module."""
    if not fleets.available():
        raise unittest.SkipTest("only the test clouds show Nova's record")
    WaitTest.destination = Destination.made()


def tearDownModule() -> None:
    """Delete it."""
    WaitTest.destination.remove()


class WaitTest(FunctionalTest):
    destination: Destination

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.destination.empty)
        self.cinder = self._counted('volumev3')
        self.nova = self._counted('compute')
        cloud = {
            **self.destination.cloud,
            'block_storage_endpoint_override': self.cinder.url,
            'compute_endpoint_override': self.nova.url,
        }
        self.configuration = self.directory / 'clouds.yaml'
        self._write(self.configuration, {'clouds': {'dst': cloud}})

    def _counted(self, service: str) -> FaultyProxy:
        """Return a proxy that counts what a service is asked."""
        adapter = self.destination.seeder.adapter(
            service, self.destination.project_id
        )
        proxy = FaultyProxy(str(adapter.get_endpoint()))
        proxy.listen()
        self.addCleanup(proxy.cut)
        return proxy

    def _write(self, path: Path, data: object) -> None:
        path.write_text(yaml.safe_dump(data), encoding='utf-8')

    def manifest(self, wishes: Mapping[str, str]) -> None:
        """Write a manifest of servers and their machine types."""
        self._write(
            self.directory / 'vms.yml',
            {'resources': [_resource(*wish) for wish in wishes.items()]},
        )

    def wait(self, *words: str) -> subprocess.Popen[str]:
        """Return apply --wait, which has looked once already."""
        process = self.start(
            *('migrate', 'machine-type', 'apply', '--long', '-f', 'json'),
            *('--destination-cloud', 'dst', '--auto-approve'),
            *('--wait', *words, 'vms.yml'),
        )
        self.soon(lambda: self.looks() > 0, 'it does not look')
        return process

    def looks(self) -> int:
        """Return how often the servers were listed."""
        return self.asked(self.nova)['servers/detail']

    def asked(self, proxy: FaultyProxy) -> Counter[str]:
        """Return how often a service was asked for what.

        The look for its API versions, which comes first, is left out.
        """
        root = urlsplit(proxy.url).path
        paths = [
            (one.request, urlsplit(one.request.path).path)
            for one in list(proxy.seen)
        ]
        return Counter(
            request.action or path[len(root) :].strip('/')
            for request, path in paths
            if len(path) > len(root) + 1
        )

    def soon(self, is_so: Callable[[], bool], otherwise: str) -> None:
        """Return when something is so; fail if it takes too long."""
        for _attempt in range(int(SOON / 0.1)):
            if is_so():
                return
            time.sleep(0.1)
        self.fail(otherwise)

    # What the other tool does.

    def volume(self, name: str) -> str:
        """Make and fill a server's volume."""
        return self.destination.seeder.volume(
            self.destination.project_id, f'{name}-boot', bootable=True
        )

    def server(self, name: str, volume_id: str) -> str:
        """Create a server from its volume."""
        made = self.destination.seeder.server(
            self.destination.project_id,
            name,
            block_devices=[
                {
                    'boot_index': 0,
                    'uuid': volume_id,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'delete_on_termination': True,
                }
            ],
        )
        return str(made['id'])

    def await_write(self, volume_id: str) -> None:
        """Return when a volume has a machine type."""
        self.soon(lambda: self._is_written(volume_id), 'it is not set')

    def _is_written(self, volume_id: str) -> bool:
        """Tell whether a volume has a machine type."""
        shown = self.destination.seeder.show_volume(
            self.destination.project_id, volume_id
        )
        return MACHINE_TYPE in shown.get('volume_image_metadata', {})

    def test_volumes_are_set_as_they_come_and_who_was_hasty_is_told(
        self,
    ) -> None:
        self.manifest(
            {'first': I440FX, 'hasty': I440FX, 'raced': Q35, 'last': Q35}
        )
        process = self.wait()
        first = self.volume('first')
        self.await_write(first)
        written = time.monotonic()

        process.send_signal(signal.SIGSTOP)
        volume_id = self.volume('hasty')
        hasty = self.server('hasty', volume_id)
        process.send_signal(signal.SIGCONT)
        self.await_write(volume_id)

        raced: list[str] = []

        def create_before_write(request: Request) -> Fault:
            if request.action == SET and request.volume_id and not raced:
                raced.append(self.server('raced', request.volume_id))
            return None

        self.cinder.rule = create_before_write
        self.await_write(self.volume('raced'))

        time.sleep(max(0.0, written + PROVEN - time.monotonic()))
        self.server('first', first)
        last = self.volume('last')
        self.await_write(last)
        self.server('last', last)
        answer = self.end(process, 1)

        self.assertEqual(
            {'first': I440FX, 'hasty': None, 'raced': None, 'last': Q35},
            self.destination.built_with(),
        )
        rows = {row['Server']: row for row in answer.rows}
        self.assertEqual(
            {
                'first': 'set',
                'hasty': 'too late',
                'raced': 'set',
                'last': 'set',
            },
            {name: row['Result'] for name, row in rows.items()},
        )
        self.assertIn(f'server {hasty} was built before', str(rows['hasty']))
        self.assertIn('--preserve-on-termination', rows['hasty']['Detail'])
        self.assertIn(
            f'server {raced[0]} was created at about the time',
            rows['raced']['Detail'],
        )
        self.assertNotIn(
            'was created at about the time', rows['first']['Detail']
        )
        for name in rows:
            self.assertRegex(answer.err, rf'(?m)^{name}: ')
        self._check_requests(len(rows))

    def _check_requests(self, volumes: int) -> None:
        """Each look is two listings, whatever there is."""
        cinder, looks = self.asked(self.cinder), self.looks()
        self.assertEqual({'servers/detail': looks}, self.asked(self.nova))
        others = set(cinder) - {'volumes/detail', SET, SHOW}
        self.assertEqual(
            {f'volumes/{one["id"]}': 1 for one in self._volumes()},
            {name: cinder[name] for name in others},
        )
        self.assertEqual(
            (looks, volumes), (cinder['volumes/detail'], cinder[SET])
        )
        # Each is also asked for what it has before it is written, and the
        # first one before that: nothing in the listing proved it.
        self.assertEqual(volumes + 1, cinder[SHOW])

    def _volumes(self) -> list[dict[str, Any]]:
        return self.destination.listed('volumev3', 'volumes')

    def test_what_has_not_come_in_time_is_told(self) -> None:
        self.manifest({'there': I440FX, 'missing': Q35})
        volume_id = self.volume('there')
        began = time.monotonic()
        answer = self.end(self.wait('--timeout', '5'), 1)
        self.assertLess(5, time.monotonic() - began)
        self.assertTrue(self._is_written(volume_id))
        self.assertEqual('set', answer.row(Server='there')['Result'])
        row = answer.row(Server='missing')
        self.assertEqual('refused', row['Result'])
        self.assertIn('missing-boot', row['Detail'])
        self.assertIn(
            'Timed out. No volume found yet for missing\n', answer.err
        )

    def test_an_interrupt_ends_it_with_what_is_known(self) -> None:
        self.manifest({'there': I440FX, 'missing': Q35})
        volume_id = self.volume('there')
        process = self.wait()
        self.await_write(volume_id)
        process.send_signal(signal.SIGINT)
        answer = self.end(process, 130)
        self.assertEqual('set', answer.row(Server='there')['Result'])
        self.assertEqual('refused', answer.row(Server='missing')['Result'])
        self.assertIn('Interrupted. Run the same command', answer.err)
        self.assertIn('Journal: ', answer.err)


def _resource(name: str, wanted: str) -> dict[str, Any]:
    return {
        'type': 'openstack.compute.Server',
        'params': {
            'name': name,
            MACHINE_TYPE: wanted,
            'volumes': [
                {
                    'type': 'openstack.network.ServerVolume',
                    'params': {'name': f'{name}-boot'},
                    '_info': {
                        'id': str(uuid.uuid4()),
                        'is_bootable': True,
                        'size': 1,
                    },
                }
            ],
        },
        '_info': {'id': str(uuid.uuid4())},
        '_migration_params': {},
    }
