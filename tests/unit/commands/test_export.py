# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import stat

import yaml

from tests.unit.support import cases as cases_support
from tests.unit.support.exporting import KEY, ExportTestCase
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    server,
    source_volume,
    volume,
)


class ExportTest(ExportTestCase):
    def test_without_a_file_the_findings_are_only_shown(self) -> None:
        self.assertEqual(0, self.run_command())
        self.assertEqual(['web', 'db'], self.column('Server'))
        self.assertEqual([PC, None], self.column('Machine Type'))
        self.assertEqual(
            ['volume-image-metadata', 'none'], self.column('Evidence')
        )
        self.assertEqual([], list(self.home.iterdir()))
        self.assertIn(
            '2 servers: 1 undecided, 1 volume-image-metadata', self.told
        )
        self.assertNotIn('anifest:', self.told)

    def test_a_project_without_servers_may_be_the_wrong_one(self) -> None:
        self.cloud.compute.held.clear()
        self.run_command()
        self.assertIn('use --all-projects or --project', self.told)
        self.start_again()
        self.run_command('--all-projects')
        self.assertNotIn('--project', self.told)

    def test_quiet_says_nothing_beside_the_table(self) -> None:
        self.app.options.verbose_level = 0
        self.run_command()
        self.assertEqual('', self.told)
        self.assertEqual(2, len(self.rows))

    def test_a_new_manifest_is_written_for_its_owner_alone(self) -> None:
        self.assertEqual(0, self.run_command(self.path))
        data = yaml.safe_load(self.path.read_text())
        self.assertEqual(
            [PC, None], [one['params'][KEY] for one in data['resources']]
        )
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assertIn(f'New manifest: {self.path}', self.told)
        self.assertEqual([], self.cloud.writes)

    def test_a_second_export_keeps_edits_and_adds_servers(self) -> None:
        self.run_command(self.path)
        text = self.path.read_text()
        self.path.write_text(text.replace(f'  {KEY}: {PC}', f'  {KEY}: {Q35}'))
        self.cloud.compute.held.append(server('new', 'source-3'))
        self.start_again()
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(
            ['edit kept', 'unchanged', 'added'], self.column('Result')
        )
        self.assertIn('chipset-change-windows', self.column('Detail')[0])
        self.assertEqual([Q35, None, PC], self.column('Wanted'))

    def test_other_hardware_is_exported_on_request(self) -> None:
        self.cloud.block_storage.held['volume-1'] = volume(
            image_metadata={KEY: PC, 'hw_disk_bus': 'scsi', 'os_type': 'linux'}
        )
        cases: list[tuple[tuple[str, ...], list[dict[str, str | None]]]] = [
            ((), [{KEY: PC}, {KEY: None}]),
            (
                ('--include-property', 'os_type'),
                [
                    {KEY: PC, 'os_type': 'linux'},
                    {KEY: None, 'os_type': None},
                ],
            ),
            (
                ('--hardware',),
                [
                    {KEY: PC, 'hw_disk_bus': 'scsi', 'os_type': 'linux'},
                    {KEY: None},
                ],
            ),
        ]
        for number, (options, expected) in enumerate(cases):
            path = self.home / f'{number}.yml'
            self.run_command(path, *options)
            data = yaml.safe_load(path.read_text())
            for one, wanted in zip(data['resources'], expected):
                self.assertEqual(
                    {'name': one['params']['name'], **wanted},
                    one['params'],
                )
            self.start_again()

    def test_what_is_no_hardware_is_not_exported(self) -> None:
        for key, why in (
            ('image_id', 'never copied'),
            ('hw_frimware_type', 'did you mean hw_firmware_type'),
        ):
            said = self.misused('--include-property', key)
            self.assertIn(why, ' '.join(said.split()))

    def test_many_servers_are_overridden_at_once_and_for_good(self) -> None:
        rules = self.file(
            'rules:\n- servers: [{regex: b$}]\n'
            f'  set: {{{KEY}: {PC}, os_type: linux}}\n',
            'rules.yml',
        )
        self.run_command(self.path, '--rules', rules, '--set', f'w*={Q35}')
        for _again in range(2):
            data = yaml.safe_load(self.path.read_text())['resources']
            self.assertEqual(
                [(Q35, 'linux'), (PC, 'linux')],
                [
                    (one['params'][KEY], one['params']['os_type'])
                    for one in data
                ],
            )
            self.assertEqual(
                [PC, None], [one['_info'][KEY]['value'] for one in data]
            )
            self.start_again()
            self.run_command(self.path)
        self.start_again()
        self.run_command(self.path, '--set', '*=null')
        self.assertEqual([None, None], self.column('Wanted'))

    def test_what_os_migrate_dropped_is_written_again(self) -> None:
        both = manifest_text(resource(), resource('db', 'source-2'))
        path = self.file(both)
        self.run_command(path)
        # os-migrate replaces the whole resource.
        enriched = yaml.safe_load(path.read_text())
        enriched['resources'][0] = yaml.safe_load(both)['resources'][0]
        path.write_text(yaml.safe_dump(enriched))
        self.start_again()
        self.run_command(path)
        self.assertEqual(
            ['added', 'unchanged'],
            self.column('Result'),
        )

    def test_what_os_migrate_trips_over_is_told_and_parked(self) -> None:
        trap = source_volume(machine_type=PC)
        path = self.file(manifest_text(resource(params={'volumes': [trap]})))
        self.run_command(path)
        self.assertIn('would fail to import', self.told)
        self.assertIn(
            'cannot import the image metadata', self.rows[0]['Detail']
        )
        self.start_again()
        self.run_command(path, '--park-volume-metadata')
        self.assertNotIn('would fail to import', self.told)
        self.assertIn('no longer on the source: 1', self.told)
        self.assertIn('Backup: ', self.told)
        self.assertIn(b'volume_image_metadata_parked:', path.read_bytes())
        self.start_again()
        self.run_command(path)
        self.assertIn(b'volume_image_metadata_parked:', path.read_bytes())

    def test_servers_that_the_source_lacks_are_parked_and_told(self) -> None:
        trap = source_volume(machine_type=PC)
        gone = resource('gone', 'gone-1', params={'volumes': [trap]})
        path = self.file(manifest_text(resource(), gone))
        code = self.run_command(path, '--park-volume-metadata')
        self.assertEqual(1, code)
        self.assertIn(b'volume_image_metadata_parked:', path.read_bytes())
        self.assertIn('no longer on the source: 1', self.told)
        self.assertIn('Not found on the source', self.told)

    def test_only_an_os_migrate_file_has_something_to_park(self) -> None:
        self.assertIn(
            'only allowed with a file that os-migrate wrote',
            self.misused(self.path, '--park-volume-metadata'),
        )

    def test_a_dry_run_shows_the_change_and_writes_nothing(self) -> None:
        path = self.file(manifest_text(resource()))
        before = path.read_bytes()
        self.assertEqual(0, self.run_command(path, '--dry-run', '--backup'))
        self.assertEqual(before, path.read_bytes())
        self.assertEqual([path], list(self.home.iterdir()))
        self.assertIn(f'\n+    {KEY}: {PC}\n', self.told)
        self.assertIn(f'Not written: {path}', self.told)
        self.assertEqual([PC], self.column('Wanted')[:1])

    def test_what_the_manifest_was_is_kept_on_request(self) -> None:
        path = self.file(manifest_text(resource()))
        before = path.read_bytes()
        self.run_command(path, '--backup')
        (backup,) = self.home.glob('*.backup')
        self.assertEqual(before, backup.read_bytes())
        self.assertIn(f'Backup: {backup}', self.told)
        self.start_again()
        self.run_command(path, '--backup')
        self.assertEqual([backup], list(self.home.glob('*.backup')))

    def test_the_source_cloud_may_be_named(self) -> None:
        self.run_command('--source-cloud', 'src')
        self.run_command()
        self.assertEqual(
            [('src', '--source-cloud'), (None, '--source-cloud')], self.asked
        )

    def test_servers_of_a_cell_that_is_down_fail_the_export(self) -> None:
        self.cloud.compute.unreadable.append('source-9')
        self.assertEqual(1, self.run_command())
        self.assertIn('cell is down: source-9', self.told)
        self.assertEqual(2, len(self.rows), 'the table comes all the same')


class WorkloadsTest(ExportTestCase):
    def test_an_os_migrate_file_is_enriched_and_not_extended(self) -> None:
        path = self.file(manifest_text(resource()))
        self.assertEqual(0, self.run_command(path))
        (one,) = yaml.safe_load(path.read_text())['resources']
        self.assertEqual(PC, one['params'][KEY])

    def test_a_file_of_os_migrate_itself_is_enriched(self) -> None:
        path = self.file(cases_support.real_workloads())
        code = self.run_command(path, '--all-projects')
        self.assertEqual((1, ['not found'] * 5), (code, self.column('Result')))
        self.assertEqual(cases_support.real_workloads(), path.read_text())
        self.assertIn('left unchanged: 5', self.told)

    def test_a_file_of_another_project_is_told_and_not_well(self) -> None:
        path = self.file(cases_support.real_workloads())
        code = self.run_command(path)
        self.assertEqual((1, []), (code, self.column('Result')))
        self.assertIn(
            'Not checked (in other projects): 5\n',
            self.told,
        )

    def test_a_name_that_may_be_mistyped_is_asked_about(self) -> None:
        self.file(manifest_text(resource()), 'workloads.yml')
        for name, asked in (
            ('workload.yml', True),
            ('worklaods.yml', True),
            ('mine.yml', False),
        ):
            self.start_again()
            self.run_command(self.home / name)
            self.assertIn(f'New manifest: {self.home / name}\n', self.told)
            self.assertEqual(
                asked,
                f'Did you mean {self.home / "workloads.yml"}?' in self.told,
                name,
            )

    def test_several_files_cost_one_set_of_listings(self) -> None:
        self.cloud.compute.held.append(server('new', 'source-3'))
        mine = self.home / 'mine.yml'
        first = self.file(manifest_text(resource()), 'first.yml')
        second = self.file(
            manifest_text(resource('db', 'source-2')), 'second.yml'
        )
        self.assertEqual(0, self.run_command(first, mine, second))
        self.assertEqual(1, len(self.cloud.calls_of('servers')))
        self.assertEqual(
            [['web'], ['new'], ['db']],
            [
                [
                    one['params']['name']
                    for one in yaml.safe_load(path.read_text())['resources']
                    if KEY in one['params']
                ]
                for path in (first, mine, second)
            ],
        )
        for line in (
            f'Manifest: {first}',
            f'New manifest: {mine}',
            f'Manifest: {second}',
        ):
            self.assertIn(f'{line}\n', self.told)

    def test_where_two_files_could_get_a_new_server_none_is_written(
        self,
    ) -> None:
        self.run_command(self.path)
        before = self.path.read_bytes()
        self.start_again()
        new = self.home / 'other.yml'
        told = self.refused(self.path, new)
        self.assertIn(f'{self.path}, {new}: new servers could be', told)
        self.assertEqual([], self.asked[1:])
        self.assertEqual(before, self.path.read_bytes())
        self.assertFalse(new.exists())

    def test_the_problems_of_all_files_are_told_before_the_cloud(self) -> None:
        good = self.file(manifest_text(resource()), 'good.yml')
        bad = self.file(
            manifest_text(resource('x', 'x', params={KEY: 1})), 'bad.yml'
        )
        worse = self.file('[]', 'worse.yml')
        told = self.refused(good, bad, worse)
        self.assertIn(str(bad), told)
        self.assertIn(str(worse), told)
        self.assertEqual([], self.asked)

    def test_the_same_file_twice_is_one_file(self) -> None:
        self.assertEqual(0, self.run_command(self.path, self.path))

    def test_standard_input_is_no_manifest(self) -> None:
        self.assertIn('expected a file, found -', self.misused('-'))
