# SPDX-License-Identifier: Apache-2.0

"""What was tested, with what, and when: a record of runs of tox.

Usage: python -m tests.tested <directory of tox> [...]

Of each environment whose last run passed, and had all of its tests, the record
tests/tested.yaml gets the day, the number of tests, the Python and the
versions of what matters. It is read out of what tox and stestr left behind,
and nothing else is ever written into it. The documentation's table is made
from it.
"""

from __future__ import annotations

import configparser
import dataclasses
import datetime
import itertools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / 'tests' / 'tested.yaml'
#: Packages whose version says something of compatibility.
PACKAGES = (
    'python-openstackclient',
    'openstacksdk',
    'ansible-core',
    'ansible-runner',
    'ansible-navigator',
    'python-novaclient',
)
#: Programs of the machine that some environments test with.
PROGRAMS = {
    'boot': ('qemu-system-x86_64', 'libvirtd'),
    'collector': ('libvirtd',),
    'page': ('chromium',),
}
#: How much of an environment's tests is all of it: some are younger than the
#: run.
_MOST = 0.9
_COUNTS = re.compile(r'^ - (Passed|Skipped|Failed): (\d+)$', re.MULTILINE)
_VERSION = re.compile(r'\d+(\.\d+)+')
_FACTORS = re.compile(r'\{([^}]*)\}')


@dataclasses.dataclass(frozen=True)
class Run:
    """A run of an environment in which every test passed, or was skipped."""

    environment: str
    day: datetime.date
    passed: int
    skipped: int
    python: str
    versions: dict[str, str]

    @classmethod
    def last(cls, directory: Path, known: int) -> Run | None:
        """Return the last run in a tox environment, None if it failed.

        So it is where most of the ``known`` tests were left out.
        """
        stestr = directory / 'bin' / 'stestr'
        streams = [
            one
            for one in (directory / '.stestr').glob('*')
            if one.name.isdecimal()
        ]
        if not streams or not stestr.exists():
            return None
        shown = subprocess.run(
            [stestr, '--repo-url', directory, 'last'],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        counts = {
            key: int(count) for key, count in _COUNTS.findall(shown.stdout)
        }
        ran = counts['Passed'] + counts['Skipped']
        if shown.returncode or counts['Failed'] or ran < _MOST * known:
            return None
        newest = max(streams, key=lambda one: int(one.name))
        ended = datetime.datetime.fromtimestamp(
            newest.stat().st_mtime, datetime.timezone.utc
        )
        name = directory.name
        return cls(
            name,
            ended.date(),
            counts['Passed'],
            counts['Skipped'],
            _printed(str(directory / 'bin' / 'python'), '--version'),
            {
                **_packages(directory),
                **{
                    one: _printed(one, '--version')
                    for one in PROGRAMS.get(name, ())
                },
            },
        )


def recorded() -> list[Run]:
    """Return the record, in the order of the environments' names."""
    rows: list[dict[str, Any]] = yaml.safe_load(RECORD.read_text()) or []
    return [Run(**row) for row in rows]


def write(runs: list[Run]) -> None:
    """Replace the record."""
    rows = [
        dataclasses.asdict(one)
        for one in sorted(runs, key=lambda one: one.environment)
    ]
    RECORD.write_text(yaml.safe_dump(rows, sort_keys=False))


def pinned(path: Path) -> dict[str, str]:
    """Return the versions that a file of constraints gives, by package."""
    return {
        name: version
        for line in path.read_text().splitlines()
        for name, equal, version in (line.partition('=='),)
        if equal and line[0] != '#'
    }


def descriptions() -> dict[str, str]:
    """Return what tox.ini says of each environment, by its name."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / 'tox.ini')
    default = parser['testenv']['description']
    return {
        name: parser[section].get('description', default)
        for section in parser.sections()
        if section.startswith('testenv:')
        for name in _expanded(section.partition(':')[2])
    }


def _expanded(name: str) -> Iterator[str]:
    """Return the names that braces in a section's name stand for."""
    parts = _FACTORS.split(name)
    for words in itertools.product(
        *(
            part.split(',') if number % 2 else [part]
            for number, part in enumerate(parts)
        )
    ):
        yield ''.join(words)


def _known(name: str, directory: Path) -> int:
    """Return how many tests an environment has, by what tox.ini runs."""
    shown = subprocess.run(
        ['tox', 'config', '-e', name, '-k', 'commands', 'set_env'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    path = re.search(r'^  OS_TEST_PATH=(\S+)$', shown, re.MULTILINE)
    words = re.search(r'stestr .* run(?: --serial)?(.*)$', shown, re.MULTILINE)
    if path is None or words is None:
        return 0
    listed = subprocess.run(
        [
            *(str(directory / 'bin' / 'stestr'), '--test-path', path[1]),
            *('--repo-url', str(directory), 'list', *shlex.split(words[1])),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return len(listed.stdout.split())


def _packages(directory: Path) -> dict[str, str]:
    found = {}
    for path in sorted(
        directory.glob('lib/python*/site-packages/*.dist-info')
    ):
        name, _dash, version = path.stem.partition('-')
        name = name.replace('_', '-').lower()
        if name in PACKAGES:
            found[name] = version
    return {name: found[name] for name in PACKAGES if name in found}


def _printed(*words: str) -> str:
    """Return the version that a program prints."""
    shown = subprocess.run(words, capture_output=True, text=True, check=True)
    found = _VERSION.search(shown.stdout + shown.stderr)
    if found is None:
        raise ValueError(f'{words[0]} prints no version: {shown.stdout}')
    return found[0]


def main(directories: list[str]) -> None:
    """Record what passed in some directories of tox."""
    known = {one.environment: one for one in recorded()}
    for name in descriptions():
        for directory in directories:
            place = Path(directory).resolve() / name
            if not (place / '.stestr').is_dir():
                continue
            run = Run.last(place, _known(name, place))
            older = known.get(name)
            if run and (older is None or older.day <= run.day):
                known[name] = run
    write([one for name, one in known.items() if name in descriptions()])


if __name__ == '__main__':
    main(sys.argv[1:])
