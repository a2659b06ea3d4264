# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from osc_hwmt.model.memory import (
    concat,
    consume,
    empty_mapping,
    intern_mapping,
    intern_record,
    slotted,
)
from tests.unit.support import cases


@slotted
@dataclasses.dataclass(frozen=True)
class _Volume:
    """A volume."""

    name: str
    size: int = 1

    @property
    def label(self) -> str:
        return f'{self.name} ({self.size})'


@slotted
@dataclasses.dataclass(frozen=True)
class _BootVolume(_Volume):
    metadata: Mapping[str, str] = dataclasses.field(
        default_factory=empty_mapping
    )


class SlottedTest(cases.TestCase):
    def test_an_instance_has_no_dictionary(self) -> None:
        for record in (_Volume('root'), _BootVolume('root')):
            self.assertFalse(hasattr(record, '__dict__'), record)

    def test_an_heir_adds_its_own_fields_only(self) -> None:
        self.assertEqual(['metadata'], vars(_BootVolume)['__slots__'])

    def test_a_record_is_the_dataclass_that_it_was(self) -> None:
        root = _BootVolume('root', 2)
        self.assertEqual('root (2)', root.label)
        self.assertEqual(
            _BootVolume('root', 3), dataclasses.replace(root, size=3)
        )
        self.assertNotEqual(_Volume('root', 2), root)
        self.assertEqual({}, root.metadata)
        self.assertEqual("_Volume(name='root', size=1)", repr(_Volume('root')))
        self.assertRaises(
            dataclasses.FrozenInstanceError, setattr, root, 'name', 'data'
        )


class InternMappingTest(cases.TestCase):
    def test_equal_mappings_become_one_and_others_stay_apart(self) -> None:
        originals = [{'os_type': value} for value in ('linux', 'linux', 'x')]
        one, same, other = map(intern_mapping, originals)
        self.assertIs(one, same)
        self.assertEqual(
            [{'os_type': 'linux'}, {'os_type': 'x'}], [one, other]
        )
        self.assertEqual({}, intern_mapping({}))
        originals[0]['os_type'] = 'windows'
        self.assertEqual({'os_type': 'linux'}, one, 'the original changed')


@dataclasses.dataclass(frozen=True)
class _Record:
    name: str
    said: Mapping[str, str]


class InternRecordTest(cases.TestCase):
    def test_equal_records_become_one_and_others_stay_apart(self) -> None:
        mappings = empty_mapping(), intern_mapping({'os_type': 'linux'})
        records = [
            _Record(name, said) for name in ('web', 'db') for said in mappings
        ]
        kept = list(map(intern_record, records))
        self.assertEqual(records, kept)
        self.assertIs(kept[0], intern_record(_Record('web', mappings[0])))

    def test_many_records_that_differ_are_not_all_kept(self) -> None:
        for number in range(3000):
            name = f'vm-{number}'
            self.assertEqual(
                name, intern_record(_Record(name, empty_mapping())).name
            )


class ConsumeTest(cases.TestCase):
    def test_a_list_gives_its_records_away_in_order(self) -> None:
        records = ['a', 'b', 'c']
        self.assertEqual(
            [('a', 2), ('b', 1), ('c', 0)],
            [(one, len(records)) for one in consume(records)],
        )


class ConcatTest(cases.TestCase):
    def test_every_character_stays(self) -> None:
        pieces = ['a\r\n', '', 'b\n', 'ü\u2028\r', '\U0001f5a5']
        self.assertEqual(''.join(pieces), concat(iter(pieces)))
