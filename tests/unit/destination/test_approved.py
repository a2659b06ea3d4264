# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.destination.approved import Approved, changed
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import Volume
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35, entry, server, volume

KEY = 'hw_machine_type'
ENTRY = entry()


def to_set(
    there: Volume | None = None,
    *changes: Change,
    rule: Rule = Rule.NAME,
    built: bool = False,
) -> Set:
    """Return a step that sets i440fx on a volume, or other changes."""
    return Set(
        ENTRY,
        Match(there or volume(), rule, server() if built else None),
        changes or (Change(KEY, None, PC),),
    )


def refused(refusal: Refusal, reason: str, *candidates: Volume) -> Refused:
    return Refused(ENTRY, refusal, reason, 'mend it', candidates)


APPROVED = Approved.of(to_set())


class ChangedTest(cases.TestCase):
    def test_what_is_as_it_was_approved_is_not_said_to_differ(self) -> None:
        for there in (volume(), volume(status='reserved')):
            self.assertEqual('', changed(APPROVED, to_set(there), there))

    def test_what_was_written_meanwhile_is_not_either(self) -> None:
        there = volume(image_metadata={KEY: PC})
        self.assertEqual('', changed(APPROVED, Unchanged(ENTRY, there), there))

    def test_each_fact_of_the_volume_is_named(self) -> None:
        for differing, told in (
            (
                {'name': 'B'},
                'volume volume-1 was named web-boot when the plan was '
                'approved, and is now named B',
            ),
            (
                {'size': 11},
                'had 10 GiB when the plan was approved, and now has',
            ),
            ({'project_id': 'p'}, 'was in project project-own'),
            ({'bootable': False}, 'is no longer bootable'),
        ):
            there = dataclasses.replace(volume(), **differing)
            found = changed(APPROVED, to_set(there), there)
            self.assertIn(told, found)
            self.assertNotIn(';', found, 'one change is one sentence')

    def test_a_name_that_only_looks_the_same_is_told_apart(self) -> None:
        there = volume(name='web-b\N{CYRILLIC SMALL LETTER O}ot')
        self.assertIn(
            'and is now named web-b\\u043eot',
            changed(APPROVED, to_set(there), there),
        )

    def test_a_volume_may_become_bootable(self) -> None:
        approved = Approved.of(to_set(volume(bootable=False)))
        self.assertEqual('', changed(approved, to_set(), volume()))

    def test_a_server_that_got_the_volume_is_named(self) -> None:
        there = volume(attached_to='server-1')
        found = changed(APPROVED, to_set(there, built=True), there)
        self.assertIn('attached to no server when', found)
        self.assertIn('now attached to server server-1', found)
        self.assertIn('server server-1 now exists', found)

    def test_a_server_that_is_gone_is_named(self) -> None:
        approved = Approved.of(
            to_set(volume(attached_to='server-1'), built=True)
        )
        found = changed(approved, to_set(), volume())
        self.assertIn('server server-1 no longer exists', found)

    def test_another_server_in_its_place_is_named(self) -> None:
        there = volume(attached_to='server-2')
        approved = Approved.of(
            to_set(volume(attached_to='server-1'), built=True)
        )
        step = dataclasses.replace(
            to_set(there),
            match=Match(there, Rule.NAME, server(id='server-2')),
        )
        self.assertIn(
            'server server-2 has replaced server server-1',
            changed(approved, step, there),
        )

    def test_a_swap_of_names_is_told_by_names_and_by_where_it_leads(
        self,
    ) -> None:
        found = changed(
            APPROVED, to_set(volume('volume-2')), volume(name='db-boot')
        )
        self.assertIn('and is now named db-boot', found)
        self.assertIn('it now resolves to volume volume-2', found)

    def test_a_namesake_is_named(self) -> None:
        other = volume('volume-2')
        step = refused(Refusal.VOLUME_AMBIGUOUS, 'two fit', volume(), other)
        self.assertEqual(
            'another volume with that name has appeared: volume-2',
            changed(APPROVED, step, volume()),
        )

    def test_any_other_refusal_says_why(self) -> None:
        step = refused(Refusal.VOLUME_UNUSABLE, 'it is in error')
        there = volume(status='error')
        self.assertEqual('it is in error', changed(APPROVED, step, there))

    def test_a_volume_that_is_filled_is_waited_for(self) -> None:
        step = refused(Refusal.VOLUME_NOT_READY, 'still downloading')
        there = volume(status='downloading')
        self.assertEqual('', changed(APPROVED, step, there))

    def test_a_volume_that_is_gone_is_named(self) -> None:
        step = refused(Refusal.VOLUME_NOT_FOUND, 'there is none')
        self.assertIn(
            'volume volume-1 no longer exists',
            changed(APPROVED, step, None),
        )

    def test_a_manifest_that_wants_nothing_any_more_is_told(self) -> None:
        for step in (None, LeftToDestination(ENTRY)):
            self.assertIn('no longer', changed(APPROVED, step, volume()))

    def test_another_old_value_is_told(self) -> None:
        step = to_set(None, Change(KEY, Q35, PC))
        self.assertEqual(
            f'{KEY} was - when the plan was approved, and is now {Q35}',
            changed(APPROVED, step, volume()),
        )

    def test_a_value_or_key_that_was_not_approved_is_told(self) -> None:
        for change in (Change(KEY, None, Q35), Change('other', None, 'x')):
            self.assertIn(
                'was not approved',
                changed(APPROVED, to_set(None, change), volume()),
            )

    def test_what_is_left_of_several_keys_is_as_approved(self) -> None:
        other = Change('hw_disk_bus', None, 'ide')
        approved = Approved.of(to_set(None, *APPROVED.write.changes, other))
        self.assertEqual('', changed(approved, to_set(None, other), volume()))

    def test_another_way_to_find_it_is_told(self) -> None:
        step = to_set(rule=Rule.OPERATOR)
        self.assertIn(
            'matched by "name and size"', changed(APPROVED, step, volume())
        )


_FACTS = st.fixed_dictionaries(
    {
        'id': st.sampled_from(['v', 'w']),
        'name': st.sampled_from(['a', 'b', '']),
        'size': st.integers(1, 2),
        'bootable': st.booleans(),
        'project_id': st.sampled_from(['p', 'q', None]),
        'attached_to': st.sampled_from([None, 's', 't']),
        'status': st.sampled_from(['available', 'in-use', 'reserved']),
    }
)


def _planned(facts: dict[str, Any], old: str | None, rule: Rule) -> Step:
    return to_set(volume(**facts), Change(KEY, old, PC), rule=rule)


class AnyChangeTest(cases.TestCase):
    @given(
        st.tuples(_FACTS, _FACTS),
        st.tuples(*[st.sampled_from([None, Q35])] * 2),
        st.tuples(*[st.sampled_from(Rule)] * 2),
    )
    def test_nothing_is_said_exactly_where_all_is_as_approved(
        self,
        facts: tuple[dict[str, Any], dict[str, Any]],
        olds: tuple[str | None, str | None],
        rules: tuple[Rule, Rule],
    ) -> None:
        first, second = map(_planned, facts, olds, rules)
        approved = Approved.of(self.expect(Set, first))
        now = self.expect(Set, second).match.volume
        same_id = facts[0]['id'] == facts[1]['id']
        told = changed(approved, second, now if same_id else None)
        matters = [
            {
                **one,
                'status': None,
                # Only what stops being bootable matters.
                'bootable': one['bootable'] or not facts[0]['bootable'],
            }
            for one in facts
        ]
        same = (
            matters[0] == matters[1]
            and olds[0] == olds[1]
            and rules[0] is rules[1]
        )
        self.assertEqual(same, told == '', told)
