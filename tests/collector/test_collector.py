# SPDX-License-Identifier: Apache-2.0

"""The collector on a real libvirt, and what becomes of what it collects."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import fixtures
import testtools

import osc_hwmt
from osc_hwmt.collected import reading
from osc_hwmt.compatibility.hosts import Support
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.model.evidence import Guest
from tests.collector import own_libvirtd

HERE = Path(osc_hwmt.__file__).parent / 'collector'
SCRIPT, PLAYBOOK = HERE / 'collect.sh', HERE / 'collect.yml'
SHELLS = ('dash', 'bash')
LIMIT = 120
PC, Q35 = (f'00000000-0000-4000-8000-00000000000{n}' for n in '12')
#: What Nova writes, as far as it decides on the hardware.
_DOMAIN = """
<domain type='qemu'>
  <name>instance-{number}</name>
  <uuid>{server}</uuid>
  <metadata>
    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:name>{alias} &amp; "more"</nova:name>
    </nova:instance>
  </metadata>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='{alias}'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='{disk}'/>
      <target dev='{device}' bus='{bus}'/>
      <serial>{volume}</serial>
    </disk>
    <input type='tablet' bus='usb'/>
    <video><model type='cirrus'/></video>
  </devices>
</domain>
"""

_LIBVIRTD: own_libvirtd.Libvirtd


def setUpModule() -> None:
    """Start a libvirt with two servers, one of which runs."""
    global _LIBVIRTD
    _LIBVIRTD = own_libvirtd.Libvirtd()
    try:
        define(PC, 'pc', 'hda', 'ide')
        define(Q35, 'q35', 'vda', 'virtio')
        _LIBVIRTD.virsh('start', '--paused', Q35)
    except BaseException:
        _LIBVIRTD.stop()
        raise


def tearDownModule() -> None:
    """End libvirt and its guest."""
    _LIBVIRTD.stop()


def define(server: str, alias: str, device: str, bus: str) -> None:
    """Define a server's domain, with an empty volume."""
    disk = _LIBVIRTD.directory / f'volume-{alias}'
    disk.touch()
    domain = _LIBVIRTD.directory / 'domain.xml'
    domain.write_text(
        _DOMAIN.format(
            number=server[-8:],
            server=server,
            alias=alias,
            disk=disk,
            device=device,
            bus=bus,
            volume=volume(server),
        )
    )
    _LIBVIRTD.virsh('define', domain)


def volume(server: str) -> str:
    """Return the id of a server's volume."""
    return f'a{server[1:]}'


class CollectorTest(testtools.TestCase):  # type: ignore[misc]
    def setUp(self) -> None:
        super().setUp()
        self.directory = Path(self.useFixture(fixtures.TempDir()).path)

    def program(self, name: str, text: str) -> None:
        """Make a program that is found first."""
        path = self.directory / 'bin' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def collect(
        self,
        *words: str,
        interpreter: str = 'dash',
        code: int = 0,
        **variables: str,
    ) -> Path:
        """Return a file with what the collector prints, read from stdin."""
        path = self.directory / 'collected.txt'
        with SCRIPT.open('rb') as script, path.open('wb') as out:
            done = subprocess.run(
                [interpreter, '-s', *words],
                stdin=script,
                stdout=out,
                stderr=subprocess.PIPE,
                env=self.environment(**variables),
                text=True,
                timeout=LIMIT,
                check=False,
            )
        self.stderr = done.stderr
        self.assertEqual(code, done.returncode, done.stderr)
        return path

    def environment(self, **variables: str) -> dict[str, str]:
        return {
            **os.environ,
            'LIBVIRT_URI': _LIBVIRTD.uri,
            'PATH': f'{self.directory / "bin"}:{os.environ["PATH"]}',
            **variables,
        }

    def guests(self, *paths: Path) -> dict[str, Guest]:
        """Return the servers in files; nothing else may be said of them."""
        found = reading.guests([str(path) for path in paths])
        self.assertEqual((), found.warnings)
        return {guest.server_id: guest for guest in found.guests}


class DomainsTest(CollectorTest):
    def check(self, guests: dict[str, Guest]) -> None:
        """Check that both servers are as libvirt has them."""
        self.assertEqual({PC, Q35}, set(guests))
        pc, q35 = guests[PC], guests[Q35]
        self.assertRegex(str(pc.machine_type), r'^pc-i440fx-\d')
        self.assertRegex(str(q35.machine_type), r'^pc-q35-\d')
        for server, guest in guests.items():
            self.assertEqual(volume(server), guest.boot_volume_id)
            self.assertEqual('x86_64', guest.architecture)
            self.assertEqual('cirrus', guest.properties['hw_video_model'])
            self.assertEqual('usbtablet', guest.properties['hw_pointer_model'])
            self.assertEqual('bios', guest.properties['hw_firmware_type'])
        self.assertEqual('ide', pc.properties['hw_disk_bus'])
        self.assertEqual('virtio', q35.properties['hw_disk_bus'])

    def test_the_script_collects_what_runs_and_what_is_shut_off(self) -> None:
        for shell in SHELLS:
            guests = self.guests(self.collect('domains', interpreter=shell))
            self.check(guests)
            self.assertEqual(
                {own_libvirtd.hostname()},
                {guest.host for guest in guests.values()},
            )

    def test_libvirts_own_files_say_the_same(self) -> None:
        files = _LIBVIRTD.directory / 'etc' / 'libvirt' / 'qemu'
        self.check(self.guests(files))

    def test_an_archive_of_computes_says_the_same(self) -> None:
        archive = shutil.make_archive(
            str(self.directory / 'computes'),
            'gztar',
            self.collect('domains').parent,
        )
        self.check(self.guests(Path(archive)))

    def test_a_container_is_asked_where_the_host_has_no_virsh(self) -> None:
        for engine, container in (
            ('podman', 'nova_virtqemud'),
            ('podman', 'nova_libvirt'),
            ('docker', 'nova_libvirt'),
        ):
            for name in ('virsh', 'podman', 'docker'):
                self.program(name, '#!/bin/sh\necho "no libvirt" >&2\nexit 1')
            self.program(
                engine,
                f'#!/bin/sh\n[ "$1 $2 $3" = "exec {container} virsh" ] || '
                f'exit 125\nshift 3\nexec {shutil.which("virsh")} "$@"\n',
            )
            self.check(self.guests(self.collect('domains')))

    def test_another_virsh_may_be_named(self) -> None:
        self.program('virsh', '#!/bin/sh\nexit 1')
        path = self.collect('domains', VIRSH=str(shutil.which('virsh')))
        self.check(self.guests(path))

    def test_a_domain_that_went_away_is_told(self) -> None:
        self.program(
            'virsh',
            f'#!/bin/sh\ncase "$*" in *"dumpxml {PC}"*) exit 1; esac\n'
            f'exec {shutil.which("virsh")} "$@"\n',
        )
        path = self.collect('domains', code=1)
        found = reading.guests([str(path)])
        self.assertEqual([Q35], [one.server_id for one in found.guests])
        (warning,) = found.warnings
        self.assertIn(f'the collector failed: domain {PC}', str(warning))

    def test_without_libvirt_it_says_whom_it_asked(self) -> None:
        path = self.collect('domains', code=1, LIBVIRT_URI='qemu:///nowhere')
        for asked in ('virsh:', 'podman exec nova_virtqemud virsh:'):
            self.assertIn(asked, self.stderr)
        (warning,) = reading.read([str(path)]).warnings
        self.assertIn('no virsh answers', str(warning))

    def test_the_script_has_to_be_told_what_to_collect(self) -> None:
        for words in ((), ('everything',)):
            path = self.collect(*words, code=2)
            self.assertEqual('', path.read_text())
            self.assertIn('usage: collect.sh', self.stderr)


class MachineTypesTest(CollectorTest):
    def abilities(self, *paths: Path) -> Abilities:
        return Abilities.of(reading.hosts([str(p) for p in paths]).hosts)

    def asked_of_qemu(self, architecture: str) -> list[Path]:
        """Return files with both lists that QEMU itself gives."""
        name = {'i686': 'i386'}.get(architecture, architecture)
        qemu = f'qemu-system-{name}'
        ask = ''.join(
            f'{{"execute": "{command}"}}\n'
            for command in ('qmp_capabilities', 'query-machines', 'quit')
        )
        options = '-machine none -nodefaults -display none -S -qmp stdio'
        answers = {
            'help.txt': [qemu, '-machine', 'help'],
            'qmp.json': [qemu, *options.split()],
        }
        for file, command in answers.items():
            (self.directory / file).write_text(
                subprocess.run(
                    command,
                    input=ask,
                    capture_output=True,
                    text=True,
                    timeout=LIMIT,
                    check=True,
                ).stdout
            )
        return [self.directory / file for file in answers]

    def test_libvirt_and_qemu_say_the_same(self) -> None:
        told = self.abilities(self.collect('machine-types'))
        (host,) = told.hosts
        self.assertEqual(own_libvirtd.hostname(), host.name)
        for architecture in ('x86_64', 'i686'):
            libvirt = host.machines[architecture]
            for path in self.asked_of_qemu(architecture):
                (one,) = self.abilities(path).hosts
                # Of no architecture it says which, so of x86_64's families.
                qemu = one.machines['x86_64']
                self.assertLess(40, len(qemu), path)
                self.assertEqual(
                    {
                        (each.name, each.canonical, each.deprecated is True)
                        for each in libvirt.values()
                    },
                    {
                        (each.name, each.canonical, each.deprecated is True)
                        for each in qemu.values()
                    },
                    f'{architecture} {path.name}',
                )

    def test_the_two_chipsets_differ_as_they_do(self) -> None:
        told = self.abilities(
            self.collect('machine-types', interpreter='bash')
        )
        pc, q35 = (
            told.ability(alias, 'x86_64').machine for alias in ('pc', 'q35')
        )
        assert pc and q35
        self.assertIn('ide', pc.devices.disk_buses or ())
        self.assertNotIn('ide', q35.devices.disk_buses or ('ide',))
        self.assertIn('cirrus', q35.devices.video_models or ())
        self.assertEqual((255, 288), (pc.max_cpus, q35.max_cpus))

    def test_a_rhel_type_is_not_there_and_the_alias_is_the_advice(
        self,
    ) -> None:
        told = self.abilities(self.collect('machine-types'))
        lost = 'pc-i440fx-rhel7.6.0'
        self.assertIs(Support.UNSUPPORTED, told.ability(lost).support)
        self.assertEqual(
            told.ability('pc').canonical, told.nearest(lost, 'x86_64')
        )


class PlaybookTest(CollectorTest):
    def play(self, *words: str, code: int = 0, **variables: str) -> str:
        """Return what the playbook prints, run here as the only host."""
        program = Path(sys.executable).parent / 'ansible-playbook'
        command: Sequence[str | Path] = (
            *(program, '--inventory', 'compute-0,', PLAYBOOK),
            *('-e', 'ansible_connection=local', '-e', 'ansible_become=false'),
            *('-e', f'ansible_python_interpreter={sys.executable}'),
            *words,
        )
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(
                PWD=str(self.directory),
                ANSIBLE_HOME=str(self.directory / 'ansible'),
                **variables,
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        self.assertEqual(code, done.returncode, done.stdout + done.stderr)
        return done.stdout

    def test_the_playbook_keeps_what_each_host_says(self) -> None:
        self.play()
        answer = self.directory / 'collected-domains' / 'compute-0.txt'
        self.assertEqual({PC, Q35}, set(self.guests(answer.parent)))
        self.assertEqual(0o600, answer.stat().st_mode & 0o777)
        self.assertEqual(0o700, answer.parent.stat().st_mode & 0o777)

    def test_the_playbook_asks_what_hosts_can_run(self) -> None:
        there = self.directory / 'there'
        self.play('-e', 'what=machine-types', '-e', f'directory={there}')
        found = reading.hosts([str(there)])
        self.assertEqual((), found.warnings)
        self.assertIs(
            Support.SUPPORTED,
            Abilities.of(found.hosts).ability('q35', 'x86_64').support,
        )

    def test_a_host_that_can_not_tell_fails_and_keeps_why(self) -> None:
        out = self.play(code=2, LIBVIRT_URI='qemu:///nowhere')
        self.assertIn('No virsh answers', out)
        found = reading.read([str(self.directory / 'collected-domains')])
        self.assertIn('no virsh answers', str(found.warnings[0]))
