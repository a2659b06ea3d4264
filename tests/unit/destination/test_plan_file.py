# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.destination import plan_file
from osc_hwmt.destination.approved import Approved
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.plan_file import Plan, Planned
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.exceptions import FileError
from osc_hwmt.journal.format import Input
from osc_hwmt.model.changes import Change, Write
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, entry, volume

KEY = 'hw_machine_type'
CREATED = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)


def plan(*steps: Planned) -> Plan:
    """Return a plan of these steps, or of one."""
    return Plan(
        fakes.header(
            inputs=(Input('workloads.yml', 'a' * 64),),
            options={
                'servers': ['web'],
                'volume_map': None,
                'ignore_unsupported': False,
                'destination_release': 'rhoso18',
            },
        ),
        'erp',
        CREATED,
        steps or (Planned.of(step()),),
    )


def step() -> Set:
    return Set(
        entry(),
        Match(volume(), Rule.NAME, None),
        (Change(KEY, None, PC), Change('hw_disk_bus', 'ide', None)),
    )


def data(**differing: Any) -> dict[str, Any]:
    """Return what a plan's file says."""
    found: dict[str, Any] = json.loads(plan_file.text(plan()))
    return {**found, **differing}


class TextTest(cases.TestCase):
    def test_every_kind_of_step_is_one_word(self) -> None:
        one = entry()
        for planned, word in (
            (step(), 'set'),
            (Unchanged(one, volume()), 'unchanged'),
            (LeftToDestination(one), 'left-to-destination'),
            (Undecided(one), 'undecided'),
            (
                Refused(one, Refusal.VOLUME_AMBIGUOUS, 'why', 'how'),
                'volume-ambiguous',
            ),
        ):
            found = Planned.of(planned)
            self.assertEqual(
                ('source-1', 'web', word),
                (found.server_id, found.server, found.word),
            )
            self.assertEqual(word == 'set', found.approved is not None)

    def test_a_plan_begins_as_no_other_file_does(self) -> None:
        text = plan_file.text(plan())
        self.assertTrue(text.startswith(plan_file.MARK))
        self.assertEqual(plan_file.VERSION, json.loads(text)['osc_hwmt_plan'])

    def test_what_made_the_volume_the_right_one_is_in_it(self) -> None:
        (found,) = data()['steps']
        self.assertEqual(
            {
                'server_id': 'source-1',
                'server': 'web',
                'step': 'set',
                'volume': {
                    'id': 'volume-1',
                    'name': 'web-boot',
                    'size': 10,
                    'bootable': True,
                    'project_id': 'project-own',
                    'attached_to': [],
                },
                'found_by': 'name',
                'existing_server': None,
                'changes': {
                    KEY: {'old': None, 'new': PC},
                    'hw_disk_bus': {'old': 'ide', 'new': None},
                },
            },
            found,
        )


class ReadTest(cases.TestCase):
    def refused(self, text: str) -> str:
        error = self.assertRaises(FileError, plan_file.read, text, 'plan.json')
        told = str(error)
        self.assertTrue(told.startswith('plan.json: '), told)
        self.assertTrue(told.isprintable(), told)
        return told

    def test_what_was_written_is_read(self) -> None:
        self.assertEqual(
            plan(), plan_file.read(plan_file.text(plan()), 'plan.json')
        )

    def test_what_is_no_plan_is_refused(self) -> None:
        for text in ('', '[]', '{}', '"x"', '\x1b[2J', '[' * 100000):
            self.assertIn('not a plan', self.refused(text))

    def test_another_version_is_refused(self) -> None:
        for version in (2, '1', None, True):
            told = self.refused(json.dumps(data(osc_hwmt_plan=version)))
            self.assertIn('osc_hwmt_plan: expected version 1, found', told)

    def test_a_member_that_is_there_twice_is_refused(self) -> None:
        text = plan_file.text(plan()).replace(
            '"step": "set"', '"step": "set", "step": "unchanged"'
        )
        self.assertIn('twice', self.refused(text))

    def test_a_server_that_is_there_twice_is_refused(self) -> None:
        steps = data()['steps'] * 2
        self.assertIn(
            'steps[1].server_id: expected each server once',
            self.refused(json.dumps(data(steps=steps))),
        )

    def test_each_place_is_named_with_what_was_expected_there(self) -> None:
        for path, wrong, told in (
            (('tool',), 7, 'tool: expected a string, found 7'),
            (('region',), [], 'region: expected a string or null, found []'),
            (
                ('created',),
                'soon',
                'created: expected a time with a time zone',
            ),
            (('created',), '2026-11-28T12:00:00', 'a time with a time zone'),
            (('manifests',), {}, 'manifests: expected a list'),
            (('manifests', 0), 'x', 'manifests[0]: expected an object'),
            (
                ('manifests', 0, 'path'),
                'a\0b',
                'manifests[0].path: expected a command line argument',
            ),
            (
                ('options', 'volume_map'),
                '\ud800',
                'options.volume_map: expected a command line argument',
            ),
            (('options', 'servers'), {}, 'options.servers: expected true'),
            (('options', 'servers'), [1], 'expected a list of strings'),
            (('steps', 0, 'volume'), None, 'steps[0].volume: expected an'),
            (
                ('steps', 0, 'volume', 'size'),
                True,
                'steps[0].volume.size: expected a number, found true',
            ),
            (('steps', 0, 'volume', 'size'), 1.5, 'found 1.5'),
            (('steps', 0, 'volume', 'bootable'), 1, 'true or false'),
            (('steps', 0, 'volume', 'attached_to'), 's', 'a list of strings'),
            (('steps', 0, 'found_by'), 'x', 'import, operator, server, name'),
            (('steps', 0, 'changes'), {}, 'changes: expected a change'),
            (
                ('steps', 0, 'changes', KEY),
                'q35',
                f'steps[0].changes.{KEY}: expected an object',
            ),
            (('steps', 0, 'changes', KEY, 'new'), 1, 'a string or null'),
        ):
            broken: Any = copy.deepcopy(data())
            place = broken
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = wrong
            self.assertIn(told, self.refused(json.dumps(broken)))

    def test_what_is_missing_is_named(self) -> None:
        for key in set(data()) - {'osc_hwmt_plan'}:
            broken = data()
            del broken[key]
            self.assertIn(f'{key}: expected', self.refused(json.dumps(broken)))

    def test_a_number_that_takes_long_to_read_is_refused(self) -> None:
        text = plan_file.text(plan()).replace(
            '"size": 10', f'"size": {"9" * 100000}'
        )
        self.assertIn('100000 digits', self.refused(text))


_TEXTS = st.text(max_size=8)
_MAYBE = st.none() | _TEXTS
_APPROVED = st.builds(
    Approved,
    write=st.builds(
        Write,
        volume_id=_TEXTS,
        project_id=_MAYBE,
        server_id=st.just('s'),
        server=st.just('web'),
        changes=st.lists(
            st.builds(Change, _TEXTS, _MAYBE, _MAYBE),
            min_size=1,
            max_size=3,
            unique_by=lambda change: change.key,
        ).map(tuple),
    ),
    name=_TEXTS,
    size=st.integers(0, 10**9),
    bootable=st.booleans(),
    servers=st.lists(_TEXTS, max_size=2).map(tuple),
    rule=st.sampled_from(Rule),
    server=_MAYBE,
)
_WORDS = st.sampled_from(
    ['unchanged', 'left-to-destination', 'undecided', 'unfit']
)


class AnyPlanTest(cases.TestCase):
    @settings(max_examples=50)
    @given(st.none() | _APPROVED, _WORDS)
    def test_a_plan_is_read_as_it_was_written(
        self, approved: Approved | None, word: str
    ) -> None:
        written = plan(
            Planned('s', 'web', 'set' if approved else word, approved)
        )
        self.assertEqual(
            written, plan_file.read(plan_file.text(written), 'plan.json')
        )

    @settings(max_examples=200)
    @given(st.data())
    def test_a_damaged_plan_is_read_or_refused_and_never_crashes(
        self, draw: st.DataObject
    ) -> None:
        text = plan_file.text(plan())
        start = draw.draw(st.integers(0, len(text)))
        end = draw.draw(st.integers(start, min(len(text), start + 9)))
        text = text[:start] + draw.draw(st.text(max_size=4)) + text[end:]
        try:
            plan_file.read(text, 'plan.json')
        except FileError as exc:
            self.assertIn('plan.json', str(exc))
