# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import json
import threading
from typing import Any

import fixtures

from osc_hwmt.exceptions import CloudError
from osc_hwmt.gate import middleware
from osc_hwmt.gate.decision import Word
from osc_hwmt.gate.middleware import Missing, Mode, Rebuild
from tests.unit.support import fakes
from tests.unit.support.fakes import PC
from tests.unit.support.gating import GateTestCase, listed, ordering


class PassingTest(GateTestCase):
    def test_a_listed_server_is_built_once_its_volume_is_right(self) -> None:
        self.assertEqual(202, self.order())
        self.assertEqual(PC, self.machine_type)
        ((name, verdict, goes_on),) = self.told
        self.assertEqual(
            ('web', Word.SET, True), (name, verdict.word, goes_on)
        )
        self.assertEqual('v', verdict.volume_id)

    def test_the_same_body_reaches_nova(self) -> None:
        text = b' ' + json.dumps({'server': ordering()}).encode()
        self.sent(text)
        self.assertEqual([text], self.reached)

    def test_a_server_that_is_not_listed_passes_without_a_question(
        self,
    ) -> None:
        self.assertEqual(202, self.order(name='other'))
        self.assertEqual(0, self.caller.asked)
        self.assertEqual([], self.cloud.calls)
        self.assertEqual({Word.NOT_LISTED: 1}, self.middleware.counts)

    def test_everything_else_passes_unread(self) -> None:
        stream = io.BytesIO(b'abc')
        self.sent(b'abc', '/servers/detail', 'GET', **{'wsgi.input': stream})
        self.sent(b'{', '/os-keypairs')
        self.assertEqual([b'abc', b'{'], self.reached)
        self.assertEqual([], self.told)

    def test_what_nova_refuses_by_itself_is_not_looked_at(self) -> None:
        self.order(block_device_mapping_v2=[])
        self.sent(b'no json')
        self.assertEqual(2, len(self.reached))
        self.assertEqual([], self.told)

    def test_a_body_of_unknown_length_is_read_where_nova_reads_it(
        self,
    ) -> None:
        text = json.dumps({'server': ordering()}).encode()
        self.sent(
            text, **{'CONTENT_LENGTH': None, 'wsgi.input_terminated': True}
        )
        self.assertEqual([text], self.reached)
        self.assertEqual(PC, self.machine_type)
        # Nova sees none there, and answers 400.
        self.sent(text, CONTENT_LENGTH=None)
        self.assertEqual(1, len(self.told))


class RefusingTest(GateTestCase):
    def test_a_refusal_has_novas_own_form(self) -> None:
        self.cloud.block_storage.failing['v'] = CloudError('forbidden', 403)
        text = json.dumps({'server': ordering()}).encode()
        status, headers, body = self.sent(
            text, **{'openstack.request_id': 'req-1'}
        )
        self.assertEqual(409, status)
        self.assertEqual(
            {
                'conflictingRequest': {
                    'code': 409,
                    'message': 'osc-hwmt: web: forbidden (HTTP 403)',
                }
            },
            body,
        )
        self.assertEqual('req-1', headers['x-openstack-request-id'])
        self.assertEqual([], self.reached)

    def test_a_cinder_that_does_not_answer_is_told_with_a_time(self) -> None:
        self.caller.trouble = CloudError('no answer', transient=True)
        text = json.dumps({'server': ordering()}).encode()
        status, headers, body = self.sent(text)
        self.assertEqual((503, '10'), (status, headers['Retry-After']))
        self.assertIn('no answer', body['serviceUnavailable']['message'])
        self.assertEqual([], self.reached)

    def test_an_order_is_held_no_longer_than_was_said(self) -> None:
        self.gate(timeout=0.05)
        goes_on = threading.Event()
        self.addCleanup(goes_on.set)

        def wait(volume_id: str) -> None:
            goes_on.wait(10)

        self.replace_volume(wait)
        self.assertIn('not done within 0.05 s', self.refused(503))

    def replace_volume(self, function: Any) -> None:
        self.replace(
            'tests.unit.support.cloud.FakeBlockStorage.volume',
            lambda _self, volume_id: function(volume_id),
        )

    def test_the_end_waits_for_what_has_begun_but_not_for_ever(self) -> None:
        for mends in (True, False):
            self.gate(timeout=0.05)
            goes_on = threading.Event()
            self.addCleanup(goes_on.set)
            self.replace_volume(lambda _id, on=goes_on: on.wait(10) and None)
            self.refused(503)
            if mends:
                threading.Timer(0.1, goes_on.set).start()
            self.assertIs(mends, self.middleware.idle(5 if mends else 0.01))

    def test_a_failure_of_its_own_does_not_end_nova(self) -> None:
        def fail(_id: str) -> None:
            raise ZeroDivisionError('by zero')

        self.useFixture(fixtures.FakeLogger())
        self.replace_volume(fail)
        self.assertIn('ZeroDivisionError: by zero', self.refused())
        self.gate(missing=Missing.WARN)
        self.assertEqual(202, self.order())
        self.assertEqual(['not judged', 'not judged'], self.words)

    def test_a_body_that_is_too_large_is_refused_and_not_read(self) -> None:
        status, _headers, body = self.sent(
            b'{}', CONTENT_LENGTH=str(middleware.MAX_BODY + 1)
        )
        self.assertEqual(409, status)
        self.assertIn('1048577', body['conflictingRequest']['message'])
        text = b'x' * (middleware.MAX_BODY + 1)
        status, _headers, body = self.sent(
            text, **{'CONTENT_LENGTH': '', 'wsgi.input_terminated': True}
        )
        self.assertEqual(409, status)

    def test_a_manifest_that_cannot_be_read_refuses_every_order(self) -> None:
        self.path.write_text('resources: [')
        self.assertIn('workloads.yml', self.refused(name='other'))
        self.path.unlink()
        self.assertIn('no manifest at', self.refused(name='other'))

    def test_with_a_warning_orders_pass_without_a_manifest(self) -> None:
        self.gate(missing=Missing.WARN)
        self.path.unlink()
        self.assertEqual(202, self.order())
        self.assertEqual(['not judged'], self.words)


class AuditTest(GateTestCase):
    def test_nothing_is_written_and_nothing_is_refused(self) -> None:
        self.gate(mode=Mode.AUDIT)
        self.cloud.images.held['i'] = fakes.image('i')
        self.assertEqual(202, self.order())
        self.assertEqual(202, self.order(imageRef='i'))
        self.assertEqual(['to set', 'refused'], self.words)
        self.assertEqual([], self.cloud.writes)
        self.assertEqual(2, len(self.reached))


class RebuildTest(GateTestCase):
    def rebuild(self, **settings: Any) -> int:
        self.gate(**settings)
        self.caller.servers['s'] = 'web'
        self.caller.servers['t'] = 'other'
        self.assertEqual(
            202, self.sent(b'{"rebuild": {}}', '/servers/t/action')[0]
        )
        self.assertEqual(
            202, self.sent(b'{"reboot": {}}', '/servers/s/action')[0]
        )
        self.assertEqual([], self.told)
        return self.sent(b'{"rebuild": {}}', '/servers/s/action')[0]

    def test_the_rebuild_of_a_listed_server_is_told(self) -> None:
        self.assertEqual(202, self.rebuild())
        ((name, verdict, _goes_on),) = self.told
        self.assertEqual(('web', 'rebuilt'), (name, verdict.word.value))
        self.assertIn(PC, verdict.detail)

    def test_or_refused(self) -> None:
        self.assertEqual(409, self.rebuild(rebuild=Rebuild.REFUSE))

    def test_or_not_looked_at(self) -> None:
        self.assertEqual(202, self.rebuild(rebuild=Rebuild.IGNORE))
        self.assertEqual([], self.told)

    def test_a_server_that_is_left_to_the_destination_may_be_rebuilt(
        self,
    ) -> None:
        self.manifest(listed(params={'hw_machine_type': None}))
        self.assertEqual(202, self.rebuild(rebuild=Rebuild.REFUSE))

    def test_nothing_is_rebuilt_where_nobody_knows_whose_it_is(self) -> None:
        self.gate(rebuild=Rebuild.REFUSE)
        self.caller.servers['s'] = 'web'
        self.caller.trouble = CloudError('no answer', transient=True)
        text = b'{"rebuild": {}}'
        self.assertEqual(503, self.sent(text, '/servers/s/action')[0])
        self.caller.trouble = CloudError('who is that', 401)
        self.assertEqual(202, self.sent(text, '/servers/s/action')[0])


class ManyTest(GateTestCase):
    def test_many_orders_at_once_are_each_judged(self) -> None:
        names = [f'web-{n}' for n in range(100)]
        self.manifest(*(listed(name, server_id=f's-{name}') for name in names))
        for name in names:
            self.cloud.block_storage.held[name] = fakes.volume(name)
        statuses: list[int] = []

        def one(name: str) -> None:
            text = json.dumps({'server': ordering(name, name)}).encode()
            statuses.append(self.sent(text)[0])

        threads = [threading.Thread(target=one, args=[n]) for n in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([202] * 100, statuses, self.words)
        self.assertEqual(100, len(self.cloud.writes))
        self.assertEqual(1, len(list(self.home.glob('*.journal'))))
