# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Mapping

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.destination import rollback
from osc_hwmt.destination.rollback import AsBefore, Kept, Restore, Step
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35

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
    held = {} if now is None else {'volume-1': now}
    (step,) = rollback.build(
        _record(Announced(write, ending)), held, overwrite_changed
    )
    return step


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
        self.assertIn('is not there', step.reason)

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
            'no longer exists', self.expect(Kept, _step(NEW, None)).reason
        )
        (step,) = rollback.build(
            _record(Announced(NEW, WriteResult.DONE)), {'volume-1': None}, True
        )
        self.assertIn('not allowed', self.expect(Kept, step).reason)


class JoinedTest(cases.TestCase):
    """A volume that one journal announced several times."""

    def step(
        self, now: str | None, *writes: tuple[Write, WriteResult | None]
    ) -> Step:
        record = _record(*(Announced(*one) for one in writes))
        held = {'volume-1': {} if now is None else {MACHINE_TYPE: now}}
        (step,) = rollback.build(record, held, False)
        return step

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


def _done(write: Write, metadata: dict[str, str]) -> dict[str, str]:
    """Return what Cinder would hold after a write."""
    now: dict[str, str | None] = {
        **metadata,
        **{change.key: change.new for change in write.changes},
    }
    return {key: value for key, value in now.items() if value is not None}
