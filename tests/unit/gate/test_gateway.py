# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import json
import threading
from typing import Any

from osc_hwmt.cloud.forwarding import Service
from osc_hwmt.compatibility.computes import NOTHING_KNOWN
from osc_hwmt.exceptions import CloudError
from osc_hwmt.gate.gateway import Gateway
from osc_hwmt.gate.middleware import Settings
from osc_hwmt.gate.writers import Writers
from osc_hwmt.journal.place import Place
from tests.unit.support import fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC
from tests.unit.support.gating import GateTestCase, ordering
from tests.unit.support.service import RecordingService

OWN = 'http://127.0.0.1:8790'


class FrontedCloud(FakeCloud):
    """A cloud with services to hand requests on to."""

    def __init__(self, nova: str, keystone: str) -> None:
        super().__init__(volumes=[fakes.volume('v')])
        self.auth_url = f'{keystone}/v3'
        self.tokens: list[str] = []
        self._nova = nova

    def addresses(self, service_type: str) -> list[str]:
        if service_type == 'compute':
            return [f'{self._nova}/v2.1', 'https://nova.internal/v2.1']
        return ['https://keystone.internal/v3']

    def service(self, root: str) -> Service:
        return Service(root, True, None, 4, 5.0)

    def with_token(self, token: str) -> FrontedCloud:
        self.tokens.append(token)
        if token != 'good':
            raise CloudError('no such token', 404)
        return self


class GatewayTest(GateTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.nova, self.keystone = (RecordingService(self) for _n in '12')
        self.fronted = FrontedCloud(self.nova.url, self.keystone.url)
        writers = Writers(
            self.manifests,
            Place(),
            NOTHING_KNOWN,
            strict=False,
            ignore_unsupported=False,
            say=self.said.append,
        )
        self.addCleanup(writers.close)
        fronted: Any = self.fronted
        self.gateway = Gateway(
            OWN,
            fronted,
            self.manifests,
            Settings(),
            writers,
            lambda *one: self.told.append(one),
        )

    def ask(
        self, method: str, path: str, body: bytes = b'', **more: Any
    ) -> tuple[str, dict[str, str], Any]:
        answered: list[Any] = []
        environ = {
            'REQUEST_METHOD': method,
            'SCRIPT_NAME': '',
            'PATH_INFO': path,
            'CONTENT_LENGTH': str(len(body)),
            'CONTENT_TYPE': 'application/json',
            'HTTP_X_AUTH_TOKEN': 'good',
            'wsgi.input': io.BytesIO(body),
            **more,
        }
        pieces = self.gateway(environ, lambda *one: answered.append(one))
        text = b''.join(pieces)
        ((status, headers),) = answered
        return status, dict(headers), json.loads(text) if text else None

    def create(self, **more: Any) -> str:
        text = json.dumps({'server': ordering()}).encode()
        return self.ask('POST', '/compute/v2.1/servers', text, **more)[0]

    def test_both_services_are_behind_it(self) -> None:
        self.ask('GET', '/compute/v2.1/servers', QUERY_STRING='name=a%20b')
        self.ask('POST', '/identity/v3/auth/tokens', b'{"auth": 1}')
        (servers,), (login,) = self.nova.asked, self.keystone.asked
        self.assertEqual('/v2.1/servers?name=a%20b', servers.path)
        self.assertEqual('good', servers.headers['X-Auth-Token'])
        self.assertEqual('/v3/auth/tokens', login.path)
        self.assertEqual(b'{"auth": 1}', login.body)
        self.assertEqual('application/json', login.headers['Content-Type'])

    def test_nothing_else_is(self) -> None:
        for path in ('/', '/volume/v3', '/computes', '/compute/../x'):
            status, _headers, body = self.ask('GET', path)
            self.assertIn(status[:3], ('404', '400'), path)
            self.assertIn('message', next(iter(body.values())))
        self.assertEqual([], self.nova.asked)

    def test_the_catalog_names_the_gate_for_nova_and_keystone(self) -> None:
        urls = [
            f'{self.nova.url}/v2.1',
            'https://nova.internal/v2.1',
            'https://keystone.internal/v3',
            'https://glance.test',
        ]
        self.keystone.body = json.dumps([{'url': u} for u in urls]).encode()
        _status, headers, body = self.ask('GET', '/identity/v3/auth/catalog')
        self.assertEqual(
            [
                f'{OWN}/compute/v2.1',
                f'{OWN}/compute/v2.1',
                f'{OWN}/identity/v3',
                'https://glance.test',
            ],
            [one['url'] for one in body],
        )
        self.assertEqual(len(json.dumps(body)), int(headers['Content-Length']))

    def test_what_is_no_json_is_not_touched(self) -> None:
        self.nova.headers['Content-Type'] = 'text/plain'
        self.nova.headers['Location'] = f'{self.nova.url}/v2.1/servers/1'
        self.nova.body = f'{{"url": "{self.nova.url}/"}}'.encode()
        _status, headers, body = self.ask('GET', '/compute/v2.1/x')
        self.assertEqual(f'{self.nova.url}/', body['url'])
        self.assertEqual(f'{OWN}/compute/v2.1/servers/1', headers['Location'])

    def test_a_server_is_created_with_its_callers_own_token(self) -> None:
        self.nova.status = 202
        self.assertEqual('202 Accepted', self.create())
        self.assertEqual(['good'], self.fronted.tokens)
        held = self.fronted.block_storage.held['v'].image_metadata
        self.assertEqual({'hw_machine_type': PC}, held)
        (asked,) = self.nova.asked
        self.assertEqual(
            'v',
            json.loads(asked.body)['server']['block_device_mapping_v2'][0][
                'uuid'
            ],
        )

    def test_without_a_good_token_nothing_is_written(self) -> None:
        for token in ('bad', ''):
            self.create(HTTP_X_AUTH_TOKEN=token)
        self.assertEqual([], self.fronted.writes)
        self.assertEqual(2, len(self.nova.asked))

    def test_a_nova_that_does_not_answer_is_told(self) -> None:
        fronted: Any = FrontedCloud('http://127.0.0.1:1', self.keystone.url)
        self.gateway = Gateway(
            OWN,
            fronted,
            self.manifests,
            Settings(),
            lambda *_any: self.fail('nothing is written'),
            lambda *_any: None,
        )
        status, _headers, body = self.ask('GET', '/compute/v2.1/servers')
        self.assertEqual('502 Bad Gateway', status)
        self.assertIn('cannot be reached', body['computeFault']['message'])

    def test_a_cloud_behind_itself_is_refused(self) -> None:
        fronted: Any = FrontedCloud(f'{OWN}/compute', self.keystone.url)
        error = self.assertRaises(
            CloudError,
            Gateway,
            OWN,
            fronted,
            self.manifests,
            Settings(),
            lambda *_any: None,
            lambda *_any: None,
        )
        self.assertIn(
            'its address in clouds.yaml is that of the gate', str(error)
        )

    def test_at_the_end_requests_under_way_are_waited_for(self) -> None:
        begun, goes_on = threading.Event(), threading.Event()

        def slow(_self: Any, *_any: Any) -> Any:
            begun.set()
            goes_on.wait(10)
            raise CloudError('late')

        self.replace('osc_hwmt.cloud.forwarding.Service.send', slow)
        answers: list[str] = []
        asking = threading.Thread(
            target=lambda: answers.append(self.ask('GET', '/compute/a')[0])
        )
        asking.start()
        begun.wait(10)
        ending = threading.Thread(target=self.gateway.end)
        ending.start()
        while not self.gateway.is_ending:
            pass
        self.assertEqual('503 Service Unavailable', self.create())
        self.assertTrue(ending.is_alive())
        goes_on.set()
        for one in (asking, ending):
            one.join(10)
        self.assertEqual(['502 Bad Gateway'], answers)
        self.assertFalse(ending.is_alive())
