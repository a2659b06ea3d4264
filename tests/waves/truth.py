# SPDX-License-Identifier: Apache-2.0

"""Is at the end all as the manifests say, and as the journals tell?"""

from __future__ import annotations

from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Record
from osc_hwmt.manifest import reading
from osc_hwmt.model.changes import WriteResult
from tests.clouds.scenario import MACHINE_TYPE
from tests.waves.migration import Failed, Migration


def records(migration: Migration) -> list[Record]:
    """Return all journals that are left, the oldest first."""
    found = [
        journal_format.read_journal(path.read_text(), str(path))
        for path in migration.journals.glob('*.journal')
    ]
    return sorted(found, key=lambda record: record.begun)


def check_state(migration: Migration) -> None:
    """Raise Failed where manifests, volumes and servers do not agree."""
    wanted = {
        entry.name: entry.wanted.value
        for path in migration.manifests
        for entry in reading.read_manifest(path.read_text(), str(path)).entries
    }
    for what, found in (
        ('the manifests want what was wanted', migration.wanted),
        ('the volumes have it', migration.site.on_volumes()),
        ('the servers were built with it', migration.site.built_with()),
    ):
        differing = [
            f'{name}: {wanted[name]}, {found.get(name)}'
            for name in wanted
            if wanted[name] != found.get(name)
        ]
        if differing or found.keys() != wanted.keys():
            raise Failed(f'not so that {what}: {differing[:5]}')


def check_journals(migration: Migration) -> int:
    """Raise Failed where journals say other than what happened.

    Returns the number of volumes that were written.
    """
    site = migration.site
    names = {volume_id: name for name, volume_id in site.volume_ids.items()}
    told: dict[str, str | None] = {}
    for record in records(migration):
        for one in record.announced:
            if one.result is not WriteResult.DONE:
                continue
            name = names[one.write.volume_id]
            (change,) = one.write.changes
            if change.key != MACHINE_TYPE or change.old != told.get(name):
                raise Failed(f'{record.path}: {name}: {change}')
            told[name] = change.new
    now = site.on_volumes()
    announced = {
        names[one.write.volume_id]
        for record in records(migration)
        for one in record.announced
        if one.result is not WriteResult.FAILED
    }
    written = {names[one] for one in site.proxy.writes()}
    lost = written - announced
    if lost != migration.untold:
        raise Failed(
            f'no journal tells of {sorted(lost)[:5]}, expected that of '
            f'{sorted(migration.untold)[:5]}'
        )
    for name, machine_type in told.items():
        if now[name] != machine_type:
            raise Failed(f'{name}: journals tell {machine_type}')
    return len(written)


def undo(migration: Migration, wave: int) -> int:
    """Roll a wave back; raise Failed where anything else changed.

    Returns the number of its volumes.
    """
    before = migration.site.on_volumes()
    migration.run(
        'rollback',
        *('--destination-cloud', 'dst', '--auto-approve'),
        *('--servers-from', migration.file_of(wave)),
    )
    expected = {
        **before,
        **{
            one.name: None
            for one in migration.site.servers
            if one.wave == wave
        },
    }
    if migration.site.on_volumes() != expected:
        raise Failed(f'wave {wave} is not undone, or more than it')
    return sum(one.wave == wave for one in migration.site.servers)
