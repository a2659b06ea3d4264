# SPDX-License-Identifier: Apache-2.0

"""What the tests of captured text have in common."""

from __future__ import annotations

from osc_hwmt.collected import recognise
from osc_hwmt.collected.place import Record
from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.exceptions import Problem
from osc_hwmt.model.evidence import Guest
from tests.unit.support import cases

DATA = cases.DATA / 'collected'
#: Nova 27.5.1's own domains, by what their volumes said.
NOVA_27 = {
    said: f'nova-27-domain-{said}-on-volume.xml'
    for said in ('pc', 'q35', 'nothing')
}


def server_id(number: int) -> str:
    """Return one of many server ids."""
    return f'00000000-0000-4000-8000-{number:012x}'


A, B, C = map(server_id, (10, 11, 12))


def sample(name: str) -> str:
    """Return a collected text."""
    return (DATA / name).read_text(encoding='utf-8')


def domain(
    number: int = 1,
    machine: str = 'pc-i440fx-rhel7.6.0',
    devices: str = '',
    rest: str = '',
    arch: str = 'x86_64',
) -> str:
    """Return a small domain."""
    return (
        f"<domain type='kvm'><name>instance-{number:08x}</name>"
        f'<uuid>{server_id(number)}</uuid><vcpu>2</vcpu>'
        f"<os><type arch='{arch}' machine='{machine}'>hvm</type></os>"
        f'{rest}<devices>{devices}</devices></domain>\n'
    )


class CaptureTestCase(cases.TestCase):
    """A test that reads collected text as it comes."""

    path = 'compute-0.txt'

    def read(self, text: str) -> list[Record]:
        """Return all records of a text, which has to be understood."""
        records = recognise.records(text, self.path)
        self.assertIsNotNone(records, f'not understood: {text[:200]!r}')
        return records or []

    def guests(self, text: str) -> list[Guest]:
        """Return the guests of a text that has nothing else."""
        return [self.expect(Guest, record) for record in self.read(text)]

    def guest(self, text: str) -> Guest:
        """Return the only guest of a text that has nothing else."""
        guests = self.guests(text)
        self.assertEqual(1, len(guests), guests)
        return guests[0]

    def hosts(self, text: str) -> list[Host]:
        """Return the hosts of a text that has nothing else."""
        return [self.expect(Host, record) for record in self.read(text)]

    def machines(
        self, text: str, architecture: str | None = None
    ) -> dict[str, Machine]:
        """Return what the only host of a text has of an architecture."""
        hosts = self.hosts(text)
        self.assertEqual(1, len(hosts), hosts)
        return dict(hosts[0].machines[architecture])

    def problems(self, text: str) -> list[str]:
        """Return the warnings about a text, whatever else it has."""
        return [
            str(record)
            for record in self.read(text)
            if isinstance(record, Problem)
        ]
