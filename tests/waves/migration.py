# SPDX-License-Identifier: Apache-2.0

"""A whole cloud in waves, with a failure of each kind on the way.

In each wave the importer copies volumes, ``apply`` sets their machine types,
the importer builds the servers, and ``verify`` looks at all that has come so
far. What goes wrong goes wrong in one of the waves, and is mended in it.
"""

from __future__ import annotations

import dataclasses
import enum
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from tests.clouds.scenario import I440FX, Q35
from tests.functional.base import Answer, fork_server, without_cloud
from tests.functional.faulty_proxy import Answer as Refusal
from tests.functional.faulty_proxy import Fault, Request, Seen
from tests.functional.fork_server import OPENSTACK
from tests.waves.site import Planned, Site

SET = 'os-set_image_metadata'
LIMIT = 1800
#: What servers of which the source recorded nothing are told to have.
DEFAULT = 'pc'


class Failed(AssertionError):
    """Something is not as it is to be."""


class Failure(enum.Enum):
    """What goes wrong in a wave."""

    EXPORTED_AGAIN = "os-migrate's export run again"
    EDITED = "an operator's edit between waves"
    KILLED = 'apply killed'
    FORBIDDEN = '403 for one project'
    TOO_LATE = 'a server built too early'
    CONTAINER_LOST = 'a container lost, its journal kept'
    JOURNAL_LOST = 'a container lost with its journal'


def failures(waves: int) -> dict[int, set[Failure]]:
    """Return the failures of each wave, from the first or second on."""
    begin = 2 if waves > len(Failure) else 1
    found: dict[int, set[Failure]] = {
        number: set() for number in range(1, waves + 1)
    }
    for number, failure in enumerate(Failure):
        found[begin + number % (waves + 1 - begin)].add(failure)
    return found


@dataclasses.dataclass
class Wave:
    """One wave as it went; times are in seconds."""

    number: int
    servers: int
    failures: Collection[Failure]
    applied: float = 0.0
    runs: int = 0
    verified: float = 0.0


class Migration:
    """The commands of an operator, wave after wave."""

    def __init__(
        self, site: Site, pause: float, told: Callable[[str], None]
    ) -> None:
        self.site = site
        self.journals = site.directory / 'journals'
        self.manifests = [
            site.directory / f'{number:02}' / 'workloads.yml'
            for number in range(site.size.projects)
        ]
        #: What is wanted of each server, as the manifests have it.
        self.wanted = {one.name: one.found or DEFAULT for one in site.servers}
        #: Whose journals are lost.
        self.untold: set[str] = set()
        self.times: dict[str, float] = {}
        self._pause = pause
        self._told = told

    # The commands

    def run(
        self,
        action: str,
        *words: object,
        code: int = 0,
        home: Path | None = None,
        journals: bool = True,
    ) -> Answer:
        """Return what a command answers; it must end with that code."""
        began = time.monotonic()
        ended = fork_server().run(
            *_words(action, *words),
            environment=self._environment(journals),
            directory=home or self.site.directory,
            limit=LIMIT,
        )
        self.times[action] = time.monotonic() - began
        if ended.code != code:
            raise Failed(
                f'{action} {words} ended with {ended.code} and not {code}:\n'
                f'{ended.out[-4000:]}\n{ended.err[-4000:]}'
            )
        return Answer(**vars(ended))

    def _environment(self, journals: bool = True) -> dict[str, str]:
        return without_cloud(
            self.site.configuration,
            {'OSC_HWMT_JOURNAL_DIRECTORY': str(self.journals)}
            if journals
            else None,
        )

    def export(self, *words: object) -> None:
        """Run os-migrate's export where there is none yet, and ours."""
        for number, path in enumerate(self.manifests):
            if not path.exists():
                path.parent.mkdir(exist_ok=True)
                path.write_text(self.site.workloads(number))
        self.run(
            'export',
            *('--source-cloud', 'src', '--all-projects'),
            *('--default-machine-type', DEFAULT),
            *words,
            *self.manifests,
        )

    def apply(
        self, wave: Wave, *words: object, code: int = 0, **options: Any
    ) -> Answer:
        """Apply a wave, and add the time to it."""
        answer = self.run(
            'apply',
            *self._of(wave),
            *('--auto-approve', '--note', f'wave {wave.number}'),
            *words,
            *self.manifests,
            code=code,
            **options,
        )
        wave.applied += self.times['apply']
        wave.runs += 1
        return answer

    def verify(self, *words: object, code: int = 0) -> Answer:
        """Verify all that has come, or what the words choose."""
        return self.run(
            'verify',
            *('--destination-cloud', 'dst', *words),
            *self.manifests,
            code=code,
        )

    def _of(self, wave: Wave) -> tuple[object, ...]:
        return (
            *('--destination-cloud', 'dst'),
            *('--servers-from', self.file_of(wave.number)),
        )

    def file_of(self, wave: int) -> Path:
        """Return the file that has the servers of a wave."""
        return self.site.directory / f'wave-{wave}.txt'

    # The waves

    def wave(self, number: int, broken: Collection[Failure]) -> Wave:
        """Migrate one wave with what goes wrong in it."""
        servers = [one for one in self.site.servers if one.wave == number]
        wave = Wave(number, len(servers), sorted(broken, key=str))
        self.file_of(wave.number).write_text(
            '\n'.join(one.name for one in servers) + '\n'
        )
        if Failure.EXPORTED_AGAIN in broken:
            self._export_again(wave, servers[0])
        if Failure.EDITED in broken:
            self._edit(servers[-1])
        self.site.copy_volumes(servers)
        early = [servers[0]] if Failure.TOO_LATE in broken else []
        if early:
            self.site.build(early)
            # Nova tells whole seconds.
            time.sleep(3.0)
        if Failure.KILLED in broken:
            self._kill(wave, self.site.directory)
        if Failure.CONTAINER_LOST in broken:
            with tempfile.TemporaryDirectory() as container:
                self._kill(wave, Path(container))
        if Failure.FORBIDDEN in broken:
            self._forbid(wave, servers[-1])
        self._finish(wave, servers, broken, bool(early))
        time.sleep(self._pause)
        self.site.build([one for one in servers if one not in early])
        for one in early:
            self._mend(one)
        self.verify('--only-imported', '--only-problems')
        wave.verified = self.times['verify']
        self._told(
            f'wave {number}: {wave.servers} servers, {wave.runs} runs of '
            f'apply in {wave.applied:.1f} s, verify of all so far in '
            f'{wave.verified:.1f} s'
            + ''.join(f'; {one.value}' for one in wave.failures)
        )
        return wave

    def _finish(
        self,
        wave: Wave,
        servers: Sequence[Planned],
        broken: Collection[Failure],
        late: bool,
    ) -> None:
        """Apply what is left of a wave, and once more, for nothing."""
        code = int(late)
        if Failure.JOURNAL_LOST in broken:
            with tempfile.TemporaryDirectory() as container:
                journal = Path(container) / 'journal'
                before = {*self._writes()}
                self.apply(
                    wave,
                    *('--journal', journal),
                    code=code,
                    home=Path(container),
                    journals=False,
                )
                lost = {*self._writes()} - before
                self.untold = {
                    one.name
                    for one in servers
                    if self.site.volume_ids[one.name] in lost
                }
        else:
            self.apply(wave, code=code)
        written = len(self._writes())
        self.apply(wave, code=code)
        if len(self._writes()) != written:
            raise Failed('apply wrote what it had written already')

    def _export_again(self, wave: Wave, one: Planned) -> None:
        """os-migrate drops what export wrote: refused until it is back."""
        path = self.manifests[one.project]
        before = path.read_text()
        path.write_text(self.site.workloads(one.project))
        self.site.copy_volumes([])
        answer = self.apply(wave, code=1)
        mine = [row for row in answer.rows if row['Server'] == one.name]
        if not mine or 'run export again' not in mine[0]['Detail']:
            raise Failed(f'{one.name} is not refused: {mine}')
        self.export()
        if path.read_text() != before:
            raise Failed(f'{path} is not what it was')

    def _edit(self, one: Planned) -> None:
        """An operator wants another machine type for one of the wave.

        And mistypes it into one that is imported already, for a while.
        """
        self._want(one, Q35 if self.wanted[one.name] != Q35 else I440FX)
        there = next(
            (
                other
                for other in self.site.servers
                if other.name in self.site.server_ids
                and self.wanted[other.name] == I440FX
            ),
            None,
        )
        if there:
            self._want(there, Q35)
            answer = self.verify('--only-imported', '--only-problems', code=3)
            found = {
                row['Server']
                for row in answer.rows
                if row['Severity'] == 'error'
            }
            if found != {there.name}:
                raise Failed(f'{there.name} alone differs, found {found}')
            self._want(there, I440FX)

    def _want(self, one: Planned, machine_type: str) -> None:
        """Edit a manifest by hand."""
        path = self.manifests[one.project]
        text = path.read_text()
        pattern = re.compile(
            r'(hw_machine_type: )\S+(\n +image_ref: null\n +name: '
            + re.escape(one.name)
            + r'\n)'
        )
        edited, times = pattern.subn(rf'\g<1>{machine_type}\g<2>', text)
        if times != 1:
            pattern = re.compile(
                r'(name: '
                + re.escape(one.name)
                + r'\n(?: +.*\n)*? +hw_machine_type: )\S+'
            )
            edited, times = pattern.subn(rf'\g<1>{machine_type}', text)
        if times != 1:
            raise Failed(f'{one.name}: {times} places to edit')
        path.write_text(edited)
        self.wanted[one.name] = machine_type

    def _kill(self, wave: Wave, home: Path) -> None:
        """Kill apply when some of its writes are done."""
        before = len(self._writes())
        done = max(1, wave.servers // 3)
        process = subprocess.Popen(
            [
                OPENSTACK,
                *_words(
                    'apply',
                    *self._of(wave),
                    *('--auto-approve', '--note', f'wave {wave.number}'),
                    *('--concurrency', '1', *self.manifests),
                ),
            ],
            env=self._environment(),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def kill(_seen: Seen) -> None:
            if len(self._writes()) - before >= done:
                process.kill()

        self.site.proxy.after = kill
        began = time.monotonic()
        try:
            process.wait(LIMIT)
        finally:
            process.kill()
            self.site.proxy.after = lambda seen: None
        wave.applied += time.monotonic() - began
        wave.runs += 1
        if process.returncode != -9:
            raise Failed(f'apply was not killed: {process.returncode}')

    def _forbid(self, wave: Wave, one: Planned) -> None:
        """Cinder forbids the writes to one project."""
        forbidden = {
            self.site.volume_ids[other.name]
            for other in self.site.servers
            if other.project == one.project
            and other.name in self.site.volume_ids
        }

        def rule(request: Request) -> Fault:
            if request.action == SET and request.volume_id in forbidden:
                return Refusal(403, 'Policy does not allow it')
            return None

        self.site.proxy.rule = rule
        try:
            answer = self.apply(wave, code=1)
        finally:
            self.site.proxy.rule = lambda request: None
        failed = {
            row['Server'] for row in answer.rows if row['Result'] == 'failed'
        }
        expected = {
            other.name
            for other in self.site.servers
            if other.project == one.project and other.wave == wave.number
        }
        if not failed or not failed <= expected:
            raise Failed(f'failed: {failed}, expected of {expected}')

    def _mend(self, one: Planned) -> None:
        """Find the server that was built too early, and build it again."""
        answer = self.verify('--server', one.name, code=3)
        found = [row['Finding'] for row in answer.rows]
        if 'server-differs' not in found:
            raise Failed(f'{one.name} is not too late: {found}')
        self.site.rebuild(one)

    def _writes(self) -> list[str]:
        return [
            volume_id
            for volume_id, statuses in self.site.proxy.writes().items()
            for status in statuses
            if status == 200
        ]


def _words(action: str, *words: object) -> list[str]:
    return [
        *('migrate', 'machine-type', action, '--long', '-f', 'json'),
        *map(str, words),
    ]
