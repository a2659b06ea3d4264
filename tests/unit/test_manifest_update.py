# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import difflib
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt import manifest_update
from osc_hwmt.entry import Intent
from osc_hwmt.evidence import Conclusion, Fact
from osc_hwmt.manifest import parse
from osc_hwmt.manifest_entry import SERVER_TYPE
from osc_hwmt.manifest_update import Asked, Effect, Found, Update
from osc_hwmt.observation import Evidence, Observation
from osc_hwmt.proposal import Kind, Proposal
from tests import fakes
from tests.fakes import PC, Q35, manifest_text, resource
from tests.unit import base

KEY = 'hw_machine_type'
PATH = 'workloads.yml'


def _fact(value: str | None = PC, **more: Any) -> Fact:
    return Fact(
        value,
        Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
        **more,
    )


def _found(
    fact: Fact, server_id: str = 'source-1', name: str = 'web'
) -> Found:
    return Found(fakes.server(name, server_id), fact)


UNKNOWN = _fact(None, unknown='not allowed to see')


def _update(text: str, *found: Found, extend: bool = False) -> Update:
    return manifest_update.update(
        parse(text, PATH),
        {one.server.id: one for one in found if one.server},
        extend=extend,
    )


def _server(text: str, position: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)['resources'][position]
    return found


class FirstUpdateTest(base.TestCase):
    def test_the_wish_and_the_facts_are_written(self) -> None:
        update = _update(manifest_text(resource()), _found(_fact()))
        server = _server(update.text)
        self.assertEqual(PC, server['params'][KEY])
        self.assertEqual(
            {'value': PC, 'evidence': 'volume-image-metadata'},
            server['_info'][KEY],
        )
        self.assertEqual(Effect.ADDED, update.lines[0].effect)

    def test_nothing_found_leaves_it_to_the_destination(self) -> None:
        update = _update(manifest_text(resource()), _found(_fact(None)))
        server = _server(update.text)
        self.assertIsNone(server['params'].get(KEY, 'absent'))
        self.assertEqual(Intent.LEAVE, update.lines[0].entry.wanted.intent)

    def test_what_is_unknown_never_becomes_a_wish(self) -> None:
        update = _update(manifest_text(resource()), _found(UNKNOWN))
        server = _server(update.text)
        self.assertNotIn(KEY, server['params'])
        self.assertEqual('not allowed to see', server['_info'][KEY]['unknown'])
        self.assertEqual(Intent.MISSING, update.lines[0].entry.wanted.intent)

    def test_a_wish_that_was_there_before_stays(self) -> None:
        text = manifest_text(resource(params={KEY: Q35}))
        update = _update(text, _found(_fact(PC)))
        self.assertEqual(Q35, _server(update.text)['params'][KEY])
        self.assertEqual(Q35, update.lines[0].entry.wanted.value)

    def test_all_that_is_known_is_recorded(self) -> None:
        fact = _fact(
            contradicted_by=(Observation(Evidence.IMAGE_PROPERTY, Q35),),
            boot_volume=fakes.volume('volume-1', 'web-boot', size=10),
            boot_volume_rule='only-volume',
            image=fakes.image('image-1'),
            architecture='x86_64',
            project=fakes.OWN,
        )
        update = _update(manifest_text(resource()), _found(fact))
        self.assertEqual(
            {
                'value': PC,
                'evidence': 'volume-image-metadata',
                'contradicted_by': [
                    {'evidence': 'image-property', 'value': Q35}
                ],
                'boot_volume_id': 'volume-1',
                'boot_volume_name': 'web-boot',
                'boot_volume_size': 10,
                'boot_volume_rule': 'only-volume',
                'image_id': 'image-1',
                'architecture': 'x86_64',
                'project_name': 'erp',
                'project_domain_name': 'Default',
            },
            _server(update.text)['_info'][KEY],
        )

    def test_comments_order_and_quotes_stay(self) -> None:
        text = (
            '# top\n'
            'os_migrate_version: "1.0.5"\n'
            'resources:\n'
            "- type: 'openstack.compute.Server'  # a server\n"
            '  params:\n'
            '    # its name\n'
            '    name: "web"\n'
            '  _info:\n'
            "    id: 'source-1'   # found\n"
            '# end\n'
        )
        edited = _update(text, _found(_fact(None))).text
        kept = [line for line in edited.splitlines() if line in text]
        self.assertEqual(text.splitlines(), kept)

    def test_servers_the_manifest_lacks_are_added_only_on_request(
        self,
    ) -> None:
        text = manifest_text(resource())
        other = _found(_fact(Q35), 'source-2', 'db')
        self.assertEqual(text, _update(text, other).text)
        extended = _update(text, other, extend=True)
        self.assertEqual('db', _server(extended.text, 1)['params']['name'])
        self.assertEqual(
            [Effect.NOT_FOUND, Effect.ADDED],
            [line.effect for line in extended.lines],
        )

    def test_a_real_os_migrate_file_only_grows(self) -> None:
        text = base.real_workloads()
        found = [
            _found(_fact(PC), one.server_id, one.name)
            for one in parse(text, PATH).entries
        ]
        edited = _update(text, *found).text
        self.assertEqual(
            [],
            [
                line
                for line in difflib.ndiff(
                    text.splitlines(), edited.splitlines()
                )
                if line.startswith(('-', '?'))
            ],
        )
        self.assertEqual(
            len(found) * 4, len(edited.splitlines()) - len(text.splitlines())
        )


class OtherHardwareTest(base.TestCase):
    """Every property that is asked for is treated like the machine type."""

    def found(self, **values: str | None) -> Found:
        properties = {
            key: Conclusion(
                value,
                Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
            )
            for key, value in values.items()
        }
        return _found(_fact(properties=properties))

    def update(
        self, text: str, asked: Asked, **values: str | None
    ) -> dict[str, Any]:
        self.text = manifest_update.update(
            parse(text, PATH),
            {'source-1': self.found(**values)},
            extend=False,
            asked=asked,
        ).text
        return _server(self.text)

    def setUp(self) -> None:
        super().setUp()
        self.before = manifest_text(resource())

    def test_a_named_property_is_written_whatever_was_found(self) -> None:
        asked = Asked(frozenset({'os_type', 'hw_disk_bus'}))
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
            self.before, Asked(hardware=True), os_type=None, hw_disk_bus='ide'
        )
        self.assertIn('hw_disk_bus', server['params'])
        self.assertNotIn('os_type', server['params'])
        self.assertNotIn('os_type', server['_info'])

    def test_what_nobody_asked_for_is_not_written(self) -> None:
        server = self.update(self.before, Asked(), hw_disk_bus='ide')
        self.assertNotIn('hw_disk_bus', server['params'])

    def test_what_the_manifest_has_is_refreshed_unasked(self) -> None:
        self.update(self.before, Asked(hardware=True), hw_disk_bus='ide')
        server = self.update(self.text, Asked(), hw_disk_bus='scsi')
        self.assertEqual('scsi', server['params']['hw_disk_bus'])
        (entry,) = parse(self.text, PATH).entries
        self.assertEqual({'hw_disk_bus'}, Asked().keys([entry]))

    def test_an_edit_outlives_new_facts(self) -> None:
        self.update(self.before, Asked(hardware=True), hw_disk_bus='ide')
        for edit in ('sata', 'null', "''"):
            edited = self.text.replace(
                '    hw_disk_bus: ide\n', f'    hw_disk_bus: {edit}\n'
            )
            self.assertNotEqual(self.text, edited)
            again = manifest_update.update(
                parse(edited, PATH),
                {'source-1': self.found(hw_disk_bus='scsi')},
                extend=False,
            )
            self.assertIn(f'    hw_disk_bus: {edit}\n', again.text)
            self.assertEqual(Effect.EDIT_KEPT, again.lines[0].effect)

    def test_a_wish_that_was_deleted_comes_back_where_it_is_named(
        self,
    ) -> None:
        asked = Asked(frozenset({'os_type'}))
        self.update(self.before, asked, os_type='linux')
        deleted = self.text.replace('    os_type: linux\n', '')
        self.assertNotEqual(self.text, deleted)
        server = self.update(deleted, Asked(), os_type='linux')
        self.assertNotIn('os_type', server['params'])
        server = self.update(deleted, asked, os_type='linux')
        self.assertEqual('linux', server['params']['os_type'])

    def test_a_new_manifest_has_them_too(self) -> None:
        update = manifest_update.create(
            [self.found(hw_disk_bus='ide', os_type=None)],
            PATH,
            Asked(hardware=True),
        )
        (entry,) = parse(update.text, PATH).entries
        self.assertEqual({KEY, 'hw_disk_bus'}, set(entry.wishes))


class LaterUpdateTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.text = _update(manifest_text(resource()), _found(_fact())).text

    def effect(self, update: Update) -> Effect:
        return update.lines[0].effect

    def test_the_same_facts_change_no_byte(self) -> None:
        update = _update(self.text, _found(_fact()))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.UNCHANGED, self.effect(update))

    def test_new_facts_move_an_untouched_wish(self) -> None:
        update = _update(self.text, _found(_fact(Q35)))
        server = _server(update.text)
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
            update = _update(edited, _found(_fact(Q35)))
            server = _server(update.text)
            self.assertEqual(kept, server['params'][KEY])
            self.assertEqual(Q35, server['_info'][KEY]['value'])
            self.assertEqual(Effect.EDIT_KEPT, self.effect(update))
            self.assertIn(f'    {KEY}: {edit}\n', update.text)

    def test_a_wish_that_was_deleted_comes_back(self) -> None:
        deleted = self.text.replace(f'    {KEY}: {PC}\n', '')
        update = _update(deleted, _found(_fact()))
        self.assertEqual(PC, _server(update.text)['params'][KEY])

    def test_an_unknown_fact_keeps_the_earlier_one(self) -> None:
        update = _update(self.text, _found(UNKNOWN))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.EARLIER_KEPT, self.effect(update))

    def test_nothing_set_is_a_fact_that_an_unknown_one_keeps(self) -> None:
        text = _update(manifest_text(resource()), _found(_fact(None))).text
        update = _update(text, _found(UNKNOWN))
        self.assertEqual(text, update.text)
        self.assertEqual(Effect.EARLIER_KEPT, self.effect(update))
        self.assertEqual(Intent.LEAVE, update.lines[0].entry.wanted.intent)

    def test_a_null_that_an_operator_wrote_beside_unknown_stays(self) -> None:
        unknown = _update(manifest_text(resource()), _found(UNKNOWN)).text
        edited = unknown.replace(
            '\n  params:\n', f'\n  params:\n    {KEY}: null\n'
        )
        self.assertNotEqual(unknown, edited)
        update = _update(edited, _found(_fact(PC)))
        self.assertIsNone(_server(update.text)['params'][KEY])
        self.assertEqual(Effect.EDIT_KEPT, self.effect(update))

    def test_what_was_not_looked_at_gets_no_line(self) -> None:
        text = manifest_text(resource(), resource('db', 'source-2'))
        update = manifest_update.update(
            parse(text, PATH),
            {'source-1': _found(_fact())},
            extend=False,
            looked_at=lambda entry: entry.name == 'web',
        )
        self.assertEqual(['web'], [line.entry.name for line in update.lines])
        self.assertNotIn(KEY, _server(update.text, 1)['params'])

    def test_a_server_that_is_not_found_keeps_everything(self) -> None:
        update = _update(self.text)
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.NOT_FOUND, self.effect(update))
        self.assertIsNone(update.lines[0].fact)

    def test_what_was_unknown_becomes_known(self) -> None:
        unknown = _update(manifest_text(resource()), _found(UNKNOWN)).text
        update = _update(unknown, _found(_fact()))
        server = _server(update.text)
        self.assertEqual(PC, server['params'][KEY])
        self.assertNotIn('unknown', server['_info'][KEY])

    def test_keys_that_os_migrate_dropped_come_back(self) -> None:
        update = _update(manifest_text(resource()), _found(_fact()))
        self.assertEqual(self.text, update.text)
        self.assertEqual(Effect.ADDED, self.effect(update))


class ProposalTest(base.TestCase):
    """Another machine type than the one found is wished for."""

    OLD = 'pc-i440fx-rhel7.4.0'
    PROPOSAL = Proposal(Kind.TRANSLATED, PC)

    def setUp(self) -> None:
        super().setUp()
        self.first = _update(
            manifest_text(resource()),
            _found(_fact(self.OLD, proposal=self.PROPOSAL)),
        )

    def again(self, text: str, fact: Fact) -> Update:
        return _update(text, _found(fact))

    def test_the_original_stands_beside_it(self) -> None:
        server = _server(self.first.text)
        self.assertEqual(PC, server['params'][KEY])
        facts = server['_info'][KEY]
        self.assertEqual(
            (self.OLD, PC), (facts['value'], facts['translated_to'])
        )

    def test_it_stays_without_being_proposed_again(self) -> None:
        again = self.again(self.first.text, _fact(self.OLD))
        self.assertEqual(self.first.text, again.text)
        self.assertEqual(Effect.UNCHANGED, again.lines[0].effect)

    def test_it_goes_with_the_fact_that_it_was_made_for(self) -> None:
        again = self.again(self.first.text, _fact(Q35))
        server = _server(again.text)
        self.assertEqual(Q35, server['params'][KEY])
        self.assertNotIn('translated_to', server['_info'][KEY])

    def test_an_edit_outlives_it(self) -> None:
        for edit in (self.OLD, Q35):
            text = self.first.text.replace(
                f'hw_machine_type: {PC}', f'hw_machine_type: {edit}'
            )
            again = self.again(text, _fact(self.OLD, proposal=self.PROPOSAL))
            self.assertEqual(edit, _server(again.text)['params'][KEY])
            self.assertEqual(Effect.EDIT_KEPT, again.lines[0].effect)


class CreateTest(base.TestCase):
    def test_it_holds_the_servers_in_their_order(self) -> None:
        update = manifest_update.create(
            [
                _found(_fact(), 'id-b', 'b'),
                _found(_fact(None), 'id-a', 'a'),
            ],
            PATH,
        )
        entries = parse(update.text, PATH).entries
        self.assertEqual(['b', 'a'], [one.name for one in entries])
        self.assertEqual(
            [Intent.SET, Intent.LEAVE], [one.wanted.intent for one in entries]
        )

    def test_it_has_the_structure_of_os_migrate(self) -> None:
        update = manifest_update.create([_found(_fact())], PATH)
        server = _server(update.text)
        self.assertEqual(SERVER_TYPE, server['type'])
        self.assertEqual(
            {'uuid': None}, server['_migration_params']['boot_volume']
        )
        self.assertEqual(fakes.OWN.id, server['_info']['project_id'])

    def test_an_image_backed_server_names_its_image(self) -> None:
        server = fakes.server(image_id='image-1')
        for image, name in (
            (fakes.image(name='rhel'), 'rhel'),
            (None, 'image-1'),
        ):
            fact = dataclasses.replace(_fact(), image=image)
            text = manifest_update.create([Found(server, fact)], PATH).text
            entry = parse(text, PATH).entries[0]
            self.assertEqual(name, entry.image_name)
            self.assertFalse(entry.copies_image)

    def test_a_server_of_which_nothing_is_known_has_no_wish(self) -> None:
        text = manifest_update.create([_found(UNKNOWN)], PATH).text
        self.assertNotIn(KEY, _server(text)['params'])

    def test_it_tells_the_reader_what_to_edit(self) -> None:
        text = manifest_update.create([], PATH).text
        self.assertTrue(text.startswith('#'))
        self.assertEqual({'resources': []}, yaml.safe_load(text))

    def test_writing_it_again_changes_no_byte(self) -> None:
        found = [
            _found(_fact(), 'id-a', "o'brien: #1"),
            _found(_fact(None), 'id-b', 'null'),
            _found(UNKNOWN, 'id-c', '\x1b[2J ü'),
        ]
        text = manifest_update.create(found, PATH).text
        self.assertEqual(text, _update(text, *found, extend=True).text)


_NAMES = st.text(st.characters(codec='utf-8'), min_size=1, max_size=30)
_TYPES = st.sampled_from([None, PC, Q35, 'virt'])
_STYLES = st.fixed_dictionaries(
    {
        'default_flow_style': st.sampled_from([False, False, None, True]),
        'indent': st.integers(2, 4),
        'sort_keys': st.booleans(),
        'width': st.sampled_from([20, 80, 10000]),
        'allow_unicode': st.booleans(),
        'default_style': st.sampled_from([None, None, '"', "'"]),
        'explicit_start': st.booleans(),
        'explicit_end': st.booleans(),
    }
)


@dataclasses.dataclass(frozen=True)
class _Case:
    """A manifest that somebody wrote, and what is known of its servers."""

    data: dict[str, Any]
    text: str
    found: tuple[Found, ...]
    block: bool


@st.composite
def _cases(draw: st.DrawFn) -> _Case:
    names = draw(st.lists(_NAMES, min_size=1, max_size=3))
    style = draw(_STYLES)
    resources = [
        resource(
            name,
            f'id-{number}',
            info={'note': draw(_NAMES)},
            params={'tags': draw(st.lists(_NAMES, max_size=2))},
        )
        for number, name in enumerate(names)
    ]
    text = manifest_text(*resources, **style)
    if draw(st.booleans()):
        text = '# above\n' + text
    if not style['explicit_end'] and draw(st.booleans()):
        text += '\n  # below\n'
    if draw(st.booleans()):
        text = text.replace('\n', '\r\n')
    found = tuple(
        _found(
            _fact(draw(_TYPES), boot_volume=fakes.volume(name=draw(_NAMES))),
            f'id-{number}',
            name,
        )
        for number, name in enumerate(names)
    )
    data = yaml.safe_load(text)
    block = style['default_flow_style'] is False
    return _Case(data, text, found, block)


class AnyStyleTest(base.TestCase):
    """Whatever way a manifest is written, an update only adds to it."""

    @given(_cases())
    def test_only_our_keys_are_new(self, case: _Case) -> None:
        after = yaml.safe_load(_update(case.text, *case.found).text)
        for server, one in zip(after['resources'], case.found):
            self.assertEqual(one.fact.value, server['params'].pop(KEY))
            self.assertEqual(one.fact.value, server['_info'].pop(KEY)['value'])
        self.assertEqual(case.data, after)

    @given(_cases())
    def test_every_character_stays_in_its_order(self, case: _Case) -> None:
        edited = _update(case.text, *case.found).text
        rest = iter(edited)
        self.assertTrue(
            all(char in rest for char in case.text), 'a character was lost'
        )
        if case.block:
            old, new = case.text.splitlines(True), edited.splitlines(True)
            lines = iter(new)
            self.assertTrue(
                all(line in lines for line in old), 'a line was touched'
            )

    @given(_cases())
    def test_a_second_update_changes_no_byte(self, case: _Case) -> None:
        once = _update(case.text, *case.found).text
        self.assertEqual(once, _update(once, *case.found).text)

    @given(_cases(), st.sampled_from(['s390', '', None]))
    def test_an_edit_outlives_new_facts(
        self, case: _Case, wish: str | None
    ) -> None:
        for server in case.data['resources']:
            server['params'][KEY] = wish
            server['_info'][KEY] = fakes.facts('isapc')
        edited = yaml.safe_dump(case.data)
        after = yaml.safe_load(_update(edited, *case.found).text)
        for server, one in zip(after['resources'], case.found):
            self.assertEqual(wish, server['params'][KEY])
            self.assertEqual(one.fact.value, server['_info'][KEY]['value'])

    @given(_cases(), _NAMES)
    def test_new_servers_leave_the_old_ones_alone(
        self, case: _Case, name: str
    ) -> None:
        new = _found(_fact(), 'id-new', name)
        after = yaml.safe_load(_update(case.text, new, extend=True).text)
        added = after['resources'].pop()
        self.assertEqual(name, added['params']['name'])
        self.assertEqual(case.data, after)
