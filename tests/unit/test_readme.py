# SPDX-License-Identifier: Apache-2.0

"""The commands of README.rst that others rely on."""

from __future__ import annotations

import pathlib

from tests.unit.support import cases

ROOT = pathlib.Path(__file__).parents[2]
TEST = (
    'python3 -m venv .venv && .venv/bin/pip install --quiet tox uv && '
    '.venv/bin/tox -p 3'
)


class TestCommandTest(cases.TestCase):
    def test_ci_runs_the_test_command_of_the_readme(self) -> None:
        for name in ('README.rst', '.ci/run'):
            lines = (ROOT / name).read_text(encoding='utf-8').splitlines()
            self.assertIn(TEST, map(str.strip, lines), name)
