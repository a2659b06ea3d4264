# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import (
    Ending,
    Surroundings,
    endings,
    starting_data,
    surroundings,
)
from tests.unit.support import cases, play

WEB = {'params': {'name': 'web'}, '_info': {'id': 'source-1'}}
CRM = {'params': {'name': 'crm'}, '_info': {'id': 'source-2'}}


class ReadingTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        play.pretend_ansible(self)

    def endings(self, *args: Any, **variables: Any) -> list[Ending]:
        result = play.result(*args)
        return list(endings(play.play(**variables), result))

    def names(self, *args: Any, **variables: Any) -> list[str | None]:
        return [
            one.workload.name if one.workload else None
            for one in self.endings(*args, **variables)
        ]


class EndingsTest(ReadingTestCase):
    def test_the_argument_says_which_workload_it_is(self) -> None:
        result = play.result({'changed': True}, arguments={'data': WEB})
        (found,) = endings(play.play(item=CRM), result)
        self.assertEqual(
            Ending(
                'migrator',
                play.TRANSFER,
                Workload('source-1', 'web', copies_data=True),
                {'changed': True},
            ),
            found,
        )

    def test_else_the_item_of_the_loop_that_included_it(self) -> None:
        self.assertEqual(['crm'], self.names({}, item=CRM))

    def test_a_skipped_task_has_its_argument_as_a_template(self) -> None:
        result = play.result({}, arguments={'data': '{{ item }}'})
        (found,) = endings(play.play(item=CRM), result)
        self.assertEqual('crm', found.workload and found.workload.name)

    def test_a_loop_of_its_own_has_one_for_each_round(self) -> None:
        rounds = [
            {'item': WEB, 'changed': True},
            {'ansible_loop_var': 'server', 'server': CRM},
        ]
        self.assertEqual(['web', 'crm'], self.names({'results': rounds}))

    def test_what_can_not_be_told_is_not_invented(self) -> None:
        self.assertEqual([None], self.names({}))
        self.assertEqual([None], self.names({'results': [{'item': 'x'}]}))

    def test_a_job_in_the_background_has_a_name(self) -> None:
        (found,) = self.endings({'ansible_job_id': 'j1'})
        self.assertEqual('j1', found.job)
        (found,) = self.endings({})
        self.assertIsNone(found.job)


class StartingDataTest(ReadingTestCase):
    def data(self, argument: object, **variables: Any) -> object:
        result = play.result({})
        result._task.args = {'data': argument}
        return starting_data(
            play.play(**variables), result._host, result._task
        )

    def test_the_argument_is_still_a_template(self) -> None:
        self.assertEqual(CRM, self.data('{{ server }}', server=CRM, item=WEB))

    def test_a_task_without_one_is_told_by_the_item(self) -> None:
        self.assertEqual(WEB, self.data(None, item=WEB))

    def test_in_a_loop_of_its_own_nothing_can_be_told_yet(self) -> None:
        self.assertIsNone(self.data('{{ item }}'))


class SurroundingsTest(ReadingTestCase):
    def read(self, **variables: Any) -> Surroundings:
        result = play.result({})
        return surroundings(play.play(**variables), result._host, result._task)

    def test_variables_are_read_without_their_templates(self) -> None:
        self.assertEqual(
            Surroundings('/data', '/data/clouds', {}, '42'),
            self.read(
                base='/data',
                # As YAML reads it from -e.
                osc_hwmt_note=42,
                os_migrate_data_dir='{{ base }}',
                os_migrate_clouds_path='/data/clouds',
            ),
        )

    def test_what_overrules_clouds_yaml_is_named_as_there(self) -> None:
        self.assertEqual(
            {'verify': False, 'cacert': '/ca.pem'},
            self.read(
                os_migrate_dst_validate_certs=False,
                os_migrate_dst_ca_cert='/ca.pem',
                os_migrate_src_ca_cert='/other.pem',
            ).tls,
        )

    def test_a_play_may_say_nothing(self) -> None:
        self.assertEqual(Surroundings(None, None, {}), self.read())
