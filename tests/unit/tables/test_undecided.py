# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.nova_releases import LearnedRelease, learned
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.tables import undecided
from osc_hwmt.tables.undecided import ExportCommand
from tests.unit.support import cases, fakes

KNOWLEDGE = release_file.load()
TRAIN = learned(KNOWLEDGE.nova, (2, 79))
WALLABY = learned(KNOWLEDGE.nova, (2, 88))
COMMAND = ExportCommand(
    ['openstack', 'migrate', 'machine-type', 'export'],
    ['vms.yml'],
)


def _block(
    entries: Sequence[Entry],
    release: LearnedRelease | None = TRAIN,
    computes: Computes = NOTHING_KNOWN,
    command: ExportCommand = COMMAND,
) -> list[str]:
    return list(
        undecided.block(entries, release, KNOWLEDGE, computes, command)
    )


def _recorded_nothing(name: str, **more: Any) -> Entry:
    return fakes.undecided(name, name, recorded=fakes.recorded(None, **more))


class BlockTest(cases.TestCase):
    def test_a_source_that_records_nothing(self) -> None:
        self.assertEqual(
            [
                '2 servers undecided: no machine type is recorded',
                '  Source: Nova Train, which records no machine types. x86 '
                'servers ran on pc',
                '  (i440fx) unless their hosts were configured otherwise',
                '  2 servers: presumably i440fx; the destination will give '
                'q35',
                "  Not checked: the source's hosts (--source-hosts)",
                'To decide, surest first:',
                "  1. Collect what runs on the source's compute hosts:",
                '     openstack migrate machine-type collector > collect.sh',
                '     umask 077; mkdir -p source',
                '     for host in compute-0 compute-1; do ssh $host sudo sh '
                '-s domains \\',
                '       < collect.sh > source/$host.txt; done',
                '     openstack migrate machine-type export --source-hosts '
                'source vms.yml',
                '  2. Use the default of Red Hat OpenStack Platform 16.2, if '
                'it was never',
                '     changed:',
                '     openstack migrate machine-type export --source-release '
                'rhosp16.2 vms.yml',
                '  3. Use the hw_machine_type from nova.conf of the hosts, '
                'such as pc:',
                '     openstack migrate machine-type export '
                '--default-machine-type pc vms.yml',
                "  4. Leave them to the destination's default on purpose:",
                '     openstack migrate machine-type export --set a=null '
                '--set b=null vms.yml',
            ],
            _block(
                [fakes.undecided('a', 'a'), fakes.undecided('b', 'b')],
                computes=Computes(defaults={'x86_64': 'q35'}),
            ),
        )

    def test_a_source_that_records_is_asked_for_it(self) -> None:
        text = '\n'.join(_block([_recorded_nothing('a')], WALLABY))
        self.assertIn('Nova Wallaby, which records the machine type', text)
        self.assertIn('machine type at the source unknown', text)
        self.assertIn("Nova's record (--inspect)", text)
        self.assertIn('export --inspect vms.yml', text)
        self.assertNotIn('--source-release', text)

    def test_what_was_asked_for_is_not_proposed_again(self) -> None:
        asked = ExportCommand(
            COMMAND.words,
            COMMAND.manifests,
            source_hosts=True,
            source_release=True,
            inspect=True,
        )
        for release in (TRAIN, WALLABY):
            text = '\n'.join(
                _block([fakes.undecided()], release, command=asked)
            )
            self.assertNotIn('Not checked', text)
            self.assertNotIn('export --inspect', text)
            self.assertNotIn('--source-release', text)
            self.assertNotIn('--source-hosts source', text)
            self.assertIn('hosts that are missing from', text)

    def test_where_the_destination_is_not_known_that_is_said(self) -> None:
        text = ' '.join(' '.join(_block([fakes.undecided()], None)).split())
        self.assertIn('Source: release unknown', text)
        self.assertIn(
            'what the destination will give is unknown: use '
            '--destination-release (rhoso18 gives q35)',
            text,
        )

    def test_servers_are_grouped_by_what_becomes_of_them(self) -> None:
        lines = _block(
            [
                *(fakes.undecided(f'x{n}', f'x{n}') for n in range(5)),
                _recorded_nothing('arm', architecture='aarch64'),
            ],
            computes=Computes(defaults={'x86_64': 'q35', 'aarch64': 'virt'}),
        )
        for line in (
            '  5 servers: presumably i440fx; the destination will give q35',
            '  1 server: machine type at the source unknown; the destination '
            'will give virt',
        ):
            self.assertIn(line, lines)
        self.assertIn("--set '<server-pattern>=null'", ' '.join(lines))

    def test_a_name_that_means_more_than_one_is_told_by_its_id(self) -> None:
        for name in ('web-*', 'w?b', '\x1b'):
            text = ' '.join(_block([fakes.undecided(name, 'id-1')]))
            self.assertIn('--set id-1=null', text)

    @given(
        st.lists(
            st.text(st.characters(codec='utf-8'), min_size=1, max_size=60),
            min_size=1,
            max_size=3,
        ),
        st.text(st.characters(codec='ascii'), min_size=1, max_size=30),
    )
    def test_the_block_is_narrow_and_its_commands_can_be_pasted(
        self, names: list[str], path: str
    ) -> None:
        command = ExportCommand(COMMAND.words, [path])
        lines = _block(
            [fakes.undecided(name, str(n)) for n, name in enumerate(names)],
            command=command,
        )
        for line in lines:
            self.assertTrue(line.isprintable(), repr(line))
            if len(line) > 79:
                words = line.strip().removesuffix('\\').strip()
                self.assertLessEqual(len(shlex.split(words)), 2, line)
