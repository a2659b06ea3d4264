# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.tables.cells import (
    ListColumn,
    OptionalColumn,
    PropertiesColumn,
    Row,
)
from osc_hwmt.tables.layout import (
    fitted,
    inert,
    without_formulas,
    without_none,
)
from tests.unit.support import cases
from tests.unit.support.fakes import PC

NAMES = ('Server', 'Wanted', 'Result', 'Detail')
LONG = 'project demo has no bootable volume called erp-win2012-boot of 20 GiB'
_words = st.text(st.sampled_from('abc-. \n'), max_size=60)


def _width(names: tuple[str, ...], rows: list[Row]) -> int:
    """Return the width of the table that cliff draws of them."""
    return 1 + sum(
        3 + max(len(line) for cell in cells for line in str(cell).split('\n'))
        for cells in zip(names, *rows)
    )


class FittedTest(cases.TestCase):
    def test_a_sentence_is_wrapped_and_the_names_are_not(self) -> None:
        cells: Row = ('erp-win2012', PC, 'refused', LONG)
        (row,) = fitted(NAMES, [cells], 80)
        self.assertEqual(('erp-win2012', PC, 'refused'), row[:3])
        self.assertEqual(LONG, ' '.join(str(row[3]).split('\n')))
        self.assertLessEqual(_width(NAMES, [row]), 80)

    def test_a_name_is_broken_at_a_hyphen_to_make_room_for_a_sentence(
        self,
    ) -> None:
        cells: Row = ('erp-win2012', PC, 'left to the destination', LONG)
        (row,) = fitted(NAMES, [cells], 80)
        self.assertEqual('pc-i440fx-\nrhel7.6.0', row[1])
        self.assertLessEqual(_width(NAMES, [row]), 80)
        self.assertLessEqual(
            28, max(len(line) for line in str(row[3]).split('\n'))
        )

    def test_what_fits_stays_as_it_is(self) -> None:
        cells: Row = ('web', '-', 'set', 'name and size')
        self.assertEqual([cells], list(fitted(NAMES, [cells], 80)))

    def test_a_number_stays_a_number(self) -> None:
        self.assertEqual([(7, '')], list(fitted(('n', 'x'), [(7, '')], 9)))

    def test_no_rows_are_no_rows(self) -> None:
        self.assertEqual([], list(fitted(NAMES, [], 80)))

    @given(st.lists(st.tuples(*[_words] * 4), max_size=4), st.integers(45, 90))
    def test_any_table_fits_and_loses_nothing(
        self, cells: list[Row], width: int
    ) -> None:
        rows = list(fitted(NAMES, cells, width))
        self.assertLessEqual(_width(NAMES, rows), width)
        for before, after in zip(cells, rows):
            self.assertEqual(
                [''.join(str(cell).split()) for cell in before],
                [''.join(str(cell).split()) for cell in after],
            )


class WithoutNoneTest(cases.TestCase):
    def test_what_is_not_there_is_empty(self) -> None:
        self.assertEqual(
            [('web', '', ['a'], 0)],
            list(without_none([('web', None, ['a'], 0)])),
        )


class InertTest(cases.TestCase):
    CELLS: Row = (
        'a\x1b[2J',
        OptionalColumn(None),
        ListColumn(['b\n', 'c']),
        PropertiesColumn({'k\u202e': '\x9b'}),
        True,
        0,
    )

    def test_every_text_of_the_data_is_printable(self) -> None:
        self.assertEqual(
            [
                (
                    'a\\x1b[2J',
                    None,
                    ['b\\n', 'c'],
                    {'k\\u202e': '\\x9b'},
                    True,
                    0,
                )
            ],
            list(inert([self.CELLS], readable=False)),
        )

    def test_a_human_gets_the_text_of_a_column(self) -> None:
        ((name, nothing, *others),) = inert([self.CELLS], readable=True)
        self.assertEqual(('a\\x1b[2J', '-'), (name, nothing))
        self.assertTrue(str(others).isprintable(), others)


class WithoutFormulasTest(cases.TestCase):
    def test_no_cell_begins_like_a_formula(self) -> None:
        for cell in ('=cmd|"/c calc"!A1', '+1', '-2+3', '@SUM(A1)', '\uff1d1'):
            self.assertEqual(
                [(f"'{cell}",)], list(without_formulas([(cell,)]))
            )

    def test_any_other_cell_stays_as_it_is(self) -> None:
        row: Row = ('-', '', 'a=b', 'pc-q35', 7, None, ['=x'])
        self.assertEqual([row], list(without_formulas([row])))
