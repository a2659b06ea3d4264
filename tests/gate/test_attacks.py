# SPDX-License-Identifier: Apache-2.0

"""The gateway and those who mean no good, or have no luck."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.functional.destination import Destination
from tests.functional.gating import DEVICES, PC, Q35, GateTest

NOVA = {'X-OpenStack-Nova-API-Version': '2.60'}


class AttacksTest(GateTest):
    def setUp(self) -> None:
        super().setUp()
        self.list_servers(erp=PC)

    def token(self, url: str, cloud: Any = None) -> str:
        """Return a token of a cloud's user, from behind a gateway."""
        auth = (cloud or self.destination.cloud)['auth']
        domain = {'name': auth['user_domain_name']}
        user = {'name': auth['username'], 'password': auth['password']}
        answer = requests.post(
            f'{url}/identity/v3/auth/tokens',
            json={
                'auth': {
                    'identity': {
                        'methods': ['password'],
                        'password': {'user': {**user, 'domain': domain}},
                    },
                    'scope': {
                        'project': {
                            'name': auth['project_name'],
                            'domain': {'name': auth['project_domain_name']},
                        }
                    },
                }
            },
            timeout=60,
        )
        self.assertEqual(201, answer.status_code, answer.text)
        return answer.headers['X-Subject-Token']

    def post(
        self,
        url: str,
        order: Any,
        token: str | None = None,
        code: int = 202,
        built_in: Destination | None = None,
    ) -> requests.Response:
        """Return the answer to an order, once its server is built if any."""
        answer = requests.post(
            f'{url}/compute/v2.1/servers',
            json=order,
            headers={**NOVA, 'X-Auth-Token': token or self.token(url)},
            timeout=60,
        )
        self.assertEqual(code, answer.status_code, answer.text)
        if code == 202:
            place = built_in or self.destination
            place.seeder.await_server(
                place.project_id, answer.json()['server']['id']
            )
        return answer

    def test_a_token_of_another_project_writes_nothing_here(self) -> None:
        gateway = self.gateway()
        other = Destination.made()
        self.addCleanup(other.remove)
        volume_id = self.volume()
        token = self.token(gateway.url, other.cloud)
        order = self.order('erp', self.root(volume_id))
        self.post(gateway.url, order, token, 400)
        self.assertEqual({}, self.metadata(volume_id))
        self.assertIn('not listed', gateway.all)
        own = other.seeder.volume(other.project_id, 'boot', bootable=True)
        order = self.order('erp', self.root(own))
        self.post(gateway.url, order, token, built_in=other)
        self.assertIsNone(other.built_with()['erp'])

    def test_a_token_that_is_none_writes_nothing(self) -> None:
        gateway = self.gateway()
        volume_id = self.volume()
        order = self.order('erp', self.root(volume_id))
        self.post(gateway.url, order, 'made-up', 401)
        self.assertEqual({}, self.metadata(volume_id))

    def test_without_cinder_nothing_is_built(self) -> None:
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            nobody = f'http://127.0.0.1:{listener.getsockname()[1]}/v3'
        self.configuration = self.clouds(
            {
                **self.destination.cloud,
                'block_storage_endpoint_override': nobody,
            }
        )
        gateway = self.gateway('--timeout', '3')
        order = self.order('erp', self.root(self.volume()))
        answer = self.post(gateway.url, order, code=503)
        self.assertEqual('10', answer.headers['Retry-After'])
        self.assertEqual({}, self.destination.built_with())

    def test_a_manifest_may_be_replaced_broken_and_mended(self) -> None:
        gateway = self.gateway()
        token = self.token(gateway.url)
        self.list_servers(web=Q35)
        order = self.order('web', self.root(self.volume()))
        self.post(gateway.url, order, token)
        self.manifest.write_text('resources: [')
        order = self.order('any', self.root(self.volume()))
        answer = self.post(gateway.url, order, token, 409)
        self.assertIn('not valid YAML', answer.text)
        self.list_servers(web=Q35)
        self.post(gateway.url, order, token)
        self.assertEqual(Q35, self.recorded('web'))

    def test_slow_and_huge_bodies_keep_nobody_waiting(self) -> None:
        gateway = self.gateway()
        port = int(gateway.url.rpartition(':')[2])
        slow = []
        for _number in range(100):
            one = socket.create_connection(('127.0.0.1', port))
            self.addCleanup(one.close)
            one.sendall(
                b'POST /compute/v2.1/servers HTTP/1.1\r\nHost: a\r\n'
                b'Content-Length: 100000\r\n\r\n{'
            )
            slow.append(one)
        huge = requests.post(
            f'{gateway.url}/compute/v2.1/servers',
            data=b'x' * (2 << 20),
            timeout=60,
        )
        self.assertEqual(413, huge.status_code)
        self.post(gateway.url, self.order('erp', self.root(self.volume())))
        self.assertEqual(PC, self.recorded('erp'))

    def test_a_thousand_orders_at_once_are_each_judged(self) -> None:
        gateway = self.gateway()
        token = self.token(gateway.url)
        volume_id = self.volume()
        # Refused by Nova, and only once the gate has let it pass.
        order = self.order('erp', self.root(volume_id))
        order['server']['flavorRef'] = 'no-such-flavor'
        everybody = threading.Barrier(1000)

        def one(_number: int) -> str:
            everybody.wait(60)
            answer = requests.post(
                f'{gateway.url}/compute/v2.1/servers',
                json=order,
                headers={**NOVA, 'X-Auth-Token': token},
                timeout=300,
            )
            return f'{answer.status_code} {answer.text}'

        with ThreadPoolExecutor(1000) as pool:
            answers = Counter(pool.map(one, range(1000)))
        self.assertEqual(
            [1000],
            [n for text, n in answers.items() if 'no-such-flavor' in text],
            answers,
        )
        self.assertEqual(PC, self.metadata(volume_id)['hw_machine_type'])
        (journal,) = self.directory.glob('*.journal')
        self.assertEqual(1, journal.read_text().count('"intent"'))
        self.post(gateway.url, self.order('erp', self.root(volume_id)), token)
        self.assertEqual(PC, self.recorded('erp'))

    def test_links_lead_back_to_the_gateway(self) -> None:
        gateway = self.gateway()
        token = self.token(gateway.url)
        shown = requests.get(
            f'{gateway.url}/compute/v2.1/servers?limit=1',
            headers={'X-Auth-Token': token},
            timeout=60,
        )
        self.assertEqual(200, shown.status_code)
        versions = requests.get(f'{gateway.url}/compute/', timeout=60).text
        self.assertIn(f'{gateway.url}/compute/v2.1/', versions)
        self.assertNotIn(DEVICES, versions)
