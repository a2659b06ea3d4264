# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import time

from osc_hwmt.collected import reading
from osc_hwmt.exceptions import FileError
from tests.unit.collected.base import A, domain, sample, server_id
from tests.unit.collected.test_texts import tar
from tests.unit.support import cases


class CollectedTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()

    def file(self, name: str, text: str) -> str:
        path = self.home / name
        path.write_text(text, encoding='utf-8')
        return str(path)

    def failure(self, function: object, *names: str) -> str:
        return str(self.assertRaises(FileError, function, list(names)))


class ReadTest(CollectedTestCase):
    def test_a_directory_may_mix_everything(self) -> None:
        self.file('compute-0.xml', domain(1) + domain(2))
        self.file('compute-1.txt', sample('machine-help-rocky-9.8.txt'))
        self.file('recorded.csv', f'uuid,type\n{A},q35\n')
        (self.home / 'x.tgz').write_bytes(
            tar(('compute-2.xml', domain(3).encode()), mode='w:gz')
        )
        found = reading.read([str(self.home)])
        self.assertEqual(
            [server_id(1), server_id(2), A, server_id(3)],
            [one.server_id for one in found.guests],
        )
        self.assertEqual(['compute-1'], [one.name for one in found.hosts])
        self.assertEqual((), found.warnings)

    def test_standard_input_too(self) -> None:
        stdin = io.BytesIO(domain(1).encode())
        (guest,) = reading.read(['-'], stdin).guests
        self.assertEqual('-:1', guest.origin)
        self.assertIsNone(guest.host)

    def test_the_same_words_of_a_server_are_one_guest(self) -> None:
        # It was migrated while computes were read one after another.
        names = [self.file(f'compute-{n}.xml', domain(1)) for n in range(3)]
        (guest,) = reading.read(names).guests
        self.assertEqual('compute-0', guest.host)

    def test_other_words_of_a_server_stay_beside(self) -> None:
        names = [
            self.file('new.xml', domain(1)),
            self.file('old.xml', domain(1, 'pc-i440fx-rhel7.0.0')),
        ]
        self.assertEqual(
            {'pc-i440fx-rhel7.6.0', 'pc-i440fx-rhel7.0.0'},
            {one.machine_type for one in reading.read(names).guests},
        )

    def test_a_named_file_of_something_else_is_an_error(self) -> None:
        names = [self.file(name, 'hello') for name in ('a\x1b', 'b')]
        error = self.failure(reading.read, *names)
        self.assertIn('a\\x1b:1:1: unrecognised content', error)
        self.assertIn('b:1:1: unrecognised content', error)

    def test_in_a_directory_it_is_a_warning(self) -> None:
        self.file('a', 'hello')
        self.file('b', domain(1))
        found = reading.read([str(self.home)])
        self.assertIn('unrecognised content', str(found.warnings[0]))
        self.assertEqual(1, len(found.guests))

    def test_many_warnings_of_a_file_are_counted(self) -> None:
        path = self.file('a', domain(1, 'none') * 60)
        found = reading.read([path]).warnings
        self.assertEqual(51, len(found))
        self.assertIn('10 more like these', str(found[-1]))


class WantedTest(CollectedTestCase):
    def test_what_is_asked_for_has_to_be_there(self) -> None:
        host = self.file('a.xml', sample('capabilities-rocky-9.2.xml'))
        server = self.file('b.xml', domain(1))
        wrong = self.file('c.xml', domain(1, 'none'))
        self.assertEqual(1, len(reading.hosts([host]).hosts))
        self.assertEqual(1, len(reading.guests([server]).guests))
        for path, found in ((host, (0, 1)), (server, (1, 0))):
            either = reading.anything([path])
            self.assertEqual(
                found, (len(either.guests), len(either.hosts)), path
            )
        for function, path, message in (
            (reading.guests, host, 'a.xml: no machine types of servers found'),
            (reading.hosts, server, 'b.xml: no machine types of hosts found'),
            (reading.guests, wrong, f'server {server_id(1)}: expected'),
            (reading.anything, wrong, 'of servers or hosts found'),
            (
                reading.guests,
                str(self.directory()),
                'no machine types of servers',
            ),
        ):
            self.assertIn(message, self.failure(function, path))


class SpeedTest(CollectedTestCase):
    def test_2000_domains_take_about_a_second(self) -> None:
        text = sample('domain-windows-uefi.xml')
        old = text[text.index('<uuid>') :][6:42]
        path = self.file(
            'all.xml',
            ''.join(text.replace(old, server_id(n)) for n in range(2000)),
        )
        begin = time.process_time()
        self.assertEqual(2000, len(reading.read([path]).guests))
        self.assertLess(time.process_time() - begin, 5)
