# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime
import hashlib

import fixtures

from osc_hwmt.commands.verify import VerifyMachineType
from osc_hwmt.exceptions import CloudError
from osc_hwmt.journal import file as journal
from osc_hwmt.journal.place import Place
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.model.inventory import Project
from osc_hwmt.report.document import Run
from tests.page import strict
from tests.unit.support import shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import (
    OWN,
    PC,
    Q35,
    facts,
    header,
    manifest_text,
    resource,
    server,
    source_volume,
    volume,
    write,
)

KEY = 'hw_machine_type'


class VerifyTest(shell.CommandTestCase):
    command = VerifyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(manifest_text(resource(params={KEY: PC})))
        self.cloud = FakeCloud(volumes=[volume(image_metadata={KEY: PC})])

    def differ(self) -> None:
        self.cloud.block_storage.set_image_metadata('volume-1', {KEY: Q35})

    def test_all_well_is_exit_code_0(self) -> None:
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(['ok'], self.column('Finding'))
        self.assertEqual(
            'Not checked: whether the destination can run these machine '
            'types. Use --destination-release or --destination-hosts\n'
            '1 server: 1 ok\n',
            self.told,
        )

    def test_what_was_checked_is_not_said_to_be_unchecked(self) -> None:
        self.run_command(self.path, '--destination-release', 'rhoso18')
        self.assertNotIn('Not checked', self.told)

    def test_a_volume_in_error_is_not_well_whatever_it_has(self) -> None:
        self.cloud = FakeCloud(
            volumes=[
                volume(
                    image_metadata={KEY: PC},
                    status='error_deleting',
                    created=datetime.datetime.now(datetime.timezone.utc)
                    - datetime.timedelta(hours=3, minutes=5),
                )
            ]
        )
        self.assertEqual(3, self.run_command(self.path))
        self.assertEqual(['volume-unusable'], self.column('Finding'))
        self.assertIn(
            'candidates: volume-1 (error_deleting, 3 h old)',
            self.column('Detail')[0],
        )

    def test_a_difference_is_exit_code_3(self) -> None:
        self.differ()
        self.cloud.calls.clear()
        self.assertEqual(3, self.run_command(self.path))
        self.assertEqual([], self.cloud.writes)
        self.assertEqual(
            ('volume-differs', PC, Q35),
            (
                self.column('Finding')[0],
                self.column('Wanted')[0],
                self.column('Found')[0],
            ),
        )

    def test_what_is_not_imported_yet_is_no_difference(self) -> None:
        later = resource('db', 'source-2', params={KEY: PC})
        later['params']['volumes'] = [source_volume('s-2', 'db-boot')]
        undecided = resource(
            'old', 'source-3', info={KEY: facts(None, 'none')}
        )
        undecided['params'][KEY] = None
        path = self.file(
            manifest_text(resource(params={KEY: PC}), later, undecided)
        )
        for words, code, found, told in (
            (
                (),
                0,
                ['ok', 'not-imported-yet', 'undecided'],
                '3 servers: 1 not-imported-yet, 1 ok, 1 undecided',
            ),
            (
                ('--all-imported',),
                3,
                ['ok', 'not-imported-yet', 'undecided'],
                '3 servers: 1 not-imported-yet, 1 ok, 1 undecided',
            ),
            (
                ('--only-imported', '--strict'),
                0,
                ['ok'],
                'Not checked (not imported yet): 2\n1 server: 1 ok',
            ),
        ):
            self.start_again()
            self.assertEqual(code, self.run_command(path, *words), words)
            self.assertEqual(found, self.column('Finding'), words)
            self.assertIn(told, self.told)

    def test_the_remedy_is_the_same_line_with_apply(self) -> None:
        self.differ()
        said = self.file('source-1: volume-1\n', 'my map.yml')
        self.run_command(
            self.path, '--volume-map', said, '--destination-cloud', 'dst'
        )
        self.assertIn(
            'openstack migrate machine-type apply --destination-cloud dst '
            f"--volume-map '{said}' {self.path} --server source-1",
            self.column('Remedy')[0],
        )

    def written(self, path: str, minutes_ago: int) -> None:
        """Write a journal that says when the volume got its machine type."""
        now = datetime.datetime.now(datetime.timezone.utc)
        with journal.Journal(path, header(clock_ahead=0.0)) as opened:
            opened.intend(write())
            opened.ended('volume-1', WriteResult.DONE)
        self.cloud.block_storage.held['volume-1'] = volume(
            image_metadata={KEY: PC}, attached_to='server-1'
        )
        created = now - datetime.timedelta(minutes=minutes_ago)
        self.cloud.compute.held[:] = [server(created=created)]

    def test_domains_and_capabilities_come_from_one_option(self) -> None:
        id = '11111111-2222-4333-8444-555555555555'
        self.cloud.compute.held = [server('web', id)]
        domains = self.file(f'uuid,machine_type\n{id},{Q35}\n', 'types.csv')
        hosts = self.file(
            f'Supported machines are:\n{Q35}  RHEL-9 PC (default)\n'
            'none  empty machine\n',
            'hosts.txt',
        )
        option = '--destination-hosts'
        for given, server_is, can_run in (
            ((domains,), 'server-differs', False),
            ((hosts,), 'server-unknown', True),
            ((domains, hosts), 'server-differs', True),
        ):
            self.start_again()
            words = [word for path in given for word in (option, path)]
            self.run_command(self.path, *words)
            found = self.column('Finding')
            self.assertIn(server_is, found, given)
            self.assertEqual(
                can_run, 'unsupported-machine-type' in found, found
            )

    def test_the_remedy_names_only_files_that_apply_takes(self) -> None:
        self.differ()
        id = '11111111-2222-4333-8444-555555555555'
        domains = self.file(f'uuid,machine_type\n{id},{Q35}\n', 'types.csv')
        hosts = self.file(
            f'Supported machines are:\n{PC}  RHEL 7 PC\n', 'hosts.txt'
        )
        for path, named in ((domains, False), (hosts, True)):
            self.start_again()
            self.run_command(self.path, '--destination-hosts', path)
            remedy = self.column('Remedy')[0]
            self.assertIn(' apply ', remedy)
            self.assertEqual(named, str(path) in remedy)

    def test_the_journals_beside_the_manifest_tell_of_its_servers(
        self,
    ) -> None:
        self.written(
            Place().new('apply', 'dst', str(self.path)), minutes_ago=5
        )
        self.assertEqual(3, self.run_command(self.path))
        self.assertEqual(['ok', 'server-differs'], self.column('Finding'))

    def test_other_journals_can_be_named(self) -> None:
        self.written(str(self.home / 'there'), minutes_ago=-5)
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(['ok', 'server-unknown'], self.column('Finding'))
        self.start_again()
        there = ('--journal', self.home / 'there')
        self.assertEqual(0, self.run_command(self.path, *there))
        self.assertEqual(['ok', 'server-ok'], self.column('Finding'))

    def test_journals_of_the_directory_tell_of_its_servers(self) -> None:
        there = self.directory()
        self.written(Place(str(there)).new('apply', 'dst', 'elsewhere.yml'), 5)
        self.assertEqual(
            3, self.run_command(self.path, '--journal-directory', there)
        )
        self.assertEqual(['ok', 'server-differs'], self.column('Finding'))

    def test_the_remedy_goes_to_the_same_directory(self) -> None:
        self.differ()
        there = self.directory()
        self.run_command(self.path, '--journal-directory', there)
        self.assertIn(
            f' apply --journal-directory {there} {self.path}',
            self.column('Remedy')[0],
        )

    def test_a_note_is_for_the_report(self) -> None:
        self.assertIn(
            '--note: only allowed with --report',
            self.misused(self.path, '--note', 'CHG0042'),
        )
        report = self.home / 'report.html'
        noted: list[str | None] = []

        def pieces(run: Run, *_more: object) -> list[str]:
            noted.append(run.header.note)
            return []

        self.replace('osc_hwmt.report.document.pieces', pieces)
        self.run_command(self.path, '--note', 'CHG0042', '--report', report)
        self.assertEqual(['CHG0042'], noted)

    def test_a_named_journal_that_is_not_there_is_an_error(self) -> None:
        said = self.refused(self.path, '--journal', self.home / 'nowhere')
        self.assertIn('nowhere: cannot be read', said)

    def test_a_cloud_that_is_the_source_is_an_error(self) -> None:
        self.cloud.compute.held.append(server(id='source-1'))
        self.assertIn('is the source', self.refused(self.path))


class ProgressTest(shell.CommandTestCase):
    command = VerifyMachineType

    def test_projects_and_waves_are_told_with_what_the_journals_note(
        self,
    ) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        hour = datetime.timedelta(hours=1)
        projects = ('erp', 'crm')
        paths = [
            self.file(
                manifest_text(
                    resource(
                        name,
                        f'source-of-{name}',
                        params={
                            KEY: PC,
                            'volumes': [source_volume(f's-{name}', name)],
                        },
                        info={
                            KEY: facts(
                                project_name=name,
                                project_domain_name='Default',
                            )
                        },
                    )
                ),
                f'{name}.yml',
            )
            for name in projects
        ]
        self.cloud = FakeCloud(
            projects=[OWN, Project('crm', 'crm', 'Default')],
            servers=[server('erp', 'server-1', created=now + hour)],
            volumes=[
                volume('volume-1', 'erp', {KEY: PC}, attached_to='server-1')
            ],
        )
        path = str(self.home / 'there')
        with journal.Journal(
            path, header(clock_ahead=0.0, note='wave 1')
        ) as opened:
            opened.intend(
                dataclasses.replace(write(), server_id='source-of-erp')
            )
            opened.ended('volume-1', WriteResult.DONE)
        self.assertEqual(0, self.run_command(*paths, '--journal', path))
        self.assertIn(
            'crm                          1         -         1         -'
            '         -         -\n'
            'erp                          1         -         -         1'
            '         -         -\n'
            'All                          2         -         1         1'
            '         -         -\n'
            '2 servers in 2 projects: ',
            self.told,
        )
        self.start_again()
        report = self.home / 'report.html'
        self.run_command(
            *paths, '--journal', path, '--report', report, '--note', 'CHG1'
        )
        page = strict.read(report.read_text(encoding='utf-8'))
        words = page.one('header').words + page.one('main').words
        self.assertIn('wave 1100100', words)
        self.assertIn('NoteCHG1', words)


class ReportTest(shell.CommandTestCase):
    command = VerifyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(manifest_text(resource(params={KEY: PC})))
        self.cloud = FakeCloud(volumes=[volume(image_metadata={KEY: Q35})])
        self.report = self.home / 'report.html'

    def words(self) -> str:
        text = self.report.read_text(encoding='utf-8')
        page = strict.read(text)
        return page.one('header').words + page.one('main').words

    def test_the_report_says_what_the_table_says(self) -> None:
        self.assertEqual(
            3, self.run_command(self.path, '--report', self.report)
        )
        self.assertIn(f'Report: {self.report}\n', self.told)
        words = self.words()
        for word in (
            'Differences found in 1 of 1 server',
            'exit code 3',
            'osc-hwmt 1.2.3',
            self.cloud.name,
            str(self.path),
            hashlib.sha256(self.path.read_bytes()).hexdigest(),
            self.column('Remedy')[0],
        ):
            self.assertIn(word, words)

    def test_the_report_has_its_command_line(self) -> None:
        self.run_command(
            self.path,
            *('--destination-cloud', 'dst'),
            *('--server', 'web'),
            *('--report', self.report),
        )
        self.assertIn(
            'openstack migrate machine-type verify --destination-cloud dst '
            f'--server web {self.path}',
            self.words(),
        )

    def test_a_report_is_replaced_by_a_later_one(self) -> None:
        self.run_command(self.path, '--report', self.report)
        self.cloud.block_storage.set_image_metadata('volume-1', {KEY: PC})
        self.start_again()
        self.assertEqual(
            0, self.run_command(self.path, '--report', self.report)
        )
        self.assertIn('No differences found in 1 server', self.words())

    def test_a_file_that_is_no_report_is_kept_and_no_cloud_asked(self) -> None:
        before = self.path.read_bytes()
        told = self.refused(self.path, '--report', self.path)
        self.assertIn('not a report of verify', told)
        self.assertEqual(before, self.path.read_bytes())
        self.assertEqual([], self.asked)


class InspectTest(shell.CommandTestCase):
    command = VerifyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.path = self.file(manifest_text(resource(params={KEY: PC})))
        self.cloud = FakeCloud(
            servers=[server('web', 'server-1', ['volume-1', 'volume-2'])],
            volumes=[
                volume(image_metadata={KEY: PC}, attached_to='server-1'),
                volume('volume-2', bootable=False, attached_to='server-1'),
            ],
        )

    def test_a_server_that_was_built_is_asked_for_its_record(self) -> None:
        for recorded, code, finding in (
            (PC, 0, 'server-ok'),
            (Q35, 3, 'server-differs'),
        ):
            self.start_again()
            self.cloud.inspecting.recorded = {'server-1': {KEY: recorded}}
            self.assertEqual(
                code,
                self.run_command(self.path, '--inspect', '--auto-approve'),
            )
            self.assertEqual(['ok', finding], self.column('Finding'))
            self.assertIn('nova-record', self.column('Detail')[1])
        self.assertEqual({}, self.cloud.temporary.held)

    def test_a_server_that_cannot_be_asked_is_a_failure(self) -> None:
        logged = self.useFixture(fixtures.FakeLogger())
        self.cloud.temporary.troubles['image server-1'] = [
            CloudError('rebooting', 409)
        ]
        self.assertEqual(
            1, self.run_command(self.path, '--inspect', '--auto-approve')
        )
        self.assertEqual(['ok', 'server-unknown'], self.column('Finding'))
        self.assertIn('was not inspected: rebooting', logged.output)
