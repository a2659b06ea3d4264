# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.reading import read_manifest
from tests.unit.support.fakes import (
    PC,
    facts,
    manifest_text,
    resource,
    source_volume,
)
from tests.unit.support.reading import KEY, PATH, ManifestTestCase, by_hand


class MachineTypeTest(ManifestTestCase):
    def problem_of(self, written: str) -> str:
        problem = self.problem(by_hand(written, 'null', PC))
        self.assertIn('workloads.yml:5:22: web (source-1)', str(problem))
        return problem.text

    def test_what_is_no_machine_type_is_answered_with_what_was_meant(
        self,
    ) -> None:
        for values, said in (
            (('none', 'None', '"null"', '"NULL"'), 'write null'),
            (
                ('35', '3.5', 'true', '0x1f', '2026-01-01'),
                'expected a machine type',
            ),
            (
                ('"pc "', '" pc"', 'p c', 'x86_64=pc', '-pc', 'pç'),
                'expected a machine type',
            ),
            (('[pc]',), 'found a list'),
            (('{pc: 1}',), 'found a mapping'),
        ):
            for written in values:
                self.assertIn(said, self.problem_of(written))

    def test_what_was_found_is_shown_without_control_characters(self) -> None:
        text = self.problem_of('"\\e[31mpc"')
        self.assertTrue(text.isprintable())
        self.assertIn('[31mpc', text)

    def test_the_volumes_own_word_is_checked_as_well(self) -> None:
        problem = self.problem(by_hand(PC, 'p c', PC))
        self.assertEqual((9, 28), (problem.line, problem.column))


class OtherHardwareTest(ManifestTestCase):
    def problem_of(self, key: str, value: object) -> str:
        params = {KEY: PC, key: value}
        return self.problem(manifest_text(resource(params=params))).text

    def test_what_nova_does_not_take_is_answered_with_what_it_does(
        self,
    ) -> None:
        for key, value, said in (
            (
                'hw_firmware_type',
                'efi',
                'params.hw_firmware_type: expected one of bios, uefi',
            ),
            ('hw_video_ram', '1M', 'a whole number'),
            ('os_type', ['linux'], 'found a list'),
            ('image_id', 'x', 'never copied'),
            ('checksum', 'x', 'never copied'),
            ('signature_verified', 'x', 'never copied'),
            ('hw_wheels', '4', 'not a hardware property'),
            ('hw_frimware_type', 'uefi', 'did you mean params.hw_firmware_'),
        ):
            self.assertIn(said, self.problem_of(key, value))

    def test_what_came_with_the_volume_matters_only_where_asked_for(
        self,
    ) -> None:
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata']['hw_disk_bus'] = 'odd'
        params = {KEY: PC, 'hw_disk_bus': 'ide', 'volumes': [volume]}
        read_manifest(
            manifest_text(resource(params={'volumes': [volume]})), PATH
        )
        problem = self.problem(manifest_text(resource(params=params)))
        self.assertIn('volume_image_metadata.hw_disk_bus', problem.text)


class ProblemsTest(ManifestTestCase):
    def test_every_problem_of_a_file_is_told_at_once_in_file_order(
        self,
    ) -> None:
        text = manifest_text(
            resource('a', 'id-a', params={KEY: 1}),
            resource('b', 'id-b', params={KEY: 'none'}),
            resource('', 'id-c'),
            resource('d', 'id-d', info={KEY: 'pc'}),
        )
        problems = self.problems(text)
        self.assertEqual(sorted(problems), problems)
        told = '\n'.join(one.text for one in problems)
        for label in ('a (id-a)', 'b (id-b)', '? (id-c)', 'd (id-d)'):
            self.assertIn(label, told)
        self.assertEqual(4, len(problems))

    def test_something_else_than_a_manifest_is_named(self) -> None:
        for text, found in (
            ('', 'an empty file'),
            ('[]', 'a list'),
            ('words', "'words'"),
            ('a: 1', 'no such key'),
            ('resources: {}', 'a mapping'),
            ('resources:', 'nothing (null)'),
        ):
            self.assertIn(f'found {found}', self.problem(text).text)

    def test_an_element_that_is_no_resource_is_named(self) -> None:
        problem = self.problem('resources:\n- type: x\n- words\n')
        self.assertEqual((3, 3), (problem.line, problem.column))

    def test_a_server_needs_its_sections_a_name_and_an_id(self) -> None:
        for one, said in (
            ({'params': None}, 'expected a mapping under params, found'),
            ({'_info': None}, 'expected a mapping under _info, found'),
            (resource(params={'name': None}), 'expected a name in params.'),
            (resource(info={'id': ''}), 'expected the server ID in _info.id'),
        ):
            text = manifest_text({**resource(), **one})
            found = self.problem(text).text
            self.assertIn(f': {said}', found)
        bare = resource()
        del bare['params']
        self.assertIn(
            'under params, found no such key',
            self.problem(manifest_text(bare)).text,
        )

    def test_a_key_that_almost_is_ours_is_asked_about(self) -> None:
        for near in (
            'machine_type',
            'hw_machine-type',
            'hw_machine_types',
            'hw_mach_type',
            'hw_machinetype',
        ):
            problem = self.problem(manifest_text(resource(params={near: PC})))
            self.assertIn(f'unknown key {near}', problem.text)
            self.assertIn('params.hw_machine_type', problem.text)

    def test_a_key_that_almost_is_one_among_the_facts_is_asked_about(
        self,
    ) -> None:
        for near, meant in (
            ('hw_machine_typ', 'hw_machine_type'),
            ('os_typ', 'os_type'),
        ):
            text = manifest_text(resource(info={near: {'value': PC}}))
            self.assertIn(
                f'unknown key _info.{near}: did you mean _info.{meant}',
                self.problem(text).text,
            )
        info = {'machine_type': PC, 'os_image': 'x', 'hw_rack': '7'}
        read_manifest(manifest_text(resource(info=info)), PATH)

    def test_a_file_that_is_wrong_everywhere_tells_the_first_ones(
        self,
    ) -> None:
        self.replace('osc_hwmt.manifest.reading.MOST_PROBLEMS', 3)
        problems = self.problems('resources:\n' + '- x\n' * 9)
        self.assertEqual([2, 3, 4, 5, 5], [one.line for one in problems])
        self.assertTrue(
            any('more than 3 problems' in one.text for one in problems)
        )

    def test_a_key_of_another_meaning_is_not_asked_about(self) -> None:
        for other in ('hostname', 'os_distro', 'description', 'hw_disk_type'):
            read_manifest(manifest_text(resource(params={other: PC})), PATH)

    def test_our_key_in_the_wrong_place_is_asked_about(self) -> None:
        for misplaced, said in (
            ({**resource(), KEY: PC}, 'did you mean'),
            # Facts are not the place of wishes.
            (resource(info={KEY: PC}), 'params.hw_machine_type'),
        ):
            text = self.problem(manifest_text(misplaced)).text
            self.assertIn(said, text)

    def test_evidence_is_one_that_export_writes(self) -> None:
        for word in ('hearsay', None):
            found = facts(evidence=word)  # type: ignore[arg-type]
            text = manifest_text(resource(info={KEY: found}))
            self.assertIn('libvirt-domain', self.problem(text).text)

    def test_a_server_stands_once_in_a_file(self) -> None:
        text = manifest_text(resource('a', 'same'), resource('b', 'same'))
        problem = self.problem(text)
        second = [
            number
            for number, line in enumerate(text.splitlines(), 1)
            if line.startswith('- ')
        ][1]
        self.assertEqual((second, 1), (problem.line, problem.column))
        self.assertIn('server same is already in workloads.yml', problem.text)
        self.assertIn('line 3', problem.text)

    def test_a_name_may_stand_twice(self) -> None:
        text = manifest_text(resource('a', 'one'), resource('a', 'two'))
        self.assertEqual(2, len(read_manifest(text, PATH).entries))

    def test_a_server_stands_once_in_all_files(self) -> None:
        first = read_manifest(manifest_text(resource()), 'a.yml')
        second = read_manifest(manifest_text(resource()), 'b.yml')
        error = self.assertRaises(
            ManifestError, reading.repeated_across, [first, second]
        )
        self.assertEqual('b.yml', error.problems[0].path)
        self.assertIn('in a.yml on line 3', error.problems[0].text)
        reading.repeated_across([first])

    def test_names_are_shown_without_control_characters(self) -> None:
        text = manifest_text(resource('\x1b[2J', params={KEY: 1}))
        self.assertTrue(self.problem(text).text.isprintable())
