# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Iterable, Mapping

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.destination import rollback
from osc_hwmt.destination.rollback import AsBefore, Kept, Restore, Step
from osc_hwmt.exceptions import Error
from osc_hwmt.journal.format import LONG_AGO, Announced, Record
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE, Volume
from osc_hwmt.model.server_patterns import Pattern, ServerPatterns
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import OWN, PC, Q35

NEW = fakes.write('volume-1', Change(MACHINE_TYPE, None, PC))
REPLACED = fakes.write('volume-1', Change(MACHINE_TYPE, Q35, PC))
REMOVED = fakes.write('volume-1', Change(MACHINE_TYPE, Q35, None))


def _record(*announced: Announced) -> Record:
    return Record('a.journal', fakes.header(), announced, False, True)


def _step(
    write: Write,
    now: Mapping[str, str] | None,
    ending: WriteResult | None = WriteResult.DONE,
    overwrite_changed: bool = False,
) -> Step:
    return _undone([_record(Announced(write, ending))], now, overwrite_changed)


def _undone(
    records: Iterable[Record],
    now: Mapping[str, str] | None,
    overwrite_changed: bool = False,
) -> Step:
    held = {} if now is None else {'volume-1': _volume(now)}
    (step,) = rollback.build(records, held, OWN.id, overwrite_changed)
    return step


def _volume(now: Mapping[str, str], project_id: str | None = OWN.id) -> Volume:
    return fakes.volume('volume-1', image_metadata=now, project_id=project_id)


class BuildTest(cases.TestCase):
    def changes(self, step: Step) -> tuple[Change, ...]:
        return self.expect(Restore, step).write.changes

    def test_what_was_not_there_is_removed(self) -> None:
        step = _step(NEW, {MACHINE_TYPE: PC, 'a': 'b'})
        self.assertEqual((Change(MACHINE_TYPE, PC, None),), self.changes(step))

    def test_what_was_replaced_comes_back(self) -> None:
        step = _step(REPLACED, {MACHINE_TYPE: PC})
        self.assertEqual((Change(MACHINE_TYPE, PC, Q35),), self.changes(step))

    def test_what_was_removed_comes_back(self) -> None:
        step = _step(REMOVED, {})
        self.assertEqual(
            (Change(MACHINE_TYPE, None, Q35),), self.changes(step)
        )

    def test_a_write_that_may_have_been_done_is_undone(self) -> None:
        for ending in (None, WriteResult.UNKNOWN):
            self.expect(Restore, _step(NEW, {MACHINE_TYPE: PC}, ending))
            self.expect(AsBefore, _step(NEW, {}, ending))

    def test_a_write_that_was_refused_has_nothing_to_undo(self) -> None:
        step = _step(NEW, {MACHINE_TYPE: PC}, WriteResult.FAILED)
        self.assertIn(
            'nothing was written', self.expect(AsBefore, step).reason
        )

    def test_what_is_undone_already_is_left(self) -> None:
        self.expect(AsBefore, _step(REPLACED, {MACHINE_TYPE: Q35}))

    def test_what_someone_else_wrote_is_theirs(self) -> None:
        step = self.expect(Kept, _step(NEW, {MACHINE_TYPE: 'virt'}))
        self.assertIn(f'hw_machine_type is virt, was set to {PC}', step.reason)
        step = self.expect(Kept, _step(REPLACED, {}))
        self.assertIn('is not set', step.reason)

    def test_force_restores_it_all_the_same(self) -> None:
        step = _step(NEW, {MACHINE_TYPE: 'virt'}, overwrite_changed=True)
        self.assertEqual(
            (Change(MACHINE_TYPE, 'virt', None),), self.changes(step)
        )
        self.assertTrue(self.expect(Restore, step).overridden)

    def test_a_foreign_key_keeps_the_whole_volume(self) -> None:
        write = fakes.write(
            'volume-1', Change('a', None, '1'), Change('b', None, '2')
        )
        self.expect(Kept, _step(write, {'a': '1', 'b': 'x'}))
        forced = _step(write, {'a': '1', 'b': 'x'}, overwrite_changed=True)
        self.assertEqual(
            (Change('a', '1', None), Change('b', 'x', None)),
            self.changes(forced),
        )

    def test_only_the_keys_that_differ_are_restored(self) -> None:
        write = fakes.write(
            'volume-1', Change('a', None, '1'), Change('b', '0', '2')
        )
        self.assertEqual(
            (Change('b', '2', '0'),),
            self.changes(_step(write, {'b': '2'})),
        )

    def test_a_volume_that_is_gone_or_hidden_is_told(self) -> None:
        self.assertIn(
            'no such volume: it was deleted, or belongs to another project',
            self.expect(Kept, _step(NEW, None)).reason,
        )
        (step,) = rollback.build(
            [_record(Announced(NEW, WriteResult.DONE))],
            {'volume-1': fakes.volume('volume-1', known=False)},
            OWN.id,
            True,
        )
        self.assertIn('not allowed', self.expect(Kept, step).reason)

    def test_a_volume_of_another_project_is_left_alone(self) -> None:
        for said, found, differs in (
            (OWN.id, OWN.id, False),
            (None, OWN.id, False),
            (None, None, False),
            ('other', 'other', False),
            (OWN.id, 'other', True),
            (None, 'other', True),
            ('other', OWN.id, True),
            ('other', None, True),
        ):
            write = fakes.write('volume-1', project_id=said)
            (step,) = rollback.build(
                [_record(Announced(write, WriteResult.DONE))],
                {'volume-1': _volume({MACHINE_TYPE: PC}, found)},
                OWN.id,
                True,
            )
            self.assertEqual(differs, isinstance(step, Kept), (said, found))
            if isinstance(step, Kept):
                self.assertIn('but the journal says', step.reason)
                self.assertIsNone(step.held)


class JoinedTest(cases.TestCase):
    """A volume that one journal announced several times."""

    def step(
        self, now: str | None, *writes: tuple[Write, WriteResult | None]
    ) -> Step:
        record = _record(*(Announced(*one) for one in writes))
        return _undone([record], {} if now is None else {MACHINE_TYPE: now})

    def test_a_volume_gets_back_what_it_had_first(self) -> None:
        again = fakes.write('volume-1', Change(MACHINE_TYPE, PC, Q35))
        step = self.step(
            Q35, (NEW, WriteResult.DONE), (again, WriteResult.DONE)
        )
        self.assertEqual(
            (Change(MACHINE_TYPE, Q35, None),),
            self.expect(Restore, step).write.changes,
        )

    def test_a_write_that_was_refused_has_no_part_in_it(self) -> None:
        again = fakes.write('volume-1', Change(MACHINE_TYPE, PC, Q35))
        step = self.step(
            PC, (NEW, WriteResult.DONE), (again, WriteResult.FAILED)
        )
        self.expect(Restore, step)
        step = self.step(
            PC, (again, WriteResult.FAILED), (again, WriteResult.FAILED)
        )
        self.expect(AsBefore, step)

    def test_what_came_back_by_itself_needs_nothing(self) -> None:
        back = fakes.write('volume-1', Change(MACHINE_TYPE, PC, None))
        step = self.step(
            None, (NEW, WriteResult.DONE), (back, WriteResult.DONE)
        )
        self.expect(AsBefore, step)


class SeveralTest(cases.TestCase):
    """A volume that several journals wrote to."""

    def setUp(self) -> None:
        super().setUp()
        values = (None, PC, Q35, 'virt')
        self.records = [
            _at(hour, fakes.write('volume-1', Change(MACHINE_TYPE, *pair)))
            for hour, pair in enumerate(zip(values, values[1:]))
        ]

    def changes(
        self, now: str, *numbers: int, force: bool = False
    ) -> tuple[Change, ...]:
        some = [self.records[number] for number in numbers]
        step = _undone(some, {MACHINE_TYPE: now}, force)
        return self.expect(Restore, step).write.changes

    def kept(self, now: str, *numbers: int) -> str:
        some = [self.records[number] for number in numbers]
        return self.expect(Kept, _undone(some, {MACHINE_TYPE: now})).reason

    def test_the_oldest_value_comes_back_whatever_their_order(self) -> None:
        for order in itertools.permutations(range(3)):
            self.assertEqual(
                (Change(MACHINE_TYPE, 'virt', None),),
                self.changes('virt', *order),
            )

    def test_the_newest_ones_alone_are_undone(self) -> None:
        self.assertEqual(
            (Change(MACHINE_TYPE, 'virt', PC),), self.changes('virt', 1, 2)
        )

    def test_a_gap_between_them_is_told(self) -> None:
        self.assertEqual(
            'changed in between by another run or tool: hw_machine_type was '
            f'set to {PC}, and was {Q35} later',
            self.kept('virt', 0, 2),
        )
        self.assertEqual(
            (Change(MACHINE_TYPE, 'virt', None),),
            self.changes('virt', 0, 2, force=True),
        )

    def test_a_newer_one_that_is_left_out_is_told(self) -> None:
        self.assertIn(
            f'changed since by another run or tool: {MACHINE_TYPE} is virt, '
            f'was set to {Q35}',
            self.kept('virt', 0, 1),
        )

    def test_those_of_two_machines_go_by_the_clouds_clock(self) -> None:
        hours = 3600.0 * 5
        late = dataclasses.replace(
            self.records[0],
            header=fakes.header(clock_ahead=hours),
            begun=self.records[0].begun - datetime.timedelta(hours=5),
        )
        late = dataclasses.replace(
            late,
            announced=tuple(
                dataclasses.replace(one, begun=late.begun)
                for one in late.announced
            ),
        )
        step = _undone([self.records[1], late], {MACHINE_TYPE: Q35})
        self.assertEqual(
            (Change(MACHINE_TYPE, Q35, None),),
            self.expect(Restore, step).write.changes,
        )

    def test_those_of_one_machine_go_by_its_own_clock(self) -> None:
        # Seconds apart, as a script runs apply; the cloud was slow to answer.
        quick = [
            dataclasses.replace(
                _at(second / 3600, record.announced[0].write),
                header=fakes.header(clock_ahead=ahead),
            )
            for second, ahead, record in zip(
                range(3), (5.4, 1.2, 3.3), self.records
            )
        ]
        for order in itertools.permutations(quick):
            step = _undone(list(order), {MACHINE_TYPE: 'virt'})
            self.assertEqual(
                (Change(MACHINE_TYPE, 'virt', None),),
                self.expect(Restore, step).write.changes,
            )

    def test_the_lines_of_a_journal_have_their_order(self) -> None:
        turned = dataclasses.replace(
            self.records[0],
            announced=tuple(
                dataclasses.replace(
                    record.announced[0],
                    begun=self.records[2 - hour].announced[0].begun,
                )
                for hour, record in enumerate(self.records)
            ),
        )
        step = _undone([turned], {MACHINE_TYPE: 'virt'})
        self.assertEqual(
            (Change(MACHINE_TYPE, 'virt', None),),
            self.expect(Restore, step).write.changes,
        )

    def test_a_wave_leaves_out_the_journals_without_it(self) -> None:
        crm = _at(9, fakes.write('volume-2', server='crm'))
        wave = ServerPatterns((Pattern('crm'),))
        (chosen,) = rollback.chosen([*self.records, crm], wave)
        self.assertEqual(crm, chosen)
        idle = ServerPatterns((Pattern('x*'),))
        error = self.assertRaises(
            Error, rollback.chosen, [*self.records, crm], idle
        )
        self.assertIn('in these 4 journals matches: x*', str(error))


def _at(hour: float, *writes: Write) -> Record:
    """Return the journal of some writes that were done at an hour."""
    begun = LONG_AGO + datetime.timedelta(hours=hour)
    return dataclasses.replace(
        _record(
            *(
                Announced(write, WriteResult.DONE, begun, begun)
                for write in writes
            )
        ),
        begun=begun,
    )


_KEYS = st.sampled_from(['a', 'b', 'c', MACHINE_TYPE])
_VALUES = st.sampled_from(['1', '2', '3'])
_METADATA = st.dictionaries(_KEYS, _VALUES)


class AnyJournalTest(cases.TestCase):
    @hypothesis.given(
        _METADATA, st.dictionaries(_KEYS, st.none() | _VALUES, min_size=1)
    )
    def test_doing_and_undoing_leaves_a_volume_as_it_was(
        self, before: dict[str, str], wanted: dict[str, str | None]
    ) -> None:
        write = fakes.write(
            'volume-1',
            *(
                Change(key, before.get(key), new)
                for key, new in wanted.items()
            ),
        )
        after = _done(write, before)
        undone = _step(write, after)
        if isinstance(undone, Restore):
            after = _done(undone.write, after)
        self.assertEqual(before, after)
        self.expect(AsBefore, _step(write, after))


class AnyJournalsTest(cases.TestCase):
    @hypothesis.given(
        _METADATA,
        st.lists(
            st.dictionaries(_KEYS, st.none() | _VALUES, min_size=1),
            min_size=1,
            max_size=4,
        ),
        st.data(),
    )
    def test_doing_some_and_undoing_all_leaves_a_volume_as_it_was(
        self,
        before: dict[str, str],
        wanted: list[dict[str, str | None]],
        data: st.DataObject,
    ) -> None:
        after, records = before, []
        for hour, pairs in enumerate(wanted):
            write = fakes.write(
                'volume-1',
                *(
                    Change(key, after.get(key), new)
                    for key, new in pairs.items()
                ),
            )
            after = _done(write, after)
            records.append(_at(hour, write))
        shuffled = data.draw(st.permutations(records))
        step = _undone(shuffled, after)
        at_once = (
            _done(step.write, after) if isinstance(step, Restore) else after
        )
        self.assertEqual(before, at_once)
        self.expect(AsBefore, _undone(shuffled, at_once))
        one_by_one = after
        for record in reversed(records):
            step = _undone([record], one_by_one)
            if isinstance(step, Restore):
                one_by_one = _done(step.write, one_by_one)
        self.assertEqual(before, one_by_one)


def _done(write: Write, metadata: dict[str, str]) -> dict[str, str]:
    """Return what Cinder would hold after a write."""
    now: dict[str, str | None] = {
        **metadata,
        **{change.key: change.new for change in write.changes},
    }
    return {key: value for key, value in now.items() if value is not None}
