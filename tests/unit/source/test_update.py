# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import difflib
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.entry import Intent
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.machine_type import Family
from osc_hwmt.source.effect import Effect
from osc_hwmt.source.facts import ExportedServer, Fact, ServerFacts
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    source_volume,
)
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


class UpdateTest(cases.TestCase):
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
        edited = updated(text, found_with(fact_of(None))).text
        kept = [line for line in edited.splitlines() if line in text]
        self.assertEqual(text.splitlines(), kept)

    def test_servers_the_manifest_lacks_are_added_only_on_request(
        self,
    ) -> None:
        text = manifest_text(resource())
        other = found_with(fact_of(Q35), 'source-2', 'db')
        self.assertEqual(text, updated(text, other).text)
        extended = updated(text, other, extend=True)
        self.assertEqual('db', server_in(extended.text, 1)['params']['name'])
        self.assertEqual(
            [Effect.NOT_FOUND, Effect.ADDED],
            [line.effect for line in extended.lines],
        )

    def test_a_real_os_migrate_file_only_grows(self) -> None:
        text = cases.real_workloads()
        found = [
            found_with(fact_of(PC), one.server_id, one.name)
            for one in read_manifest(text, PATH).entries
        ]
        edited = updated(text, *found).text
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


class ContradictionTest(cases.TestCase):
    """New facts or wishes, and an edit of the volume's own metadata."""

    def setUp(self) -> None:
        super().setUp()
        self.text = manifest_text(
            resource(params={'volumes': [source_volume(machine_type=Q35)]})
        )
        self.server = fakes.server('web', 'source-1')

    def refused(self, text: str, fact: Fact, **wanted: str | None) -> str:
        found = ServerFacts(ExportedServer.of(self.server), fact, wanted)
        error = self.assertRaises(ManifestError, updated, text, found)
        (problem,) = error.problems
        line = text.splitlines()[problem.line - 1]
        self.assertEqual(f'{KEY}: {Q35}', line.strip())
        return str(problem.text)

    def test_an_override_does_not_pass_over_an_edit(self) -> None:
        self.assertEqual(
            f'web: volume_image_metadata of its boot volume has {KEY} '
            f'{Q35}, but the volume itself has {PC}, and virt is wanted; '
            'expected one of the last two here',
            self.refused(self.text, fact_of(PC), **{KEY: 'virt'}),
        )

    def test_an_override_is_taken_where_the_volume_is_as_it_was(self) -> None:
        found = ServerFacts(
            ExportedServer.of(self.server), fact_of(Q35), {KEY: 'virt'}
        )
        (line,) = updated(self.text, found).lines
        self.assertEqual('virt', line.entry.wanted.value)

    def test_a_volume_that_changed_at_the_source_is_told(self) -> None:
        found = found_with(fact_of(Q35))
        edited = updated(self.text, found).text.replace(
            f'    {KEY}: {Q35}\n    im', f'    {KEY}: virt\n    im'
        )
        self.assertIn(KEY + ': virt', edited)
        self.assertIn(
            'the volume itself has nothing, and virt is wanted',
            self.refused(edited, fact_of(None)),
        )


class CreateTest(cases.TestCase):
    def test_a_new_manifest_holds_the_servers_in_their_order(self) -> None:
        update = created(
            found_with(fact_of(), 'id-b', 'b'),
            found_with(fact_of(None), 'id-a', 'a'),
        )
        entries = read_manifest(update.text, PATH).entries
        self.assertEqual(['b', 'a'], [one.name for one in entries])
        self.assertEqual(
            [Intent.SET, Intent.LEAVE], [one.wanted.intent for one in entries]
        )

    def test_a_new_manifest_tells_the_reader_what_to_edit(self) -> None:
        text = created().text
        self.assertTrue(text.startswith('#'))
        self.assertEqual({'resources': []}, yaml.safe_load(text))

    def test_a_new_manifest_may_be_longer_than_what_is_read_as_one_piece(
        self,
    ) -> None:
        self.replace('osc_hwmt.yaml_text.nodes.MAX_CHARACTERS', 2000)
        found = [
            found_with(fact_of(), f'source-{number}') for number in range(20)
        ]
        text = created(*found).text
        self.assertLess(2000, len(text))
        self.assertEqual(20, len(read_manifest(text, PATH).entries))

    def test_writing_it_again_changes_no_byte(self) -> None:
        found = [
            found_with(fact_of(), 'id-a', "o'brien: #1"),
            found_with(fact_of(None), 'id-b', 'null'),
            found_with(UNKNOWN, 'id-c', '\x1b[2J ü'),
        ]
        text = created(*found).text
        self.assertEqual(text, updated(text, *found, extend=True).text)


#: Without YAML's own line breaks: where one stands unescaped, which os-migrate
#: never writes, a manifest is read and not edited.
_NAMES = st.text(
    st.characters(codec='utf-8', exclude_characters='\x85\u2028\u2029'),
    min_size=1,
    max_size=30,
)
_TYPES = st.sampled_from([None, PC, Q35, 'virt'])
_STYLES = st.fixed_dictionaries(
    {
        'indent': st.integers(2, 4),
        'sort_keys': st.booleans(),
        'width': st.sampled_from([20, 80, 10000]),
        'allow_unicode': st.booleans(),
        'explicit_start': st.booleans(),
        'explicit_end': st.booleans(),
    }
)


@dataclasses.dataclass(frozen=True)
class _Case:
    """A manifest that somebody wrote, and what is known of its servers."""

    data: dict[str, Any]
    text: str
    found: tuple[ServerFacts, ...]


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
        ServerFacts(
            ExportedServer.of(fakes.server(name, f'id-{number}')),
            fact_of(
                draw(_TYPES),
                boot_volume=fakes.volume(name=draw(_NAMES)),
                presumed=draw(st.sampled_from([None, Family.I440FX])),
            ),
            draw(st.sampled_from([{}, {KEY: None}, {KEY: 'virt'}])),
        )
        for number, name in enumerate(names)
    )
    data = yaml.safe_load(text)
    return _Case(data, text, found)


class AnyStyleTest(cases.TestCase):
    """Whatever way a manifest is written, an update only adds to it."""

    @given(_cases())
    def test_a_second_update_changes_no_byte(self, case: _Case) -> None:
        once = updated(case.text, *case.found).text
        self.assertEqual(once, updated(once, *case.found).text)

    @given(_cases())
    def test_what_is_presumed_and_chosen_is_read_as_it_was_written(
        self, case: _Case
    ) -> None:
        text = updated(case.text, *case.found).text
        for entry, one in zip(read_manifest(text, PATH).entries, case.found):
            recorded, nothing = entry.recorded, one.fact.value is None
            assert recorded is not None
            self.assertEqual(one.fact.presumed, recorded.presumed)
            self.assertEqual(
                nothing and one.wanted == {KEY: None},
                recorded.left_to_destination,
            )
            self.assertEqual(nothing and not one.wanted, entry.is_undecided)

    @given(_cases(), st.sampled_from(['s390', '', None]))
    def test_an_edit_outlives_new_facts(
        self, case: _Case, wanted: str | None
    ) -> None:
        for server in case.data['resources']:
            server['params'][KEY] = wanted
            server['_info'][KEY] = fakes.facts('isapc')
        edited = yaml.safe_dump(case.data)
        found = [dataclasses.replace(one, wanted={}) for one in case.found]
        after = yaml.safe_load(updated(edited, *found).text)
        for server, one in zip(after['resources'], case.found):
            self.assertEqual(wanted, server['params'][KEY])
            self.assertEqual(one.fact.value, server['_info'][KEY]['value'])

    @given(_cases(), _NAMES)
    def test_new_servers_leave_the_old_ones_alone(
        self, case: _Case, name: str
    ) -> None:
        new = found_with(fact_of(), 'id-new', name)
        after = yaml.safe_load(updated(case.text, new, extend=True).text)
        added = after['resources'].pop()
        self.assertEqual(name, added['params']['name'])
        self.assertEqual(case.data, after)
