# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import os
import pathlib

import fixtures

from tests import tested
from tests.unit.support import cases

_SHOWN = """\
#!/bin/sh
echo ' - Passed: {passed}'
echo ' - Skipped: 1'
echo ' - Failed: {failed}'
exit {failed}
"""


class RecordTest(cases.TestCase):
    """The record that is in the documentation."""

    def test_it_is_of_environments_that_there_are(self) -> None:
        known = tested.descriptions()
        self.assertIn('hook-ansible218', known)
        self.assertIn('py314', known)
        environments = [one.environment for one in tested.recorded()]
        self.assertEqual([], [one for one in environments if one not in known])
        self.assertEqual(sorted(set(environments)), environments)

    def test_no_run_is_of_tomorrow(self) -> None:
        # Whoever recorded it may have been some hours ahead.
        tomorrow = datetime.date.today() + datetime.timedelta(days=1)
        for one in tested.recorded():
            self.assertLessEqual(one.day, tomorrow)
            self.assertGreater(one.passed, 0)


class LastRunTest(cases.TestCase):
    """What tox and stestr left behind."""

    def run_of(self, passed: int, failed: int) -> tested.Run | None:
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (root / 'bin').mkdir()
        (root / '.stestr').mkdir()
        for number in (9, 10):
            stream = root / '.stestr' / str(number)
            stream.touch()
            os.utime(stream, (number * 86400, number * 86400))
        for name, text in (
            ('stestr', _SHOWN.format(passed=passed, failed=failed)),
            ('python', '#!/bin/sh\necho Python 3.9.18\n'),
        ):
            program = root / 'bin' / name
            program.write_text(text)
            program.chmod(0o700)
        packages = root / 'lib' / 'python3.9' / 'site-packages'
        for name in ('openstacksdk-1.0.2', 'cliff-4.2.0'):
            (packages / f'{name}.dist-info').mkdir(parents=True)
        return tested.Run.last(root, known=5)

    def test_a_run_that_passed_is_told_with_its_versions(self) -> None:
        run = self.run_of(passed=4, failed=0)
        assert run is not None
        self.assertEqual((4, 1), (run.passed, run.skipped))
        self.assertEqual('3.9.18', run.python)
        self.assertEqual({'openstacksdk': '1.0.2'}, run.versions)
        self.assertEqual(datetime.date(1970, 1, 11), run.day)

    def test_a_run_that_failed_or_left_tests_out_is_none(self) -> None:
        self.assertIsNone(self.run_of(passed=4, failed=1))
        self.assertIsNone(self.run_of(passed=2, failed=0))
