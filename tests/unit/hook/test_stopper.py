# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.hook.stopper import Stopper
from tests.unit.support import cases, play


class Task:
    """A task that would hardly ever fail by itself."""

    def __init__(self) -> None:
        self.action = 'ansible.builtin.debug'
        self.args: dict[str, Any] = {'msg': 'fine'}
        self.when = ['false']
        self.ignore_errors = True
        self.failed_when = ['false']
        self.until = ['finished']
        self.retries = 60
        self.loop: list[int] | None = []
        self.async_val = 45
        self.delegate_to: str | None = 'elsewhere'
        self._other = 'kept'


class StopperTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        play.pretend_ansible(self)
        self.stopper = Stopper()
        self.task = Task()
        self.before = dict(self.task.__dict__)

    def is_failing(self) -> bool:
        return self.task.action == 'ansible.builtin.fail'

    def test_nobody_else_is_touched(self) -> None:
        self.stopper.stop('one', 'why')
        self.stopper.starting('two', self.task)
        self.assertEqual(self.before, self.task.__dict__)

    def test_the_next_task_fails_whatever_its_conditions_are(self) -> None:
        self.stopper.stop('one', 'why {{ lookup }}')
        self.stopper.starting('one', self.task)
        task = self.task
        self.assertTrue(self.is_failing())
        self.assertEqual(
            {'msg': 'not a template: why {{ lookup }}'}, task.args
        )
        self.assertEqual(
            ([], False, [], [], 0, None, 0, None),
            (
                task.when,
                task.ignore_errors,
                task.failed_when,
                task.until,
                task.retries,
                task.loop,
                task.async_val,
                task.delegate_to,
            ),
        )

    def test_a_host_that_shares_the_task_gets_it_as_it_was(self) -> None:
        self.stopper.stop('one', 'why')
        self.stopper.starting('one', self.task)
        self.stopper.starting('two', self.task)
        self.assertEqual(self.before, self.task.__dict__)

    def test_the_host_fails_until_it_has_failed(self) -> None:
        self.stopper.stop('one', 'why')
        for _time in range(2):
            self.stopper.starting('one', self.task)
            self.assertTrue(self.is_failing())
        self.stopper.failed('one')
        self.stopper.starting('one', self.task)
        self.assertEqual(self.before, self.task.__dict__)

    def test_two_hosts_are_stopped_for_their_own_reasons(self) -> None:
        for host in ('one', 'two'):
            self.stopper.stop(host, host)
        for host in ('one', 'two'):
            self.stopper.starting(host, self.task)
            self.assertIn(host, self.task.args['msg'])
        self.stopper.failed('one')
        self.stopper.starting('two', self.task)
        self.assertTrue(self.is_failing())

    def test_a_task_that_is_refused_keeps_its_conditions(self) -> None:
        self.stopper.refuse(self.task, 'why')
        self.assertTrue(self.is_failing())
        self.assertEqual(
            (['false'], [], False, []),
            (
                self.task.when,
                self.task.loop,
                self.task.ignore_errors,
                self.task.failed_when,
            ),
        )
        self.stopper.starting('one', self.task)
        self.assertEqual(self.before, self.task.__dict__)

    def test_a_task_that_is_spared_only_says_why(self) -> None:
        self.stopper.spare(self.task, 'kept')
        self.assertEqual('ansible.builtin.debug', self.task.action)
        self.assertEqual({'msg': 'not a template: kept'}, self.task.args)
        self.assertEqual(['false'], self.task.when)

    def test_who_has_not_failed_yet_is_pending(self) -> None:
        self.stopper.stop('one', 'why')
        self.assertEqual({'one': 'why'}, self.stopper.pending)
        self.stopper.failed('one')
        self.assertEqual({}, self.stopper.pending)
