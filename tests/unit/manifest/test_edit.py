# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest import mock

import yaml

from osc_hwmt.exceptions import Error
from osc_hwmt.manifest.edit import Edited, Put, edit
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.yaml_text import splices as yaml_splices
from osc_hwmt.yaml_text.splices import Splice
from tests.unit.support import cases
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    source_volume,
)

KEY = 'hw_machine_type'
PATH = 'workloads.yml'


def _edit(
    text: str, *edits: Put, new: Sequence[dict[str, Any]] = ()
) -> Edited:
    return edit(
        read_manifest(text, PATH),
        lambda entry: entry.name == 'web',
        lambda _entry, _node: edits,
        new,
    )


class EditTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.resources = [resource(), resource('db', 'source-2')]
        self.text = manifest_text(*self.resources)

    def resources_of(self, text: str) -> list[Any]:
        found: list[Any] = yaml.safe_load(text)['resources']
        return found


class EditTest(EditTestCase):
    def test_only_the_chosen_entries_are_edited(self) -> None:
        edited = _edit(self.text, Put('params', KEY, PC))
        web, db = self.resources_of(edited.text)
        self.assertEqual(PC, web['params'].pop(KEY))
        self.assertEqual(self.resources, [web, db])
        self.assertEqual({'source-1'}, edited.touched)
        self.assertEqual(
            [PC, None], [one.wanted.value for one in edited.entries]
        )

    def test_new_resources_follow_the_last_one(self) -> None:
        new = [resource('new', 'source-3', params={KEY: Q35})]
        edited = _edit(
            self.text + '# end\nz: 1\n', Put('params', KEY, PC), new=new
        )
        self.assertEqual(new, self.resources_of(edited.text)[2:])
        self.assertEqual(
            [PC, None, Q35], [one.wanted.value for one in edited.entries]
        )
        self.assertTrue(edited.text.endswith('\n# end\nz: 1\n'))

    def test_new_resources_may_be_the_first_ones(self) -> None:
        new = [resource(), resource('db', 'source-2')]
        for text in (
            'a: 1\nresources: []  # none\nz: 2\n',
            'a: 1\r\nresources: []\r\nz: 2\r\n',
        ):
            edited = _edit(text, new=new)
            self.assertEqual(
                {'a': 1, 'resources': new, 'z': 2},
                yaml.safe_load(edited.text),
            )
            self.assertEqual(
                [(one.server_id, one.line) for one in edited.entries],
                [
                    (one.server_id, one.line)
                    for one in read_manifest(edited.text, PATH).entries
                ],
            )

    def test_flow_style_is_read_and_not_edited(self) -> None:
        for text in (
            manifest_text(*self.resources, default_flow_style=True),
            self.text.replace('resources:', '"resources":'),
            '{a: 1, resources: [], z: 2}\n',
            'resources:\n- {type: openstack.compute.Server, params: {name: '
            'web}, _info: {id: a}}\n',
        ):
            edited = _edit(text)
            self.assertEqual((text, set()), (edited.text, edited.touched))
            put = Put('params', KEY, PC)
            new = [resource('new', 'source-3')] if '[]' in text else []
            error = self.assertRaises(Error, _edit, text, put, new=new)
            self.assertEqual(
                f'{PATH} is written in a way that cannot be edited in place',
                str(error),
            )


class InvalidTest(EditTestCase):
    def test_an_illegal_word_of_a_volume_may_begin_to_count(self) -> None:
        volume = source_volume()
        volume['params']['volume_image_metadata'] = {'os_type': 'beos'}
        text = manifest_text(
            resource('db', 'source-2'), resource(params={'volumes': [volume]})
        )
        error = self.assertRaises(
            Error, _edit, text, Put('params', 'os_type', 'linux')
        )
        first, second = str(error).splitlines()
        self.assertIn('would be invalid', first)
        # The place of the file as it is: where the server begins.
        begin = read_manifest(text, PATH).entries[1].line
        self.assertIn(f'{PATH}:{begin}:', second)
        self.assertIn("found 'beos'", second)


class ProofTest(EditTestCase):
    """An edit that went wrong is found out, however it went wrong."""

    def refused(self, text: str, splice: Splice) -> None:
        with mock.patch(
            'osc_hwmt.manifest.edit.set_key', lambda *_arguments: splice
        ):
            error = self.assertRaises(
                Error, _edit, text, Put('params', KEY, PC)
            )
        self.assertIn('cannot be edited in place', str(error))

    def test_an_edit_in_the_wrong_place_is_no_edit(self) -> None:
        text = self.text
        start = text.index('    name: web') - text.index('- _info')
        for added in (
            f'{KEY}: {PC}\n',
            f'    {KEY}: {Q35}\n',
            f'    {KEY}: {PC}\n    more: 1\n',
            f'    {KEY}: {PC}\n- type: x\n',
            f'    {KEY}: "{PC}\n',
            f'    {KEY}: {PC}\n    {KEY}: {PC}\n',
            f'    ? {{{KEY}: {PC}}}\n    : 1\n',
            f'    {KEY}: {PC}\n---\n',
        ):
            self.refused(text, Splice(start, start, added))
        self.refused(text, Splice(start, start + 1, f'    {KEY}: {PC}\n'))
        self.refused(text, Splice(start, start + 14, f'    {KEY}: {PC}'))
        self.refused(text, Splice(start, start, '# nothing\n'))

    def test_new_resources_are_read_back(self) -> None:
        new = [resource('new', 'source-3')]
        for text in (self.text, 'resources: []\n'):
            for wrong in (
                '- type: x',
                '- type: x\n- type: x',
                '# nothing',
                '- "',
                'z: 1',
            ):
                with mock.patch.object(
                    yaml_splices.InsertionPoint, 'item', return_value=wrong
                ):
                    self.assertRaises(Error, _edit, text, new=new)
