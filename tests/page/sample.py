# SPDX-License-Identifier: Apache-2.0

"""A migration that never was: what verify would find in the night after it."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import random
import uuid
from collections.abc import Iterator, Sequence

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.releases import Product
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.destination import planner, progress, verify
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import Set, Step, Unchanged, without_volume
from osc_hwmt.destination.progress import Standing
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.verify import Finding
from osc_hwmt.journal.format import Announced, Header, Input, Record
from osc_hwmt.manifest.entry import Entry, Recorded, Wanted
from osc_hwmt.model.changes import Change
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import MACHINE_TYPE, Server, Volume
from osc_hwmt.model.machine_type import Family
from osc_hwmt.report.document import Run
from tests.unit.support import fakes

_RELEASE = 'rhoso18'
_Q35 = 'pc-q35-rhel9.4.0'
#: What the destination does not have any more.
_GONE = 'pc-i440fx-rhel7.5.0'
#: Projects, what their servers are called, the guest, how many of a hundred.
_PROJECTS = (
    ('erp', 'erp-app', 'linux', 15),
    ('erp-db', 'ora', 'linux', 5),
    ('web-shop', 'shop', 'linux', 24),
    ('warehouse', 'wms', 'linux', 11),
    ('office', 'win-ts', 'windows', 17),
    ('monitoring', 'mon', 'linux', 6),
    ('build', 'runner', 'linux', 18),
    ('appliances', 'fw', 'linux', 4),
)
#: What they ran on, how that is known, how many of a hundred.
_FOUND = (
    ('pc-i440fx-rhel7.6.0', Evidence.LIBVIRT_DOMAIN, 57),
    (_GONE, Evidence.LIBVIRT_DOMAIN, 2),
    ('pc-q35-rhel9.0.0', Evidence.VOLUME_IMAGE_METADATA, 17),
    ('pc-q35-rhel9.2.0', Evidence.NOVA_RECORD, 15),
    (None, Evidence.NONE, 9),
)
_VERIFY = (
    'openstack migrate machine-type verify --destination-cloud dst '
    f'--destination-release {_RELEASE} --destination-hosts collected/ '
    'workloads.yml'
)
_APPLY = (
    'openstack migrate machine-type apply --destination-cloud dst '
    f'--destination-release {_RELEASE} workloads.yml'
)


def run(exit_code: int, servers: int) -> Run:
    """Return a run of verify after the migration of some servers."""
    return Run(
        header=Header(
            tool='osc-hwmt 1.0.0',
            command='verify',
            cloud='dst',
            auth_url='https://overcloud.example.test:5000/v3',
            region='regionOne',
            project_id='5d1c1f1cfb4b4c0f9a8a0d3e7b6c2a91',
            inputs=(
                Input(
                    'workloads.yml',
                    '9f2c41b6d0e7a85330bb1f6ce2d94a7718c5f0a2'
                    '6e3b9d4417f08c2ad15be693',
                ),
            ),
            options={},
            note='CHG0042117, after wave 3, night shift',
        ),
        command=_VERIFY,
        ended=datetime.datetime(
            2026, 11, 22, 3, 41, 7, tzinfo=datetime.timezone.utc
        ),
        exit_code=exit_code,
        in_manifests=servers,
        known_from=_computes().known_from,
        standings=_standings(servers, seed=1),
    )


def _standings(servers: int, seed: int) -> list[Standing]:
    """Return how far they are: each project came with one of three waves."""
    chance = random.Random(seed)
    steps = planner.add_concerns(_steps(servers, chance), _computes())
    found = _findings(steps, chance)
    there = {
        step.entry.server_id: step.server
        for step in steps
        if isinstance(step, Unchanged) and step.server
    }
    names = [name for name, *_more in _PROJECTS]
    records = [
        Record(
            'journal',
            dataclasses.replace(
                fakes.header(), note=f'wave {number} (CHG00421{number}7)'
            ),
            tuple(
                Announced(
                    dataclasses.replace(fakes.write(), server_id=id), None
                )
                for id in (
                    step.entry.server_id
                    for step in steps
                    if names.index(step.entry.project) % 3 == number - 1
                )
                if id in there
            ),
            torn=False,
            ended=True,
            begun=datetime.datetime(
                2026, 11, 7 * number - 1, 22, tzinfo=datetime.timezone.utc
            ),
        )
        for number in (1, 2, 3)
    ]
    return progress.standings(found, there, records)


def findings(servers: int, seed: int = 1) -> list[Finding]:
    """Return the findings about some servers, alike for the same seed."""
    chance = random.Random(seed)
    steps = planner.add_concerns(_steps(servers, chance), _computes())
    return _findings(steps, chance)


def _findings(steps: Sequence[Step], chance: random.Random) -> list[Finding]:
    computes = _computes()
    guests = {
        server.id: [_guest(server, step.entry, chance)]
        for step in steps
        if isinstance(step, Unchanged)
        for server in (step.server,)
        if server and chance.random() > 0.02
    }
    return verify.findings(steps, _APPLY, guests, computes.known_from)


@functools.cache
def _computes() -> Computes:
    """Return what the package knows of the destination's release."""
    knowledge = release_file.load()
    release = knowledge.release(_RELEASE)
    if not isinstance(release, Product):
        raise TypeError(release)
    return Computes(
        Abilities.of(knowledge.records(release)),
        release.default_machine_types,
        release.pcie_ports,
        release.title,
    )


def _steps(servers: int, chance: random.Random) -> Iterator[Step]:
    projects = chance.choices(
        _PROJECTS, [one[-1] for one in _PROJECTS], k=servers
    )
    found = chance.choices(_FOUND, [one[-1] for one in _FOUND], k=servers)
    for number, (project, source) in enumerate(zip(projects, found), 1):
        project_name, prefix, system, _share = project
        value, evidence, _share = source
        recorded = Recorded(
            value=value,
            unknown=None,
            evidence=evidence,
            on_volume=None,
            project_name=project_name,
            project_domain_name='Default',
            context={'os_type': system},
            architecture='x86_64',
            presumed=None if value else Family.I440FX,
            # What can be thrown away may change.
            left_to_destination=not value and project_name == 'build',
        )
        # What can be thrown away may as well have the newest.
        wish = _Q35 if value and project_name == 'build' else value
        yield _step(
            chance,
            fakes.entry(
                f'{prefix}{number:03d}',
                _uuid(chance),
                Wanted.of(wish),
                recorded=recorded,
            ),
        )


def _step(chance: random.Random, entry: Entry) -> Step:
    wish = entry.wanted.value
    luck = chance.random()
    settled = without_volume(entry)
    if settled:
        return settled
    if luck < 0.01:
        return Refused(
            entry,
            Refusal.VOLUME_NOT_FOUND,
            f'no bootable volume is called {entry.name}-boot',
            'create the volume first, or name it: '
            '_migration_params.boot_volume.uuid below '
            f'workloads.yml:{chance.randrange(9000)}, or --volume-map',
        )
    if luck < 0.02:
        now = chance.choice((None, 'pc-q35-rhel9.0.0'))
        match = Match(_volume(chance, entry, now), Rule.NAME, None)
        return Set(entry, match, (Change(MACHINE_TYPE, now, wish),))
    volume = _volume(chance, entry, wish)
    built = fakes.server(entry.name, _uuid(chance), (volume.id,))
    late = luck > 0.9 or wish == _GONE
    return Unchanged(entry, volume, server=None if late else built)


def _guest(server: Server, entry: Entry, chance: random.Random) -> Guest:
    machine_type = entry.wanted.value if chance.random() > 0.01 else _Q35
    return Guest(
        server.id, Evidence.LIBVIRT_DOMAIN, machine_type, 'domains/compute-3'
    )


def _volume(
    chance: random.Random, entry: Entry, machine_type: str | None
) -> Volume:
    return fakes.volume(
        _uuid(chance),
        f'{entry.name}-boot',
        {MACHINE_TYPE: machine_type} if machine_type else {},
    )


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))
