# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

from osc_hwmt.model.evidence import Evidence
from tests.unit.collected.base import A, B, CaptureTestCase

PC = 'pc-i440fx-rhel7.6.0'
BORDER = '+--------------------------------------+-----------------+\n'
DUMP = (
    ('instance_uuid', 'key', 'value'),
    (A, 'image_hw_machine_type', 'q35'),
    (A, 'image_hw_disk_bus', 'scsi'),
    (A, 'image_base_image_ref', 'x'),
    (A, 'image_hw_architecture', 'x86_64'),
    (A, 'boot_roles', 'member,reader'),
    (B, 'image_os_type', 'windows'),
)


class TableTest(CaptureTestCase):
    def types(self, text: str) -> dict[str, str | None]:
        return {one.server_id: one.machine_type for one in self.guests(text)}

    def test_columns_are_known_by_their_names(self) -> None:
        for header in (
            'uuid,type',
            'instance_uuid,hw_machine_type',
            '"ID","Machine Type"',
            'Server ID,image_hw_machine_type',
        ):
            for separator in ',;\t':
                text = f'{header}\n{A},q35\n{B},\n'.replace(',', separator)
                self.assertEqual({A: 'q35', B: None}, self.types(text), text)

    def test_borders_are_no_rows(self) -> None:
        text = f'{BORDER}| uuid | type |\n{BORDER}'
        text += f'| {A} | pc |\n| {B} | NULL |\n{BORDER}2 rows in set\n'
        self.assertEqual({A: 'pc', B: None}, self.types(text))
        self.assertEqual({}, self.types('uuid,type\n'), 'a table of nothing')

    def test_other_columns_tell_more(self) -> None:
        guest = self.guest(
            'name,uuid,host,hw_machine_type,hw_disk_bus,hw_vif_model,evidence'
            f'\n"web, 1",{A},compute-3,{PC},ide,wrong,libvirt-domain\n'
        )
        self.assertEqual('compute-3', guest.host)
        self.assertEqual({'hw_disk_bus': 'ide'}, guest.properties)
        self.assertIs(Evidence.LIBVIRT_DOMAIN, guest.evidence)
        self.assertEqual('compute-0.txt:2', guest.origin)

    def test_a_new_type_is_carried_where_the_column_says_so(self) -> None:
        text = f'uuid,hw_machine_type\n{A},pc2-new\n'
        self.assertEqual({A: 'pc2-new'}, self.types(text))

    def test_other_things_have_types_too(self) -> None:
        (problem,) = self.problems(f'ID,Name,Type\n{A},disk,lvm\n')
        self.assertIn("found 'lvm'", problem)

    def test_a_row_that_does_not_fit_is_told_with_its_line(self) -> None:
        for text, line in (
            (f'uuid,type\n{A},pc\n{B}\n\nmore\n', 3),
            (f'uuid,type\n"{A},pc\n', 2),
        ):
            (problem,) = self.problems(text)
            self.assertEqual(
                f'compute-0.txt:{line}:1: expected 2 columns', problem
            )


class DumpTest(CaptureTestCase):
    def check(self, text: str) -> None:
        """Check that a text says what DUMP says."""
        first, second = self.guests(text)
        self.assertEqual((A, 'q35'), (first.server_id, first.machine_type))
        self.assertIs(Evidence.NOVA_RECORD, first.evidence)
        self.assertEqual('x86_64', first.architecture)
        self.assertEqual(
            {'hw_disk_bus': 'scsi', 'hw_architecture': 'x86_64'},
            first.properties,
        )
        self.assertEqual((B, None), (second.server_id, second.machine_type))
        self.assertEqual({'os_type': 'windows'}, second.properties)

    def test_a_dump_is_read_in_every_form(self) -> None:
        rows = [f'| {" | ".join(row)} |\n' for row in DUMP]
        for text in (
            '\n'.join('\t'.join(row) for row in DUMP),
            '\n'.join('\t'.join(row) for row in DUMP[1:]),
            ''.join([BORDER, rows[0], BORDER, *rows[1:], BORDER]),
            '\r\n'.join(','.join(f'"{one}"' for one in row) for row in DUMP),
            json.dumps([dict(zip(DUMP[0], row)) for row in DUMP[1:]]),
        ):
            self.check(text)

    def test_all_columns_of_the_table(self) -> None:
        head = 'created_at\tid\tinstance_uuid\tkey\tvalue\tdeleted\n'
        row = f'NULL\t17\t{A}\timage_hw_machine_type\t'
        guest = self.guest(f'{head}{row}q35\t16\n{row}pc\t0\n')
        self.assertEqual('pc', guest.machine_type)


class JsonTest(CaptureTestCase):
    def test_rows_of_the_openstack_command(self) -> None:
        text = json.dumps([{'ID': A, 'Name': 'web', 'Machine Type': 'pc'}])
        self.assertEqual('pc', self.guest(text).machine_type)

    def test_servers_as_the_api_shows_them(self) -> None:
        def server(server_id: str, **properties: str) -> dict[str, object]:
            return {'id': server_id, 'image': {'properties': properties}}

        first, second = self.guests(
            json.dumps(
                {
                    'servers': [
                        server(A, hw_machine_type='q35', hw_disk_bus='sata'),
                        server(B, hw_disk_bus='virtio'),
                    ]
                }
            )
        )
        self.assertEqual('q35', first.machine_type)
        self.assertEqual({'hw_disk_bus': 'sata'}, first.properties)
        self.assertIsNone(second.machine_type)

    def test_a_mapping_of_servers(self) -> None:
        for said in ('pc', {'hw_machine_type': 'pc'}):
            self.assertEqual(
                'pc', self.guest(json.dumps({A: said})).machine_type
            )
        self.assertIsNone(self.guest(json.dumps({A: None})).machine_type)

    def test_a_list_that_does_not_tell_is_no_unset(self) -> None:
        # What "openstack server list --long" shows as properties are tags
        # that users gave.
        (problem,) = self.problems(
            json.dumps([{'ID': A, 'Properties': {}, 'Image': ''}])
        )
        self.assertIn(f'server {A}: expected a column', problem)

    def test_what_looks_like_json_too_often_is_given_up(self) -> None:
        problems = self.problems('["x",\n' * 30)
        self.assertEqual(21, len(problems))
        self.assertIn('not searched any further', problems[-1])

    def test_damaged_json_is_told_with_its_place(self) -> None:
        (problem,) = self.problems(f'[{{"uuid": "{A}", "type": "pc"}},\n')
        self.assertIn('compute-0.txt:1:1: not valid JSON', problem)
