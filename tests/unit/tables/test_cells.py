# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime

from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.tables.cells import (
    HostsColumn,
    ListColumn,
    OptionalColumn,
    PropertiesColumn,
    YesNoColumn,
    candidates,
    wanted_cell,
)
from tests.unit.support import cases
from tests.unit.support.fakes import volume


class OptionalColumnTest(cases.TestCase):
    def test_none_and_empty_read_differently_to_people(self) -> None:
        for value, shown in ((None, '-'), ('', "''"), ('pc', 'pc')):
            self.assertEqual(shown, OptionalColumn(value).human_readable())

    def test_programs_get_the_value_itself(self) -> None:
        for value in (None, '', 'pc'):
            self.assertEqual(value, OptionalColumn(value).machine_readable())


class CandidatesTest(cases.TestCase):
    def test_without_any_the_text_is_all(self) -> None:
        self.assertEqual('why', candidates((), 'why'))

    def test_each_is_told_by_its_status_and_age(self) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        for seconds, age in (
            (-30, '0 s'),
            (12, '12 s'),
            (61, '1 min'),
            (3 * 3600 + 5, '3 h'),
            (90000, '1 d'),
        ):
            created = now - datetime.timedelta(seconds=seconds)
            told = candidates([volume('a', created=created)], 'why')
            self.assertEqual(
                f'why (candidates: a (available, {age} old))', told
            )
        self.assertEqual(
            'why (candidates: a (error), b (available))',
            candidates([volume('a', status='error'), volume('b')], 'why'),
        )


class WantedCellTest(cases.TestCase):
    def test_what_is_wanted_reads_as_in_the_manifest(self) -> None:
        for wanted, shown in (
            (Wanted(Intent.SET, 'pc'), 'pc'),
            (Wanted(Intent.REMOVE), ''),
            (Wanted(Intent.LEAVE), None),
            (Wanted(Intent.MISSING), '(missing)'),
        ):
            self.assertEqual(shown, wanted_cell(wanted).machine_readable())


class PropertiesColumnTest(cases.TestCase):
    def test_people_read_pairs_and_programs_a_mapping(self) -> None:
        column = PropertiesColumn({'hw_machine_type': 'q35', 'k': None})
        self.assertEqual('q35, k=-', column.human_readable())
        self.assertEqual('-', PropertiesColumn({}).human_readable())
        self.assertEqual(
            {'hw_machine_type': 'q35', 'k': None},
            column.machine_readable(),
        )


class ListColumnTest(cases.TestCase):
    def test_people_read_a_line_and_programs_a_list(self) -> None:
        column = ListColumn(('b', 'a'))
        self.assertEqual('b, a', column.human_readable())
        self.assertEqual(['b', 'a'], column.machine_readable())
        self.assertEqual('-', ListColumn(()).human_readable())


class HostsColumnTest(cases.TestCase):
    def test_people_read_some_of_many_and_programs_all(self) -> None:
        for names, read in (
            ((), '-'),
            (('a', 'b', 'c', 'd'), 'a, b, c, d'),
            (('a', 'b', 'c', 'd', 'e'), 'a, b, c and 2 more'),
        ):
            column = HostsColumn(names)
            self.assertEqual(read, column.human_readable())
            self.assertEqual(list(names), column.machine_readable())


class YesNoColumnTest(cases.TestCase):
    def test_people_read_a_word_and_where_it_holds(self) -> None:
        for column, word in (
            (YesNoColumn(True), 'yes'),
            (YesNoColumn(False), 'no'),
            (YesNoColumn(None), '-'),
            (YesNoColumn(True, 'rhel9.4'), 'yes (rhel9.4)'),
        ):
            self.assertEqual(word, column.human_readable())

    def test_programs_get_the_value_itself(self) -> None:
        for value in (True, False, None):
            self.assertIs(value, YesNoColumn(value, 'x').machine_readable())
