# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.manifest.entry import Entry, Intent, Wanted
from osc_hwmt.manifest.reading import parse
from osc_hwmt.manifest.resource import SERVER_TYPE
from osc_hwmt.observation import Evidence
from tests import fakes
from tests.fakes import PC, Q35, facts, manifest_text, resource, source_volume
from tests.unit import base

PATH = 'workloads.yml'
KEY = 'hw_machine_type'

#: A manifest by hand, for tests that care about lines and columns.
BY_HAND = """\
resources:
- type: openstack.compute.Server
  params:
    name: web
    hw_machine_type: {wanted}
    volumes:
    - params:
        volume_image_metadata:
          hw_machine_type: {on_volume}
      _info: {{id: source-volume-1, size: 10, is_bootable: true}}
  _info:
    id: source-1
    hw_machine_type:
      value: {found}
      evidence: volume-image-metadata
"""


def _entry(**sections: Any) -> Entry:
    return parse(manifest_text(resource(**sections)), PATH).entries[0]


def by_hand(wanted: str, on_volume: str, found: str) -> str:
    return BY_HAND.format(wanted=wanted, on_volume=on_volume, found=found)


class ManifestTestCase(base.TestCase):
    def problems(self, text: str) -> list[Problem]:
        error = self.assertRaises(ManifestError, parse, text, PATH)
        return list(error.problems)

    def problem(self, text: str) -> Problem:
        problems = self.problems(text)
        self.assertEqual(1, len(problems), problems)
        return problems[0]


class RealFileTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.manifest = parse(base.real_workloads(), PATH)
        self.by_name = {one.name: one for one in self.manifest.entries}

    def test_every_server_is_an_entry_in_file_order(self) -> None:
        self.assertEqual(
            [
                'img-backed',
                'nova-unnamed',
                "app 'quoted' ünï",
                'erp-win2012',
                'srv-p311',
            ],
            [one.name for one in self.manifest.entries],
        )

    def test_the_boot_volume_is_told_from_the_data_volume(self) -> None:
        boot = self.by_name['erp-win2012'].boot_volume
        assert boot is not None
        self.assertEqual(
            ('erp-boot', 1, 'pc-i440fx-rhel7.6.0'),
            (boot.name, boot.size, boot.said[KEY].value),
        )

    def test_an_image_backed_server_names_its_image(self) -> None:
        entry = self.by_name['img-backed']
        self.assertTrue(entry.image_backed)
        self.assertEqual('img-p311', entry.image_name)
        self.assertIsNone(entry.boot_volume)
        self.assertFalse(entry.copies_image)

    def test_what_os_migrate_saw_on_the_volume_is_wanted(self) -> None:
        self.assertEqual(
            Wanted.of('pc-i440fx-rhel7.6.0'),
            self.by_name['erp-win2012'].wanted,
        )

    def test_a_server_of_which_it_says_nothing_is_missing(self) -> None:
        for name in ("app 'quoted' ünï", 'img-backed'):
            self.assertEqual(Wanted(Intent.MISSING), self.by_name[name].wanted)


class EveryVersionTest(base.TestCase):
    """Files in the form that each version of os-migrate writes."""

    def entries(self, name: str) -> list[Entry]:
        text = (base.DATA / f'os-migrate-{name}.yml').read_text('utf-8')
        return list(parse(text, PATH).entries)

    def test_first_ones_have_servers_and_no_volumes(self) -> None:
        for name, names in (
            ('0.3.0-workloads', ['erp-win2012', 'null']),
            ('0.9.0-workloads', ['erp-win2012', 'web-1']),
        ):
            entries = self.entries(name)
            self.assertEqual(names, [one.name for one in entries])
            self.assertEqual({None}, {one.boot_volume for one in entries})
            self.assertEqual(
                {Intent.MISSING}, {one.wanted.intent for one in entries}
            )
        self.assertEqual(
            [(True, None), (False, 'rhel-7.9')],
            [(one.copies_image, one.image_name) for one in entries],
        )

    def test_attached_volumes_came_without_image_metadata(self) -> None:
        (entry,) = self.entries('0.17.0-workloads')
        # Two bootable ones: which is the boot volume is for export to find.
        self.assertIsNone(entry.boot_volume)
        self.assertEqual((), entry.trapped_volumes)
        self.assertFalse(entry.detached)

    def test_detached_volumes_have_a_file_of_their_own(self) -> None:
        root, scratch = self.entries('1.0.2-detached_volumes')
        self.assertEqual(
            [True, True, PC, Intent.MISSING],
            [
                root.detached,
                scratch.detached,
                root.wanted.value,
                scratch.wanted.intent,
            ],
        )


class EntryTest(base.TestCase):
    def test_its_line_is_that_of_the_file(self) -> None:
        entry = parse(by_hand(PC, PC, PC), PATH).entries[0]
        self.assertEqual(2, entry.line)

    def test_the_operators_volume_is_read(self) -> None:
        entry = _entry(
            migration={
                'boot_volume': {'uuid': 'volume-9'},
                'boot_volume_params': {'name': 'new-name'},
                'boot_disk_copy': True,
            }
        )
        self.assertEqual(
            ('volume-9', 'new-name', True),
            (
                entry.destination_volume_id,
                entry.destination_volume_name,
                entry.copies_image,
            ),
        )

    def test_other_resources_are_counted_and_left_alone(self) -> None:
        network = {'type': 'openstack.network.Network', 'params': {}}
        found = parse(manifest_text(network, resource(), network), PATH)
        self.assertEqual((1, 2), (len(found.entries), found.other_resources))

    def test_entries_come_with_their_own_nodes(self) -> None:
        text = manifest_text(
            resource('a', 'id-a'), {'type': 'x'}, resource('b', 'id-b')
        )
        pairs = list(parse(text, PATH).resources())
        self.assertEqual(['a', 'b'], [entry.name for entry, _element in pairs])
        for entry, element in pairs:
            line = element.line + element.node.start_mark.line + 1
            self.assertEqual(entry.line, line)

    def test_the_boot_volume_that_export_found_counts(self) -> None:
        entry = _entry(
            params={
                'volumes': [source_volume('a'), source_volume('b', 'second')]
            },
            info={KEY: facts(boot_volume_id='b')},
        )
        assert entry.boot_volume is not None
        self.assertEqual('second', entry.boot_volume.name)

    def test_a_boot_volume_that_is_not_listed_is_what_export_saw(
        self,
    ) -> None:
        entry = _entry(
            params={'volumes': []},
            info={
                KEY: facts(
                    boot_volume_id='b',
                    boot_volume_name='disk',
                    boot_volume_size=7,
                )
            },
        )
        assert entry.boot_volume is not None
        self.assertEqual(
            ('b', 'disk', 7),
            (
                entry.boot_volume.id,
                entry.boot_volume.name,
                entry.boot_volume.size,
            ),
        )

    def test_two_bootable_volumes_leave_the_boot_volume_open(self) -> None:
        entry = _entry(
            params={'volumes': [source_volume('a'), source_volume('b')]}
        )
        self.assertIsNone(entry.boot_volume)

    def test_what_export_could_not_read_is_not_what_is_unset(self) -> None:
        for facts_found, unknown in (
            (facts(None, 'none', unknown='not allowed to see'), True),
            (facts(None, 'none'), False),
        ):
            entry = _entry(info={KEY: facts_found})
            assert entry.recorded is not None
            self.assertEqual(
                (None, unknown),
                (entry.recorded.value, entry.recorded.unknown),
            )

    def test_the_servers_own_project_is_read(self) -> None:
        self.assertEqual('p', _entry(info={'project_id': 'p'}).project_id)
        self.assertIsNone(_entry().project_id)

    def test_the_project_that_export_found_is_read(self) -> None:
        entry = _entry(
            info={KEY: facts(project_name='erp', project_domain_name='corp')}
        )
        assert entry.recorded is not None
        self.assertEqual(
            ('erp', 'corp', Evidence.VOLUME_IMAGE_METADATA),
            (
                entry.recorded.project_name,
                entry.recorded.project_domain_name,
                entry.recorded.evidence,
            ),
        )


class WantedTest(ManifestTestCase):
    def test_a_machine_type_null_and_nothing_are_three_wishes(self) -> None:
        for written, wish in (
            ({KEY: PC}, Wanted(Intent.SET, PC)),
            ({KEY: None}, Wanted(Intent.LEAVE)),
            ({KEY: ''}, Wanted(Intent.REMOVE)),
            ({}, Wanted(Intent.MISSING)),
        ):
            self.assertEqual(wish, _entry(params=written).wanted)

    def test_a_type_that_nobody_knows_is_carried_as_it_is(self) -> None:
        for name in ('pc-q35-9.9-custom', 's390-ccw-virtio-rhel9.4.0', 'x'):
            self.assertEqual(
                Wanted(Intent.SET, name), _entry(params={KEY: name}).wanted
            )

    def test_the_volumes_own_word_counts_where_ours_is_missing(self) -> None:
        entry = _entry(params={'volumes': [source_volume(machine_type=Q35)]})
        self.assertEqual(Wanted(Intent.SET, Q35), entry.wanted)

    def test_an_edit_of_ours_wins_over_an_untouched_volume(self) -> None:
        self.assertEqual(
            Wanted(Intent.SET, Q35),
            parse(by_hand(Q35, PC, PC), PATH).entries[0].wanted,
        )

    def test_leaving_it_wins_over_an_untouched_volume(self) -> None:
        self.assertEqual(
            Wanted(Intent.LEAVE),
            parse(by_hand('null', PC, PC), PATH).entries[0].wanted,
        )

    def test_an_edit_on_the_volume_wins_over_an_untouched_wish(self) -> None:
        self.assertEqual(
            Wanted(Intent.SET, Q35),
            parse(by_hand(PC, Q35, PC), PATH).entries[0].wanted,
        )

    def test_removal_may_be_said_on_the_volume(self) -> None:
        self.assertEqual(
            Wanted(Intent.REMOVE),
            parse(by_hand(PC, "''", PC), PATH).entries[0].wanted,
        )

    def test_an_edit_where_the_volume_had_nothing_counts(self) -> None:
        entry = _entry(
            params={
                KEY: None,
                'volumes': [source_volume(machine_type=Q35)],
            },
            info={KEY: facts(None, 'none')},
        )
        self.assertEqual(Wanted(Intent.SET, Q35), entry.wanted)

    def test_what_a_stronger_source_contradicted_is_no_edit(self) -> None:
        entry = _entry(
            params={KEY: PC, 'volumes': [source_volume(machine_type=Q35)]},
            info={
                KEY: facts(
                    PC,
                    'libvirt-domain',
                    contradicted_by=[
                        {'evidence': 'volume-image-metadata', 'value': Q35}
                    ],
                )
            },
        )
        self.assertEqual(Wanted(Intent.SET, PC), entry.wanted)

    def test_two_edits_that_agree_are_one(self) -> None:
        self.assertEqual(
            Wanted(Intent.SET, Q35),
            parse(by_hand(Q35, Q35, PC), PATH).entries[0].wanted,
        )

    def test_two_edits_that_differ_are_refused_with_both_lines(self) -> None:
        for here, there in ((Q35, 'virt'), ('null', Q35), ("''", Q35)):
            problem = self.problem(by_hand(here, there, PC))
            self.assertEqual(5, problem.line, 'where our own key stands')
            self.assertIn('line 9', problem.text)
            self.assertIn('web', problem.text)
            self.assertIn(there, problem.text)

    def test_a_data_volumes_word_means_nothing(self) -> None:
        entry = _entry(
            params={
                'volumes': [
                    source_volume('a'),
                    source_volume('b', machine_type=Q35, bootable=False),
                ]
            }
        )
        self.assertEqual(Wanted(Intent.MISSING), entry.wanted)


class OtherHardwareTest(ManifestTestCase):
    """Every property of hardware is read like the machine type."""

    BUS = 'hw_disk_bus'

    def test_each_property_that_is_written_is_a_wish(self) -> None:
        entry = _entry(
            params={KEY: PC, self.BUS: 'scsi', 'os_type': None, 'hw_pmu': ''}
        )
        self.assertEqual(
            {
                KEY: Wanted(Intent.SET, PC),
                self.BUS: Wanted(Intent.SET, 'scsi'),
                'os_type': Wanted(Intent.LEAVE),
                'hw_pmu': Wanted(Intent.REMOVE),
            },
            dict(entry.wishes),
        )

    def test_what_is_not_written_is_not_asked_for(self) -> None:
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata'][self.BUS] = 'scsi'
        entry = _entry(params={'volumes': [volume]})
        self.assertEqual([KEY], list(entry.wishes))

    def test_facts_are_recorded_by_property(self) -> None:
        entry = _entry(
            info={KEY: facts(), self.BUS: facts('ide', 'libvirt-domain')}
        )
        assert entry.recorded is not None
        found = entry.recorded.of(self.BUS)
        assert found is not None
        self.assertEqual(
            ('ide', Evidence.LIBVIRT_DOMAIN), (found.value, found.evidence)
        )
        self.assertIsNone(entry.recorded.of('os_type'))

    def test_an_edit_on_the_volume_counts_where_the_key_is_asked_for(
        self,
    ) -> None:
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata'][self.BUS] = 'scsi'
        entry = _entry(
            params={KEY: PC, self.BUS: 'ide', 'volumes': [volume]},
            info={KEY: facts(), self.BUS: facts('ide')},
        )
        self.assertEqual('scsi', entry.wishes[self.BUS].value)

    def test_two_edits_that_differ_name_the_property(self) -> None:
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata'][self.BUS] = 'scsi'
        text = manifest_text(
            resource(
                params={KEY: PC, self.BUS: 'sata', 'volumes': [volume]},
                info={KEY: facts(), self.BUS: facts('ide')},
            )
        )
        problem = self.problem(text)
        self.assertIn('params.hw_disk_bus says sata', problem.text)
        self.assertIn('says scsi', problem.text)

    def test_yaml_values_are_taken_as_they_are_written(self) -> None:
        text = by_hand(
            f'{PC}\n    hw_pmu: yes\n    hw_tpm_version: 2.0', 'null', PC
        )
        wishes = parse(text, PATH).entries[0].wishes
        self.assertEqual(
            ('yes', '2.0'),
            (wishes['hw_pmu'].value, wishes['hw_tpm_version'].value),
        )


class DetachedVolumeTest(ManifestTestCase):
    """os-migrate keeps volumes that no server has in a file of their own."""

    def entry(
        self,
        params: dict[str, Any] | None = None,
        info: dict[str, Any] | None = None,
        **volume: Any,
    ) -> Entry:
        one = source_volume('volume-1', **volume)
        one['params'].update(params or {})
        one['_info'].update(info or {})
        (entry,) = parse(manifest_text(one), 'detached_volumes.yml').entries
        return entry

    def test_a_volume_is_an_entry(self) -> None:
        entry = self.entry({KEY: PC, 'os_type': 'linux'}, name='disk', size=7)
        self.assertEqual(
            (True, 'volume-1', 'disk', PC, 'linux'),
            (
                entry.detached,
                entry.server_id,
                entry.name,
                entry.wanted.value,
                entry.wishes['os_type'].value,
            ),
        )
        assert entry.boot_volume is not None
        self.assertEqual(
            ('disk', 7, True),
            (
                entry.boot_volume.name,
                entry.boot_volume.size,
                entry.boot_volume.bootable,
            ),
        )

    def test_its_own_word_counts_where_ours_is_missing(self) -> None:
        self.assertEqual(PC, self.entry(machine_type=PC).wanted.value)

    def test_an_edit_in_either_place_counts(self) -> None:
        info = {KEY: facts(PC)}
        self.assertEqual(
            Q35, self.entry({KEY: Q35}, info, machine_type=PC).wanted.value
        )
        self.assertEqual(
            Q35, self.entry({KEY: PC}, info, machine_type=Q35).wanted.value
        )

    def test_of_most_nothing_has_to_be_said(self) -> None:
        self.assertTrue(self.entry().left)
        self.assertTrue(self.entry({KEY: None}).left)
        self.assertFalse(self.entry({KEY: ''}).left)
        self.assertFalse(self.entry({'os_type': 'linux'}).left)

    def test_it_may_have_no_name_but_has_an_id(self) -> None:
        self.assertEqual('', self.entry(name='').name)
        text = manifest_text(source_volume(''))
        self.assertIn('the volume id in _info.id', self.problem(text).text)

    def test_its_wishes_are_checked(self) -> None:
        one = source_volume('volume-1', machine_type='p c')
        one['params'][KEY] = 7.6
        one['params']['hw_machine_typ'] = PC
        texts = [found.text for found in self.problems(manifest_text(one))]
        self.assertEqual(3, len(texts), texts)
        for text in texts:
            self.assertIn('web-boot (volume-1)', text)

    def test_it_stands_once(self) -> None:
        text = manifest_text(source_volume('a'), source_volume('a', 'other'))
        self.assertIn('volume a is in', self.problem(text).text)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(['', PC, 'none', 'x y', SERVER_TYPE]),
)
_KEYS = st.sampled_from(
    [
        *('type', 'params', '_info', KEY, 'name', 'id', 'volumes', 'value'),
        *('hw_disk_bus', 'hw_disk_buss', 'evidence', 'image_id', 'x'),
    ]
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


class AnyTextTest(base.TestCase):
    @given(st.text(st.characters(codec='utf-8')))
    def test_any_text_is_refused_in_words(self, text: str) -> None:
        self.assertRaises(ManifestError, parse, text, PATH)

    @given(st.lists(_DATA, max_size=3), _DATA, _DATA)
    def test_any_shape_of_data_is_read_or_refused_in_words(
        self, others: list[Any], params: Any, info: Any
    ) -> None:
        odd = {'type': SERVER_TYPE, 'params': params, '_info': info}
        text = fakes.manifest_text(odd, *others)
        try:
            found = parse(text, PATH)
        except ManifestError as exc:
            self.assertTrue(exc.problems)
            for problem in exc.problems:
                self.assertTrue(str(problem).isprintable())
        else:
            self.assertTrue(all(one.name for one in found.entries))
