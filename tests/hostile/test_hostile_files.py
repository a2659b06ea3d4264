# SPDX-License-Identifier: Apache-2.0

"""Hostile files."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import stat
import subprocess
from typing import Any

import yaml

from tests.functional.base import Answer, FunctionalTest
from tests.hostile import cloud
from tests.hostile.attacks import attack
from tests.hostile.cloud import Scenario
from tests.unit.collected import test_tar


class HostileFileTest(FunctionalTest):
    """The openstack command, given files that no friend has made."""

    def setUp(self) -> None:
        super().setUp()
        serving = cloud.serving(Scenario())
        self.configuration = serving.__enter__().configuration
        self.addCleanup(serving.__exit__, None, None, None)

    def command(self, *words: object, code: int = 0) -> Answer:
        """Return what a command of ours answers."""
        return self.openstack(
            *('migrate', 'machine-type', *map(str, words)), code=code
        )

    def export(self, *words: object, code: int = 0) -> Answer:
        return self.command(
            'export', '--source-cloud', 'src', *words, code=code
        )

    def refused(self, answer: Answer) -> str:
        """Return the one line in which a command ends."""
        self.assertEqual('', answer.out)
        self.assertEqual(1, len(answer.err.splitlines()), answer.err)
        return answer.err.strip()


class ReplacedFileTest(HostileFileTest):
    @attack(
        'a manifest that is a device or a pipe',
        'refused immediately; the device is left unchanged',
    )
    def test_a_manifest_that_is_no_regular_file(self) -> None:
        os.mkfifo(self.directory / 'pipe')
        (self.directory / 'null').symlink_to('/dev/null')
        for name, kind in (
            ('pipe', 'a pipe'),
            ('null', 'a device'),
        ):
            for answer in (
                self.export(name, code=1),
                self.command('apply', '--dry-run', name, code=1),
            ):
                self.assertIn(
                    f'expected a regular file, found {kind}',
                    self.refused(answer),
                )
        self.assertTrue(stat.S_ISCHR(os.stat('/dev/null').st_mode))

    @attack(
        'a report whose name is a link to a file that does not exist',
        'refused; no file is created at the target of the link',
    )
    def test_a_report_that_is_a_link_to_nothing(self) -> None:
        self.export('vms.yml')
        planted = self.directory / 'cron.d'
        (self.directory / 'report.html').symlink_to(planted)
        said = self.command(
            *('verify', 'vms.yml', '--destination-cloud', 'dst'),
            *('--report', 'report.html'),
            code=1,
        )
        self.assertIn('which does not exist', self.refused(said))
        self.assertFalse(planted.exists())

    @attack(
        'list --save onto a manifest, a device or a link to one',
        'refused before the cloud is contacted',
    )
    def test_a_list_that_would_replace_something_else(self) -> None:
        self.export('vms.yml')
        before = (self.directory / 'vms.yml').read_bytes()
        (self.directory / 'link').symlink_to('/dev/null')
        for name in ('vms.yml', '/dev/null', 'link'):
            said = self.command(
                *('list', '--probe', '--auto-approve', '--save', name),
                *('--destination-cloud', 'dst'),
                code=1,
            )
            self.assertIn(name, self.refused(said))
        self.assertEqual(before, (self.directory / 'vms.yml').read_bytes())

    @attack(
        'a manifest with a second name (hard link) elsewhere',
        'refused: only one of the links would get the new content',
    )
    def test_a_manifest_with_two_names(self) -> None:
        self.export('vms.yml')
        os.link(self.directory / 'vms.yml', self.directory / 'other.yml')
        said = self.export('vms.yml', '--set', '*=q35', code=1)
        self.assertIn('has 2 hard links', self.refused(said))

    @attack(
        'a manifest whose extended attributes control who may read it',
        'they are kept when it is rewritten',
    )
    def test_attributes_of_a_manifest_stay(self) -> None:
        self.export('vms.yml')
        path = self.directory / 'vms.yml'
        with contextlib.suppress(OSError):
            os.setxattr(path, 'user.label', b'secret')
        before = {one: os.getxattr(path, one) for one in os.listxattr(path)}
        self.export('vms.yml', '--set', '*=q35')
        self.assertIn('hw_machine_type: q35', path.read_text())
        self.assertEqual(
            before, {one: os.getxattr(path, one) for one in os.listxattr(path)}
        )


class CollectedFileTest(HostileFileTest):
    def read(self, content: bytes) -> str:
        """Return what is said of a file of the destination's hosts."""
        (self.directory / 'sos.tar').write_bytes(content)
        said = self.command('list', '--destination-hosts', 'sos.tar', code=1)
        self.assertEqual('', said.out)
        return said.err

    @attack(
        'a tar of 10 KB whose member claims 4 EiB, in its header, in an '
        'extended header or as a sparse file',
        'not read any further: the archive, the member and the limit are '
        'named',
    )
    def test_a_member_that_claims_four_exbibytes(self) -> None:
        claim = 1 << 62
        for content in (
            test_tar.header(size=claim),
            test_tar.pax(f'28 size={claim}') + test_tar.header(),
        ):
            for packed in (content, gzip.compress(content)):
                self.assertIn(
                    f'sos.tar:1:1: cannot be read any further: member a '
                    f'claims {claim} bytes; expected at most 4096 MiB',
                    self.read(packed + bytes(9000)),
                )
        sparse = test_tar.pax('22 GNU.sparse.major=1', '22 GNU.sparse.minor=0')
        self.assertIn(
            'sos.tar:a:1:1: sparse files are not read',
            self.read(
                sparse
                + test_tar.header(size=512)
                + b'9' * 17
                + b'\n'
                + bytes(494 + 1024)
            ),
        )

    @attack(
        'an endless chain of extended headers in an archive',
        'counted as files, whose number is limited',
    )
    def test_a_chain_of_headers(self) -> None:
        chain = gzip.compress(test_tar.pax('9 path=b') * 200_001, 1)
        self.assertIn('expected at most 200000 files', self.read(chain))

    @attack(
        'a few megabytes of nested gzip that unpack to gigabytes',
        'read up to 256 MiB per text, and four levels deep',
    )
    def test_a_bomb_of_gzip(self) -> None:
        bomb = gzip.compress(gzip.compress(bytes(300 << 20), 1), 9)
        self.assertIn('expected at most 256 MiB', self.read(bomb))
        for _turn in range(4):
            bomb = gzip.compress(bomb)
        self.assertIn('packed more than 4 times', self.read(bomb))


#: A name that types, renames the window, and runs a command.
NAME = 'web\x1b]0;owned\x07\u202e$(touch planted)'


class OutputTest(FunctionalTest):
    """What a cloud says, on a terminal, in a file and in a shell."""

    def setUp(self) -> None:
        super().setUp()
        self.name = NAME

        def rename(_path: str, body: Any) -> Any:
            for server in body.get('servers', ()):
                server['name'] = self.name
            for volume in body.get('volumes', ()):
                volume.pop('volume_image_metadata', None)
            return body

        serving = cloud.serving(Scenario(body=rename), servers=1)
        self.configuration = serving.__enter__().configuration
        self.addCleanup(serving.__exit__, None, None, None)

    def export(self, *words: str, code: int = 0) -> Answer:
        return self.openstack(
            *('migrate', 'machine-type', 'export', '--source-cloud', 'src'),
            *words,
            code=code,
        )

    @attack(
        'escape sequences and reversed text in the name of a server, in '
        'every format of the table, in messages and in the manifest',
        'shown as visible escapes',
    )
    def test_escapes_in_a_name(self) -> None:
        for form in ('table', 'csv', 'value', 'json', 'yaml'):
            said = self.export('vms.yml', '-f', form)
            for text in (said.out, said.err):
                self.assertTrue(text.replace('\n', '').isprintable(), text)
            self.assertIn('owned', said.out)
        said = self.export('vms.yml', '--set', '*=pc', '--dry-run')
        self.assertTrue(said.err.replace('\n', '').isprintable(), said.err)
        written = (self.directory / 'vms.yml').read_text()
        self.assertTrue(written.replace('\n', '').isprintable(), written)
        (resource,) = yaml.safe_load(written)['resources']
        self.assertEqual(NAME, resource['params']['name'])

    @attack(
        'a name that a spreadsheet would evaluate as a formula',
        'prefixed with an apostrophe in csv, and nowhere else',
    )
    def test_a_formula_in_csv(self) -> None:
        self.name = '=HYPERLINK("http://evil.test/")'
        said = self.export('-f', 'csv', '-c', 'Server')
        self.assertEqual(
            [['Server'], [f"'{self.name}"]],
            list(csv.reader(io.StringIO(said.out))),
        )
        said = self.export('-f', 'json', '-c', 'Server')
        self.assertEqual(self.name, said.rows[0]['Server'])

    @attack(
        'a command in the name of a server that is part of a command line to '
        'paste',
        'quoted as one word: when pasted, it runs nothing',
    )
    def test_a_command_in_a_name(self) -> None:
        for self.name in (
            '$(touch planted)',
            "'; touch planted; '",
            '`touch planted`',
            '--set; touch planted',
        ):
            said = self.export()
            lines = said.err.splitlines()
            begin = lines.index(
                next(line for line in lines if 'on purpose' in line)
            )
            pasted = '\n'.join(lines[begin + 1 :]).replace('openstack', 'true')
            subprocess.run(
                ['sh', '-c', pasted], cwd=self.directory, check=False
            )
            self.assertFalse((self.directory / 'planted').exists(), pasted)

    @attack(
        'a rules file whose regular expression never finishes',
        'stopped after seconds: the rule and the server are named',
    )
    def test_a_regular_expression_without_end(self) -> None:
        self.name = 'a' * 60
        (self.directory / 'rules.yml').write_text(
            'rules:\n- servers: [regex: "(a+)+b"]\n'
            '  set: {hw_machine_type: pc}\n'
        )
        said = self.export('--rules', 'rules.yml', code=1)
        self.assertEqual('', said.out)
        self.assertIn(
            'rules.yml:2: the regular expression (a+)+b takes too long on '
            f'server {self.name}',
            said.err,
        )

    @attack(
        'a password in auth_url',
        'refused before any request or write; it is not shown',
    )
    def test_a_password_in_the_address(self) -> None:
        text = self.configuration.read_text()
        self.configuration.write_text(
            text.replace('http://', 'http://admin:s3cret@')
        )
        said = self.export('vms.yml', code=1)
        self.assertIn('auth_url contains a user name or password', said.err)
        self.assertNotIn('s3cret', said.out + said.err)
        self.assertEqual([], list(self.directory.iterdir()))


class ManifestTest(HostileFileTest):
    @attack(
        '0.6 MB of YAML with an error in every line',
        'the first 50 errors are shown, and the number of the others',
    )
    def test_thousands_of_mistakes(self) -> None:
        broken = (
            '- type: openstack.compute.Server\n'
            f'  params: {"7" * 3000}\n'
            '  _info: 8\n'
        )
        (self.directory / 'vms.yml').write_text(
            'os_migrate_version: 1.0.5\nresources:\n' + broken * 200
        )
        said = self.command('apply', 'vms.yml', '--dry-run', code=1)
        self.assertLess(len(said.err), 40_000)
        self.assertRegex(said.err, r'and [0-9,]+ more\n')
