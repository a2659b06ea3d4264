# SPDX-License-Identifier: Apache-2.0

"""The main job on two real clouds, in the phases in which it happens."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import stat
import time
from pathlib import Path
from typing import Any

import yaml

from tests.clouds import state, witness
from tests.clouds.created import Created
from tests.clouds.scenario import I440FX
from tests.functional.base import Answer, FunctionalTest, Pair
from tests.functional.with_clouds import TEST_CLOUDS
from tests.page import strict

pair: Pair
#: Seconds in which nobody can tell a write from Nova's reading apart.
_NOVAS_OWN_TIME = 13


def setUpModule() -> None:
    """Seed both clouds, unless another module has done so."""
    global pair
    pair = Pair.seeded()
    FunctionalTest.configuration = pair.configuration


class MigrationTest(FunctionalTest):
    """Export, edit, apply, apply again, change, verify."""

    def setUp(self) -> None:
        """Make the destination's volumes blank, as os-migrate leaves them."""
        super().setUp()
        for volume in pair.destination.volumes.values():
            if 'hw_machine_type' in self._volume(volume.label):
                pair.seeders[1].volume_action(
                    pair.destination.projects[volume.project].id,
                    volume.id,
                    {'os-unset_image_metadata': {'key': 'hw_machine_type'}},
                )

    def test_machine_types_travel(self) -> None:
        self.machine_type(
            'export',
            '--source-cloud',
            'src',
            'vms.yml',
            '--all-projects',
        )
        manifest = self.directory / 'vms.yml'
        self._keep_what_was_seeded(manifest)
        self._upgrade_to_q35(manifest, 'web-q35', 'pc-q35-rhel9.2.0')
        to_destination = ('--destination-cloud', 'dst', 'vms.yml')

        differing = self.machine_type('verify', *to_destination, code=3)
        self.assertEqual(
            'volume-differs', self._of(differing, 'shop-db')['Finding']
        )

        planned = self.machine_type(
            'apply', '--dry-run', *to_destination, code=1
        )
        self.assertEqual('to set', self._of(planned, 'shop-db')['Result'])
        self.assertEqual({}, self._volume('shop-boot'))

        applied = self.machine_type(
            'apply', '--auto-approve', *to_destination, code=1
        )
        expected = {
            'erp-win2012': 'set',
            'erp-win2012@finance': 'set',
            'shop-db': 'set',
            'quoted': 'set',
            'evil': 'set',
            'shelved': 'set',
            'glance-born': 'set',
            'scsi-root': 'set',
            'two-boot': 'set',
            'web-q35': 'set',
            'plain-linux': 'undecided',
            'image-plain': 'undecided',
            'image-typed': 'unchanged',
            # Its volume has no name, so nobody can tell which it became.
            'nova-unnamed': 'refused',
        }
        self.assertEqual(
            expected,
            {label: self._of(applied, label)['Result'] for label in expected},
        )
        self.assertEqual({'hw_machine_type': I440FX}, self._volume('erp-boot'))
        self.assertEqual({}, self._volume('erp-data'))
        self.assertEqual({}, self._volume('two-boot-b'))
        self.assertEqual({}, self._volume('plain-boot'))
        self._check_journal(applied.err)

        # A human says which volume the unnamed one became.
        self._name_volume(manifest, 'nova-unnamed', 'os-migrate-nova-unnamed')
        self.machine_type('apply', '--auto-approve', *to_destination)
        journals = sorted(self.directory.glob('*.journal'))
        again = self.machine_type('apply', '--auto-approve', *to_destination)
        self.assertNotIn('set', {row['Result'] for row in again.rows})
        self.assertEqual(
            journals,
            sorted(self.directory.glob('*.journal')),
            'a run that had nothing to write wrote a journal',
        )
        self.machine_type('verify', *to_destination)

        # Somebody changes a volume behind our back.
        volume = pair.destination.volumes['shop-boot']
        self.openstack(
            '--os-cloud',
            'dst',
            'volume',
            'set',
            '--image-property',
            'hw_machine_type=q35',
            volume.id,
        )
        kept = ('--report', 'report.html')
        found = self.machine_type('verify', *to_destination, *kept, code=3)
        row = self._of(found, 'shop-db')
        self.assertEqual('volume-differs', row['Finding'])
        self._check_report('Differences found in 1 of ', row['Remedy'])
        self.assertEqual('q35', row['Found'])
        self.assertEqual(
            1,
            sum(one['Finding'] == 'volume-differs' for one in found.rows),
        )
        self.machine_type('apply', '--auto-approve', *to_destination)
        self.machine_type('verify', *to_destination, *kept)
        self._check_report(' undecided')

    def _check_report(self, title: str, *words: str) -> None:
        """The report is of this manifest, and for its owner's eyes alone."""
        report = self.directory / 'report.html'
        self.assertEqual(0o600, stat.S_IMODE(report.stat().st_mode))
        page = strict.read(report.read_text(encoding='utf-8'))
        self.assertIn(title, page.one('h1').words)
        manifest = (self.directory / 'vms.yml').read_bytes()
        for word in (*words, hashlib.sha256(manifest).hexdigest()):
            self.assertIn(word, page.words)

    def test_exporting_again_keeps_what_an_operator_wrote(self) -> None:
        export = (
            'export',
            '--source-cloud',
            'src-member',
            'vms.yml',
        )
        self.machine_type(*export)
        path = self.directory / 'vms.yml'
        self._upgrade_to_q35(path, 'erp-win2012', 'q35')
        edited = path.read_bytes() + b'# reviewed\n'
        path.write_bytes(edited)
        answer = self.machine_type(*export)
        row = answer.row(ID=pair.source.servers['erp-win2012'].id)
        self.assertEqual('q35', row['Wanted'])
        self.assertEqual('edit kept', row['Result'], row)
        self.assertEqual(edited, path.read_bytes())

    def test_no_metadata_anywhere_is_no_error(self) -> None:
        answer = self._export_plain()
        for text in ('1 server: 1 undecided', 'To decide, surest first'):
            self.assertIn(text, answer.err)
        to_destination = ('--destination-cloud', 'dst-member', 'plain.yml')
        for words in (
            ('apply', '--dry-run'),
            ('apply', '--auto-approve'),
            ('verify',),
        ):
            answer = self.machine_type(*words, *to_destination)
            self.assertIsNone(answer.rows[0]['Wanted'])
            self.assertIn('undecided', answer.rows[0].values())

    def test_what_nobody_decided_is_refused_on_request_until_it_is(
        self,
    ) -> None:
        self._export_plain()
        to_destination = ('--destination-cloud', 'dst-member', 'plain.yml')
        strict = ('--strict', *to_destination)
        answer = self.machine_type('apply', '--auto-approve', *strict, code=1)
        self.assertEqual('refused', answer.rows[0]['Result'])
        answer = self.machine_type('verify', *strict, code=3)
        self.assertEqual(
            ('undecided', 'error'),
            (answer.rows[0]['Finding'], answer.rows[0]['Severity']),
        )
        plain = pair.source.servers['plain-linux']
        for choice in (('--set', f'{plain.name}=null'), ()):
            answer = self._export_plain(*choice)
            self.assertNotIn('undecided', answer.err)
            answer = self.machine_type('apply', '--auto-approve', *strict)
            self.assertEqual(
                'left to the destination', answer.rows[0]['Result']
            )
            self.machine_type('verify', *strict)

    def _export_plain(self, *words: str) -> Answer:
        """Export the server of which nothing is recorded."""
        return self.machine_type(
            'export',
            '--source-cloud',
            'src-member',
            'plain.yml',
            '--server',
            pair.source.servers['plain-linux'].id,
            *words,
        )

    def test_a_server_that_was_built_already_is_too_late(self) -> None:
        label = 'glance-born'
        source = pair.source.servers[label]
        self._export('one.yml', label)
        self._upgrade_to_q35(self.directory / 'one.yml', label, 'q35')
        server_id = self._build(source.name, 'glance-boot', goes=True)
        time.sleep(_NOVAS_OWN_TIME)
        for _run in range(2):
            answer = self._apply('one.yml', code=1)
            self.assertEqual('too late', answer.rows[0]['Result'])
            self.assertIn(server_id, answer.rows[0]['Detail'])
        verify = ('verify', '--destination-cloud', 'dst-member', 'one.yml')
        found = self.machine_type(*verify, code=3)
        self.assertEqual(
            ['ok', 'server-differs', 'disk-goes-with-server'],
            _but_of_the_destination(found),
        )
        self._follow(found.rows[1]['Remedy'])
        time.sleep(_NOVAS_OWN_TIME)
        self._build(source.name, 'glance-boot')
        found = self.machine_type(*verify)
        self.assertEqual(['ok', 'server-ok'], _but_of_the_destination(found))
        answer = self._apply('one.yml')
        self.assertEqual('unchanged', answer.rows[0]['Result'])

    def test_nova_takes_the_machine_type_from_the_volume(self) -> None:
        if TEST_CLOUDS not in os.environ:
            self.skipTest('only the test clouds let us read their database')
        source = pair.source.servers['scsi-root']
        self._export('one.yml', 'scsi-root')
        self._apply('one.yml')
        server_id = self._build(source.name, 'scsi-boot')
        recorded = witness.nova_recorded_properties(
            state.default_directory(), state.DESTINATION, server_id
        )
        self.assertEqual(I440FX, recorded.get('hw_machine_type'), recorded)

    def test_a_second_apply_sends_no_write(self) -> None:
        if TEST_CLOUDS not in os.environ:
            self.skipTest('only the test clouds let us read their log')
        self._export('vms.yml', 'shelved', 'quoted')
        writes = []
        for _run in range(2):
            log = witness.cinder_log(
                state.default_directory(), state.DESTINATION
            )
            before = log.stat().st_size
            self._apply('vms.yml')
            writes.append(
                sum(
                    request.method == 'POST'
                    for request in witness.cinder_requests(
                        state.default_directory(), state.DESTINATION, before
                    )
                )
            )
        self.assertEqual(0, writes[1], f'POSTs of both runs: {writes}')

    def test_what_a_member_can_not_reach_is_refused(self) -> None:
        self.machine_type(
            'export',
            '--source-cloud',
            'src',
            'vms.yml',
            '--project',
            pair.source.projects['finance'].id,
        )
        answer = self.machine_type(
            'apply',
            '--auto-approve',
            '--destination-cloud',
            'dst-member',
            'vms.yml',
            code=1,
        )
        self.assertEqual('refused', answer.rows[0]['Result'])
        self.assertIn('not visible to a user of', answer.rows[0]['Detail'])

    def test_the_clouds_can_not_be_mixed_up(self) -> None:
        export = ('export', 'vms.yml', '--source-cloud')
        self.machine_type(*export, 'src-member')
        before = (self.directory / 'vms.yml').read_bytes()
        self.assertIn(
            'is not the source of vms.yml',
            self.machine_type(*export, 'dst-member', code=1).err,
        )
        self.assertEqual(before, (self.directory / 'vms.yml').read_bytes())
        self.assertIn(
            'is the source and not the destination',
            self.machine_type(
                'apply',
                '--auto-approve',
                '--destination-cloud',
                'src-member',
                'vms.yml',
                code=1,
            ).err,
        )

    def _export(self, path: str, *labels: str) -> None:
        """Export some servers of the member's project to a manifest."""
        chosen = [
            word
            for label in labels
            for word in ('--server', pair.source.servers[label].id)
        ]
        self.machine_type(
            'export', '--source-cloud', 'src-member', path, *chosen
        )

    def _apply(self, path: str, code: int = 0) -> Answer:
        """Return what applying a manifest as the member answers."""
        return self.machine_type(
            'apply',
            '--auto-approve',
            '--destination-cloud',
            'dst-member',
            path,
            code=code,
        )

    def _follow(self, remedy: str) -> None:
        """Run the commands of a remedy up to a server's deletion."""
        _why, _colon, rest = remedy.partition(': ')
        commands = rest.partition(', then create it again')[0].split(' && ')
        self.assertEqual(2, len(commands), remedy)
        for command in commands:
            program, *words = shlex.split(command)
            self.assertEqual('openstack', program)
            self.openstack('--os-cloud', 'dst-member', *words)

    def _build(self, name: str, volume: str, goes: bool = False) -> str:
        """Return the id of a new server from a destination volume.

        With ``goes`` the volume would be deleted with it.
        """
        seeder = pair.seeders[1]
        project_id = pair.destination.projects['demo'].id
        server = seeder.server(
            project_id,
            name,
            block_devices=[
                {
                    'boot_index': 0,
                    'uuid': pair.destination.volumes[volume].id,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'delete_on_termination': goes,
                }
            ],
            flavor_id=seeder.flavor(),
        )
        made = Created('server', str(server['id']), project_id)
        self.addCleanup(seeder.delete, made)
        return made.id

    def _of(self, answer: Any, label: str) -> dict[str, Any]:
        """Return a server's row; equal names are told by their volume."""
        name = pair.source.servers[label].name
        rows = [row for row in answer.rows if row['Server'] == name]
        if len(rows) > 1:
            volume = 'erp-boot@finance' if '@' in label else 'erp-boot'
            wanted = pair.destination.volumes[volume].id
            rows = [row for row in rows if row['Volume ID'] == wanted]
        self.assertEqual(1, len(rows), f'{label}: {answer.out}')
        return dict(rows[0])

    def _volume(self, label: str) -> dict[str, str]:
        """Return a destination volume's image metadata as Cinder has it."""
        volume = pair.destination.volumes[label]
        row = pair.seeders[1].show_volume(
            pair.destination.projects[volume.project].id, volume.id
        )
        return dict(row.get('volume_image_metadata') or {})

    def _keep_what_was_seeded(self, path: Path) -> None:
        """Drop servers of other people from a manifest of all projects."""
        known = {server.id for server in pair.source.servers.values()}
        data = yaml.safe_load(path.read_text())
        data['resources'] = [
            one for one in data['resources'] if one['_info']['id'] in known
        ]
        path.write_text(yaml.safe_dump(data, sort_keys=False))

    def _upgrade_to_q35(self, path: Path, label: str, new: str) -> None:
        server_id = pair.source.servers[label].id
        data = yaml.safe_load(path.read_text())
        for one in data['resources']:
            if one['_info']['id'] == server_id:
                one['params']['hw_machine_type'] = new
        path.write_text(yaml.safe_dump(data, sort_keys=False))

    def _name_volume(self, path: Path, label: str, volume: str) -> None:
        server_id = pair.source.servers[label].id
        data = yaml.safe_load(path.read_text())
        for one in data['resources']:
            if one['_info']['id'] == server_id:
                one['_migration_params']['boot_volume']['uuid'] = (
                    pair.destination.volumes[volume].id
                )
        path.write_text(yaml.safe_dump(data, sort_keys=False))

    def _check_journal(self, messages: str) -> None:
        (path,) = self.directory.glob('*.journal')
        self.assertIn(os.path.basename(path), messages)
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        intended = [one['intent'] for one in lines if 'intent' in one]
        done = [one['outcome'] for one in lines if one.get('result') == 'done']
        self.assertEqual(1, lines[0]['journal'])
        self.assertEqual(10, len(intended))
        self.assertEqual(sorted(intended), sorted(done))


def _but_of_the_destination(answer: Answer) -> list[str]:
    """Return the findings on the volume and the server."""
    return [
        row['Finding']
        for row in answer.rows
        if row['Question'] != 'destination'
    ]
