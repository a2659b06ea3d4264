# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import json
import logging
import sys
import types
from collections.abc import Iterable
from typing import Any

import fixtures

from osc_hwmt.gate import nova_filter
from osc_hwmt.gate.section import section
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal import log
from osc_hwmt.manifest import reading
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import OWN, PC
from tests.unit.support.gating import listed, ordering


class Cinderclient:
    """As much of python-cinderclient as is used, with one volume."""

    def __init__(self) -> None:
        self.metadata: dict[str, str] = {}
        self.volumes = self
        self.client = self

    def get(self, path: str) -> tuple[None, dict[str, Any]]:
        if path.startswith('/snapshots'):
            return None, {'snapshot': {'volume_id': 'v'}}
        volume = {
            'id': path.rpartition('/')[2],
            'name': 'web-boot',
            'size': 1,
            'bootable': 'true',
            'status': 'available',
            'volume_image_metadata': self.metadata,
        }
        return None, {'volume': volume}

    def show_image_metadata(self, _volume_id: str) -> tuple[None, Any]:
        return None, {'metadata': self.metadata}

    def set_image_metadata(
        self, _volume_id: str, values: dict[str, str]
    ) -> tuple[None, Any]:
        self.metadata.update(values)
        return None, {'metadata': self.metadata}


class NotFound(Exception):
    """nova.exception.NotFound, and its heirs."""


class NovaException(Exception):
    """nova.exception.NovaException."""


class FilterTestCase(cases.TestCase):
    """nova-api with a filter, of which the modules are doubles."""

    def setUp(self) -> None:
        super().setUp()
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        self.logged = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.cinder = Cinderclient()
        self.images: dict[str, Any] = {
            'i': {'id': 'i', 'name': None, 'properties': {}}
        }
        self.region: str | None = None
        self.context = types.SimpleNamespace(
            project_id=OWN.id,
            service_catalog=[
                {'type': 'volumev3', 'endpoints': [{'region': 'RegionOne'}]},
                {'type': 'image', 'endpoints': [{'region': 'RegionTwo'}]},
            ],
        )
        self._pretend_nova()
        self.text = fakes.manifest_text(listed())

    def _pretend_nova(self) -> None:
        def image(_context: Any, image_id: str) -> Any:
            if image_id == 'broken':
                raise NovaException('glance is away')
            if image_id not in self.images:
                raise NotFound(image_id)
            return self.images[image_id]

        def server(_context: Any, server_id: str) -> Any:
            if server_id != 's':
                raise NotFound(server_id)
            return types.SimpleNamespace(display_name='web')

        api = types.SimpleNamespace(get=image)
        nova: dict[str, dict[str, Any]] = {
            'nova': {},
            'nova.conf': {
                'CONF': types.SimpleNamespace(
                    cinder=types.SimpleNamespace(os_region_name=self.region)
                )
            },
            'nova.exception': {
                'NotFound': NotFound,
                'ImageNotFound': NotFound,
                'ImageNotAuthorized': NotFound,
                'NovaException': NovaException,
            },
            'nova.compute': {},
            'nova.compute.api': {
                'API': lambda: types.SimpleNamespace(get=server)
            },
            'nova.volume': {},
            'nova.volume.cinder': {'cinderclient': lambda _ctx: self.cinder},
            'nova.image': {},
            'nova.image.glance': {'API': lambda: api},
        }
        for name, members in nova.items():
            module = types.ModuleType(name)
            vars(module).update(members)
            self.useFixture(
                fixtures.MonkeyPatch(
                    'sys.modules', {**sys.modules, name: module}
                )
            )
            parent, _dot, last = name.rpartition('.')
            if parent:
                setattr(sys.modules[parent], last, module)

    def post(
        self, body: Any, path: str = '/servers', **section: str
    ) -> tuple[str, Any]:
        """Return what a request is answered; Nova itself says 202."""
        text = json.dumps(body).encode()

        def nova(_environ: Any, start_response: Any) -> Iterable[bytes]:
            start_response('202 Accepted', [])
            return [b'{}']

        settings = {'manifest_text': self.text, **section}
        application = nova_filter.filter_factory({}, **settings)(nova)
        statuses: list[str] = []
        environ = {
            'REQUEST_METHOD': 'POST',
            'SCRIPT_NAME': '/v2.1',
            'PATH_INFO': path,
            'CONTENT_LENGTH': str(len(text)),
            'wsgi.input': io.BytesIO(text),
            'nova.context': self.context,
            'keystone.token_info': {
                'token': {
                    'project': {
                        'name': OWN.name,
                        'domain': {'name': OWN.domain_name},
                    }
                }
            },
        }
        pieces = application(environ, lambda *one: statuses.append(one[0]))
        return statuses[0], json.loads(b''.join(pieces))

    def create(self, **server: Any) -> str:
        body = {'server': {**ordering(), **server}}
        return self.post(body)[0]


class FilterTest(FilterTestCase):
    def test_a_listed_server_gets_its_machine_type_by_novas_client(
        self,
    ) -> None:
        self.assertEqual('202 Accepted', self.create())
        self.assertEqual({'hw_machine_type': PC}, self.cinder.metadata)
        self.assertIn(
            'osc-hwmt: web (erp): set on volume v', self.logged.output
        )

    def test_the_journal_is_in_the_log(self) -> None:
        self.create()
        found = log.journals(self.logged.output)
        self.assertEqual([(OWN.id, 'RegionOne')], [*found])
        (text,) = found.values()
        record = journal_format.read_journal(text, 'log')
        self.assertEqual(
            ('gate', 'nova'), (record.header.command, record.header.cloud)
        )
        (announced,) = record.announced
        self.assertEqual('v', announced.write.volume_id)

    def test_an_image_is_read_by_novas_client(self) -> None:
        image = {'block_device_mapping_v2': [], 'imageRef': 'i'}
        self.assertEqual('409 Conflict', self.create(**image))
        self.images['i']['properties']['hw_machine_type'] = PC
        self.assertEqual('202 Accepted', self.create(**image))
        self.assertEqual(
            '202 Accepted', self.create(**{**image, 'imageRef': 'gone'})
        )
        self.assertEqual(
            '503 Service Unavailable',
            self.create(**{**image, 'imageRef': 'broken'}),
        )

    def test_of_a_snapshot_the_volume_is_read(self) -> None:
        (device,) = ordering()['block_device_mapping_v2']
        one = {**device, 'source_type': 'snapshot', 'uuid': 's'}
        order = {'block_device_mapping_v2': [one]}
        self.assertEqual('409 Conflict', self.create(**order))
        self.cinder.metadata['hw_machine_type'] = PC
        self.assertEqual('202 Accepted', self.create(**order))

    def test_a_rebuild_is_known_by_the_servers_name(self) -> None:
        for server_id, status in (
            ('s', '409 Conflict'),
            ('t', '202 Accepted'),
        ):
            path = f'/servers/{server_id}/action'
            answered = self.post({'rebuild': {}}, path, rebuild='refuse')
            self.assertEqual(status, answered[0])

    def test_a_manifest_may_be_a_file_and_mended_while_nova_serves(
        self,
    ) -> None:
        path = self.directory() / 'workloads.yml'
        path.write_text('x')
        self.text = ''
        body = {'server': ordering()}
        settings = {'manifest': str(path), 'strict': 'true'}
        self.assertEqual('409 Conflict', self.post(body, **settings)[0])
        path.write_text(fakes.manifest_text(listed()))
        self.assertEqual('202 Accepted', self.post(body, **settings)[0])
        path.write_text('x')
        self.assertEqual('202 Accepted', self.post(body, **settings)[0])
        self.assertIn(
            'still using the manifests read before: ', self.logged.output
        )

    def test_what_gate_filter_prints_is_read(self) -> None:
        entries = reading.read_manifest(self.text, 'a.yml').entries
        printed = section(entries).partition('manifest_text = ')[2]
        self.text = printed
        self.assertEqual('202 Accepted', self.create())
        self.assertEqual({'hw_machine_type': PC}, self.cinder.metadata)

    def test_a_region_that_nova_names_is_the_journals(self) -> None:
        self.region = 'RegionNine'
        self._pretend_nova()
        self.create()
        self.assertEqual(
            [(OWN.id, 'RegionNine')], [*log.journals(self.logged.output)]
        )


class SettingsTest(FilterTestCase):
    def test_a_wrong_setting_is_told_when_nova_starts(self) -> None:
        for wrong, told in (
            ({'mode': 'on'}, 'mode: expected one of enforce, audit'),
            ({'missing': 'pass'}, 'missing: expected one of refuse, warn'),
            ({'strict': 'yes'}, 'strict: expected one of true, false'),
            (
                {'timeout': '0'},
                'timeout: expected seconds, from 1 to 30, found',
            ),
            ({'timeout': '31'}, 'from 1 to 30, found 31'),
            ({'timeout': 'x'}, 'from 1 to 30, found x'),
            ({'manifets': 'x'}, 'manifets: expected one of manifest,'),
            ({'destination_release': 'x'}, 'destination_release: '),
            ({'manifest_text': ' '}, 'expected manifest or manifest_text'),
        ):
            settings = {'manifest_text': self.text, **wrong}
            error = self.assertRaises(
                ValueError, nova_filter.filter_factory, {}, **settings
            )
            self.assertIn(told, str(error))

    def test_a_wrong_manifest_does_not_keep_nova_from_starting(self) -> None:
        self.text = 'resources: ['
        self.assertEqual('409 Conflict', self.create())
        self.assertIn('[filter]:2:1', self.logged.output)
        body = {'server': ordering('other')}
        answered = self.post(body, missing='warn')
        self.assertEqual('202 Accepted', answered[0])

    def test_what_the_release_cannot_run_is_refused_unless_ignored(
        self,
    ) -> None:
        self.text = fakes.manifest_text(
            listed(params={'hw_machine_type': 'pc-i440fx-rhel6.0.0'})
        )
        body = {'server': ordering()}
        settings = {'destination_release': 'rhoso18'}
        self.assertEqual('409 Conflict', self.post(body, **settings)[0])
        settings['ignore_unsupported'] = 'true'
        self.assertEqual('202 Accepted', self.post(body, **settings)[0])
