# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile

import testtools

from tests.huge import shapes

#: Nobody listens there: what is read ends with that the cloud is not there.
_CLOUDS = """\
clouds:
  nowhere:
    auth: {auth_url: 'http://127.0.0.1:1/v3', username: a, password: b,
           project_name: c, user_domain_id: d, project_domain_id: d}
"""
_MOST_SECONDS = 60
_MOST_MEGABYTES = 1500
_EDIT = """\
import sys
from osc_hwmt.local import files
from osc_hwmt.manifest.change import Put
from osc_hwmt.manifest.edit import edit
from osc_hwmt.manifest.reading import read_manifest
before = files.read(sys.argv[1])
put = Put('params', 'hw_disk_bus', 'scsi')
after = edit(
    read_manifest(before.text, before.path),
    lambda entry: True,
    lambda entry, node: [put],
)
files.write(before, after.text)
print(len(after.touched))
"""


class HugeManifestTest(testtools.TestCase):  # type: ignore[misc]
    """Each ends within a minute, in 1.5 GB, in words."""

    def setUp(self) -> None:
        super().setUp()
        directory = tempfile.TemporaryDirectory(prefix='hwmt-huge-')
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        (self.directory / 'clouds.yaml').write_text(_CLOUDS)
        self.path = self.directory / 'workloads.yml'

    def make(self, name: str) -> os.stat_result:
        with self.path.open('wb') as file:
            file.writelines(shapes.pieces(name))
        return self.path.stat()

    def run_python(self, name: str, *words: str) -> tuple[int, str, str]:
        """Return the exit code and what was written to both outputs."""
        out, err = self.directory / 'out', self.directory / 'err'
        with out.open('wb') as standard, err.open('wb') as error:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.directory,
                env={
                    **os.environ,
                    'OS_CLIENT_CONFIG_FILE': str(
                        self.directory / 'clouds.yaml'
                    ),
                },
                stdout=standard,
                stderr=error,
            )
            _id, status, usage = os.wait4(process.pid, 0)
        # Of the processor: others may use this machine as well.
        seconds = usage.ru_utime + usage.ru_stime
        megabytes = usage.ru_maxrss // 1024
        figures = f'{name}: {seconds:.1f} s of CPU, {megabytes} MB'
        print(figures, file=sys.__stdout__, flush=True)
        self.assertLess(seconds, _MOST_SECONDS, figures)
        self.assertLess(megabytes, _MOST_MEGABYTES, figures)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, out.read_text(), err.read_text()

    def apply(self, name: str) -> tuple[int, str]:
        code, _out, error = self.run_python(
            name,
            *('-m', 'openstackclient.shell', 'migrate', 'machine-type'),
            *('apply', '--dry-run', '--destination-cloud', 'nowhere'),
            self.path.name,
        )
        self.assertNotIn('Traceback', error, name)
        return code, error

    def test_what_is_too_much_is_refused_and_nothing_written(self) -> None:
        for name in shapes.REFUSED:
            with self.subTest(name):
                before = self.make(name)
                code, error = self.apply(name)
                self.assertEqual(1, code, error)
                self.assertIn('nothing was done:\nworkloads.yml:', error)
                self.assertLess(len(error), 500_000, name)
                after = self.path.stat()
                self.assertEqual(before.st_ino, after.st_ino)
                self.assertEqual(before.st_mtime_ns, after.st_mtime_ns)

    def test_a_manifest_is_read(self) -> None:
        for name in shapes.READ:
            with self.subTest(name):
                self.make(name)
                code, error = self.apply(name)
                self.assertEqual(1, code, error)
                self.assertIn('127.0.0.1', error, 'it was not read')

    def test_a_manifest_is_edited(self) -> None:
        before = self.make(shapes.PADDED)
        code, out, error = self.run_python(
            f'{shapes.PADDED}, edited', '-c', _EDIT, str(self.path)
        )
        self.assertEqual(0, code, error)
        added = len('    hw_disk_bus: scsi\n') * int(out)
        self.assertEqual(before.st_size + added, self.path.stat().st_size)
