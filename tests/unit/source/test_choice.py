# SPDX-License-Identifier: Apache-2.0

"""A null that an operator chose, told from one that export wrote."""

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.machine_type import Family
from osc_hwmt.source.effect import Effect
from osc_hwmt.source.facts import Fact, ServerFacts
from osc_hwmt.source.update import Update
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35, manifest_text, resource
from tests.unit.support.updates import (
    KEY,
    PATH,
    UNKNOWN,
    created,
    fact_of,
    found_with,
    server_in,
    updated,
)

NOTHING = fact_of(None, presumed=Family.I440FX)
_UNSAID = object()


def _found(fact: Fact, wish: Any = _UNSAID) -> ServerFacts:
    """Return a server, with what --set wants of it if anything."""
    found = found_with(fact)
    if wish is _UNSAID:
        return found
    return dataclasses.replace(found, wanted={KEY: wish})


class ChoiceTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.text = manifest_text(resource())

    def export(self, fact: Fact, wish: Any = _UNSAID) -> Update:
        """Export into the manifest as it is now."""
        update = updated(self.text, _found(fact, wish))
        self.text = update.text
        return update

    def edit(self, old: str, new: str) -> None:
        """Do what a human does to the wish."""
        edited = self.text.replace(
            f'    {KEY}: {old}\n', f'    {KEY}: {new}\n'
        )
        self.assertNotEqual(self.text, edited)
        self.text = edited

    @property
    def entry(self) -> Entry:
        (entry,) = read_manifest(self.text, PATH).entries
        return entry

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = server_in(self.text)['_info'][KEY]
        return found


class UndecidedTest(ChoiceTestCase):
    def test_a_null_that_export_wrote_is_undecided(self) -> None:
        self.export(NOTHING)
        self.assertTrue(self.entry.is_undecided)
        self.assertEqual(
            {'value': None, 'evidence': 'none', 'presumed': 'i440fx'},
            self.facts,
        )

    def test_of_a_new_manifest_as_well(self) -> None:
        self.text = created(_found(NOTHING)).text
        self.assertTrue(self.entry.is_undecided)
        self.text = created(_found(NOTHING, None)).text
        self.assertFalse(self.entry.is_undecided)

    def test_a_null_that_a_human_wrote_is_chosen(self) -> None:
        for before in (PC, None):
            # Beside a machine type that was found, or before any export.
            self.text = manifest_text(resource(params={KEY: None}))
            if before:
                self.text = manifest_text(resource())
                self.export(fact_of(before))
                self.edit(before, 'null')
            self.assertFalse(self.entry.is_undecided)
            # Later nothing is found: it was chosen all the same.
            self.export(NOTHING)
            self.assertIs(True, self.facts['left_to_destination'])
            self.assertFalse(self.entry.is_undecided)

    def test_what_was_presumed_goes_when_the_source_is_newer(self) -> None:
        self.export(NOTHING)
        self.export(fact_of(None))
        self.assertNotIn('presumed', self.facts)
        self.assertTrue(self.entry.is_undecided)

    def test_a_machine_type_that_is_found_decides(self) -> None:
        self.export(NOTHING)
        self.export(fact_of(PC))
        self.assertEqual(PC, self.entry.wanted.value)
        self.assertEqual({'value', 'evidence'}, set(self.facts))


class LeftToDestinationTest(ChoiceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.export(NOTHING)
        self.export(NOTHING, None)

    def test_a_choice_is_recorded_beside_what_is_presumed(self) -> None:
        self.assertEqual(
            {
                'value': None,
                'evidence': 'none',
                'presumed': 'i440fx',
                'left_to_destination': True,
            },
            self.facts,
        )
        self.assertFalse(self.entry.is_undecided)

    def test_a_choice_outlives_an_export_without_the_option(self) -> None:
        before = self.text
        self.assertEqual(
            Effect.UNCHANGED, self.export(NOTHING).lines[0].effect
        )
        self.assertEqual(before, self.text)

    def test_a_later_wish_takes_its_place(self) -> None:
        self.export(NOTHING, Q35)
        self.assertNotIn('left_to_destination', self.facts)
        self.assertEqual(Q35, self.entry.wanted.value)

    def test_a_type_that_a_human_writes_takes_its_place(self) -> None:
        self.edit('null', Q35)
        self.export(NOTHING)
        self.assertNotIn('left_to_destination', self.facts)
        self.assertEqual(Q35, self.entry.wanted.value)

    def test_what_is_found_later_is_written_and_the_choice_is_kept(
        self,
    ) -> None:
        update = self.export(fact_of(PC))
        self.assertEqual(Effect.EDIT_KEPT, update.lines[0].effect)
        self.assertEqual(
            (PC, None),
            (self.facts['value'], server_in(self.text)['params'][KEY]),
        )
        self.assertNotIn('left_to_destination', self.facts)
        self.assertFalse(self.entry.is_undecided)

    def test_null_can_be_chosen_where_nobody_may_read_today(self) -> None:
        self.text = manifest_text(resource())
        self.export(NOTHING)
        self.export(UNKNOWN, None)
        self.assertIs(True, self.facts['left_to_destination'])
        self.assertEqual('i440fx', self.facts['presumed'])
        self.assertFalse(self.entry.is_undecided)
        before = self.text
        self.export(UNKNOWN)
        self.assertEqual(before, self.text)


class ToldBeforeTest(ChoiceTestCase):
    """What was collected or said once is not lost for want of an option."""

    def test_the_stronger_word_of_an_earlier_export_stays(self) -> None:
        for evidence, later, stays in (
            (Evidence.LIBVIRT_DOMAIN, NOTHING, True),
            (Evidence.LIBVIRT_DOMAIN, fact_of(Q35), True),
            (Evidence.NOVA_RECORD, fact_of(Q35), True),
            (Evidence.NOVA_RECORD, Fact(Q35, Evidence.LIBVIRT_DOMAIN), False),
            (Evidence.RELEASE_DEFAULT, NOTHING, True),
            (Evidence.OPERATOR_DEFAULT, NOTHING, True),
            (Evidence.OPERATOR_DEFAULT, fact_of(Q35), False),
            (
                Evidence.RELEASE_DEFAULT,
                Fact(Q35, Evidence.OPERATOR_DEFAULT),
                False,
            ),
            # An API says today that nothing is set any more.
            (Evidence.VOLUME_IMAGE_METADATA, NOTHING, False),
        ):
            self.text = manifest_text(resource())
            self.export(Fact(PC, evidence))
            before = self.text
            (line,) = self.export(later).lines
            self.assertEqual(
                (stays, stays),
                (before == self.text, line.effect is Effect.EARLIER_KEPT),
                f'{evidence} then {later.evidence}',
            )
            if not stays:
                self.assertEqual(later.value, self.facts['value'])
