# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.manifest.entry import Intent, Kind, Proposal
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.evidence import Conclusion, Evidence
from osc_hwmt.source import update as update_source
from osc_hwmt.source.effect import Effect
from osc_hwmt.source.facts import Fact, ServerFacts
from osc_hwmt.source.selection import RequestedProperties
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


class FirstLookTest(cases.TestCase):
    def test_what_is_wanted_and_the_facts_are_written(self) -> None:
        update = updated(manifest_text(resource()), found_with(fact_of()))
        server = server_in(update.text)
        self.assertEqual(PC, server['params'][KEY])
        self.assertEqual(
            {'value': PC, 'evidence': 'volume-image-metadata'},
            server['_info'][KEY],
        )
        self.assertEqual(Effect.ADDED, update.lines[0].effect)

    def test_nothing_found_leaves_it_to_the_destination(self) -> None:
        update = updated(manifest_text(resource()), found_with(fact_of(None)))
        server = server_in(update.text)
        self.assertIsNone(server['params'].get(KEY, 'absent'))
        self.assertEqual(Intent.LEAVE, update.lines[0].entry.wanted.intent)

    def test_what_is_unknown_never_becomes_a_wish(self) -> None:
        update = updated(manifest_text(resource()), found_with(UNKNOWN))
        server = server_in(update.text)
        self.assertNotIn(KEY, server['params'])
        self.assertEqual('not allowed to see', server['_info'][KEY]['unknown'])
        self.assertEqual(Intent.MISSING, update.lines[0].entry.wanted.intent)

    def test_a_wish_that_was_there_before_stays(self) -> None:
        text = manifest_text(resource(params={KEY: Q35}))
        update = updated(text, found_with(fact_of(PC)))
        self.assertEqual(Q35, server_in(update.text)['params'][KEY])
        self.assertEqual(Q35, update.lines[0].entry.wanted.value)


class OtherHardwareTest(cases.TestCase):
    """Every property that is asked for is treated like the machine type."""

    def found(self, **values: str | None) -> ServerFacts:
        properties = {
            key: Conclusion(
                value,
                Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
            )
            for key, value in values.items()
        }
        return found_with(fact_of(properties=properties))

    def update(
        self, text: str, asked: RequestedProperties, **values: str | None
    ) -> dict[str, Any]:
        self.text = update_source.update(
            read_manifest(text, PATH),
            {'source-1': self.found(**values)},
            extend=False,
            requested=asked,
        ).text
        return server_in(self.text)

    def setUp(self) -> None:
        super().setUp()
        self.before = manifest_text(resource())

    def test_a_named_property_is_written_whatever_was_found(self) -> None:
        asked = RequestedProperties(frozenset({'os_type', 'hw_disk_bus'}))
        server = self.update(
            self.before, asked, os_type=None, hw_disk_bus='ide'
        )
        self.assertEqual(
            (None, 'ide'),
            (server['params']['os_type'], server['params']['hw_disk_bus']),
        )
        self.assertEqual(
            {'value': 'ide', 'evidence': 'volume-image-metadata'},
            server['_info']['hw_disk_bus'],
        )

    def test_shipped_hardware_is_written_where_it_was_found(self) -> None:
        server = self.update(
            self.before,
            RequestedProperties(hardware=True),
            os_type=None,
            hw_disk_bus='ide',
        )
        self.assertIn('hw_disk_bus', server['params'])
        self.assertNotIn('os_type', server['params'])
        self.assertNotIn('os_type', server['_info'])

    def test_what_nobody_asked_for_is_not_written(self) -> None:
        server = self.update(
            self.before, RequestedProperties(), hw_disk_bus='ide'
        )
        self.assertNotIn('hw_disk_bus', server['params'])

    def test_what_the_manifest_has_is_refreshed_unasked(self) -> None:
        self.update(
            self.before, RequestedProperties(hardware=True), hw_disk_bus='ide'
        )
        server = self.update(
            self.text, RequestedProperties(), hw_disk_bus='scsi'
        )
        self.assertEqual('scsi', server['params']['hw_disk_bus'])
        (entry,) = read_manifest(self.text, PATH).entries
        self.assertEqual({'hw_disk_bus'}, RequestedProperties().keys([entry]))

    def test_an_edit_outlives_new_facts(self) -> None:
        self.update(
            self.before, RequestedProperties(hardware=True), hw_disk_bus='ide'
        )
        for edit in ('sata', 'null', "''"):
            edited = self.text.replace(
                '    hw_disk_bus: ide\n', f'    hw_disk_bus: {edit}\n'
            )
            self.assertNotEqual(self.text, edited)
            again = update_source.update(
                read_manifest(edited, PATH),
                {'source-1': self.found(hw_disk_bus='scsi')},
                extend=False,
            )
            self.assertIn(f'    hw_disk_bus: {edit}\n', again.text)
            self.assertEqual(Effect.EDIT_KEPT, again.lines[0].effect)

    def test_a_wish_that_was_deleted_comes_back_where_it_is_named(
        self,
    ) -> None:
        asked = RequestedProperties(frozenset({'os_type'}))
        self.update(self.before, asked, os_type='linux')
        deleted = self.text.replace('    os_type: linux\n', '')
        self.assertNotEqual(self.text, deleted)
        server = self.update(deleted, RequestedProperties(), os_type='linux')
        self.assertNotIn('os_type', server['params'])
        server = self.update(deleted, asked, os_type='linux')
        self.assertEqual('linux', server['params']['os_type'])

    def test_a_new_manifest_has_other_hardware(self) -> None:
        update = created(
            self.found(hw_disk_bus='ide', os_type=None),
            asked=RequestedProperties(hardware=True),
        )
        (entry,) = read_manifest(update.text, PATH).entries
        self.assertEqual({KEY, 'hw_disk_bus'}, set(entry.wanted_properties))


class LaterLookTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.text = updated(
            manifest_text(resource()), found_with(fact_of())
        ).text

    def effect(self, update: Update) -> Effect:
        return update.lines[0].effect

    def test_the_same_facts_change_no_byte(self) -> None:
        update = updated(self.text, found_with(fact_of()))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.UNCHANGED, self.effect(update))

    def test_new_facts_move_an_untouched_wish(self) -> None:
        update = updated(self.text, found_with(fact_of(Q35)))
        server = server_in(update.text)
        self.assertEqual(
            (Q35, Q35), (server['params'][KEY], server['_info'][KEY]['value'])
        )
        self.assertEqual(Effect.REFRESHED, self.effect(update))

    def test_every_edit_outlives_new_facts(self) -> None:
        for edit, kept in (
            ('virt', 'virt'),
            ('null', None),
            ("''", ''),
            ('"virt"  # agreed with the owner', 'virt'),
        ):
            edited = self.text.replace(
                f'    {KEY}: {PC}', f'    {KEY}: {edit}'
            )
            self.assertNotEqual(self.text, edited)
            update = updated(edited, found_with(fact_of(Q35)))
            server = server_in(update.text)
            self.assertEqual(kept, server['params'][KEY])
            self.assertEqual(Q35, server['_info'][KEY]['value'])
            self.assertEqual(Effect.EDIT_KEPT, self.effect(update))
            self.assertIn(f'    {KEY}: {edit}\n', update.text)

    def test_a_wish_that_was_deleted_comes_back(self) -> None:
        deleted = self.text.replace(f'    {KEY}: {PC}\n', '')
        update = updated(deleted, found_with(fact_of()))
        self.assertEqual(PC, server_in(update.text)['params'][KEY])

    def test_an_unknown_fact_keeps_the_earlier_one(self) -> None:
        update = updated(self.text, found_with(UNKNOWN))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.EARLIER_KEPT, self.effect(update))

    def test_nothing_set_is_a_fact_that_an_unknown_one_keeps(self) -> None:
        text = updated(
            manifest_text(resource()), found_with(fact_of(None))
        ).text
        update = updated(text, found_with(UNKNOWN))
        self.assertEqual(text, update.text)
        self.assertEqual(Effect.EARLIER_KEPT, self.effect(update))
        self.assertEqual(Intent.LEAVE, update.lines[0].entry.wanted.intent)

    def test_a_null_that_an_operator_wrote_beside_unknown_stays(self) -> None:
        unknown = updated(manifest_text(resource()), found_with(UNKNOWN)).text
        edited = unknown.replace(
            '\n  params:\n', f'\n  params:\n    {KEY}: null\n'
        )
        self.assertNotEqual(unknown, edited)
        update = updated(edited, found_with(fact_of(PC)))
        self.assertIsNone(server_in(update.text)['params'][KEY])
        self.assertEqual(Effect.EDIT_KEPT, self.effect(update))

    def test_what_was_not_looked_at_gets_no_line(self) -> None:
        text = manifest_text(resource(), resource('db', 'source-2'))
        update = update_source.update(
            read_manifest(text, PATH),
            {'source-1': found_with(fact_of())},
            extend=False,
            looked_at=lambda entry: entry.name == 'web',
        )
        self.assertEqual(['web'], [line.entry.name for line in update.lines])
        self.assertNotIn(KEY, server_in(update.text, 1)['params'])

    def test_a_server_that_is_not_found_keeps_everything(self) -> None:
        update = updated(self.text)
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.NOT_FOUND, self.effect(update))
        self.assertIsNone(update.lines[0].fact)

    def test_what_was_unknown_becomes_known(self) -> None:
        unknown = updated(manifest_text(resource()), found_with(UNKNOWN)).text
        update = updated(unknown, found_with(fact_of()))
        server = server_in(update.text)
        self.assertEqual(PC, server['params'][KEY])
        self.assertNotIn('unknown', server['_info'][KEY])

    def test_keys_that_os_migrate_dropped_come_back(self) -> None:
        update = updated(manifest_text(resource()), found_with(fact_of()))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.ADDED, self.effect(update))


class ProposalTest(cases.TestCase):
    """Another machine type than the one found is wished for."""

    OLD = 'pc-i440fx-rhel7.4.0'
    PROPOSAL = Proposal(Kind.TRANSLATED, PC)

    def setUp(self) -> None:
        super().setUp()
        self.first = updated(
            manifest_text(resource()),
            found_with(fact_of(self.OLD, proposal=self.PROPOSAL)),
        )

    def again(self, text: str, fact: Fact) -> Update:
        return updated(text, found_with(fact))

    def test_the_original_stands_beside_it(self) -> None:
        server = server_in(self.first.text)
        self.assertEqual(PC, server['params'][KEY])
        facts = server['_info'][KEY]
        self.assertEqual(
            (self.OLD, PC), (facts['value'], facts['translated_to'])
        )

    def test_a_proposal_stays_without_being_proposed_again(self) -> None:
        again = self.again(self.first.text, fact_of(self.OLD))
        self.assertEqual(self.first.text, again.text)
        self.assertEqual(Effect.UNCHANGED, again.lines[0].effect)

    def test_a_proposal_goes_with_the_fact_that_it_was_made_for(self) -> None:
        again = self.again(self.first.text, fact_of(Q35))
        server = server_in(again.text)
        self.assertEqual(Q35, server['params'][KEY])
        self.assertNotIn('translated_to', server['_info'][KEY])

    def test_an_edit_outlives_a_proposal(self) -> None:
        for edit in (self.OLD, Q35):
            text = self.first.text.replace(
                f'hw_machine_type: {PC}', f'hw_machine_type: {edit}'
            )
            again = self.again(text, fact_of(self.OLD, proposal=self.PROPOSAL))
            self.assertEqual(edit, server_in(again.text)['params'][KEY])
            self.assertEqual(Effect.EDIT_KEPT, again.lines[0].effect)
