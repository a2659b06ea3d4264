# SPDX-License-Identifier: Apache-2.0

"""The page of faults names tests; they have to be there."""

from __future__ import annotations

import ast
import pathlib
import re

from tests.unit.support import cases

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / 'doc/source/background/faults.rst'
#: Files that the page names, and the one that it means without a name.
FILES = (
    'tests/functional/test_faults.py',
    'tests/functional/test_fault_answers.py',
    'tests/functional/test_approved_plan.py',
    'tests/functional/test_volume_status.py',
    'tests/unit/cloud/test_paging.py',
    'tests/unit/commands/test_signals.py',
    'tests/unit/journal/test_format.py',
)


def _tests() -> set[str]:
    """Return all test classes and tests of these files."""
    found: set[str] = set()
    for file in FILES:
        for node in ast.parse((ROOT / file).read_text()).body:
            if isinstance(node, ast.ClassDef):
                found.add(node.name)
                for one in node.body:
                    if isinstance(one, ast.FunctionDef):
                        found |= {one.name, f'{node.name}.{one.name}'}
    return found


class FaultsPageTest(cases.TestCase):
    def test_every_test_that_it_names_is_there(self) -> None:
        named = set(
            re.findall(
                r'``((?:[A-Z]\w+Test)(?:\.test_\w+)?|test_\w+)``',
                PAGE.read_text(),
            )
        )
        self.assertGreater(len(named), 20)
        self.assertEqual(set(), named - _tests())

    def test_every_file_that_it_names_is_looked_into(self) -> None:
        named = set(re.findall(r'``([\w/]*test_\w+\.py)``', PAGE.read_text()))
        known = {*FILES, *(pathlib.Path(one).name for one in FILES)}
        self.assertEqual(set(), named - known)

    def test_no_test_of_a_fault_is_missing_on_it(self) -> None:
        page = PAGE.read_text()
        for file in FILES[:2]:
            for node in ast.parse((ROOT / file).read_text()).body:
                if isinstance(node, ast.ClassDef):
                    self.assertTrue(
                        node.name in page or node.name == 'UndisturbedTest',
                        node.name,
                    )
