# SPDX-License-Identifier: Apache-2.0

"""Clouds with malformed responses."""

from __future__ import annotations

import copy
import functools
import itertools
import math
from collections.abc import Iterator
from typing import Any
from unittest import mock

import fixtures
from osc_lib import exceptions

from osc_hwmt.cloud import connection
from osc_hwmt.cloud.retry import RetryGate
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.commands.export import ExportMachineType
from osc_hwmt.compatibility import release_file
from tests.hostile import cloud
from tests.hostile.attacks import attack
from tests.hostile.cloud import Scenario
from tests.unit.support import shell

#: What stands in the place of each member, one after the other.
ODD: tuple[Any, ...] = (
    None,
    5,
    True,
    math.nan,
    math.inf,
    '',
    '\x1b[31mred\u202e',
    '\ud800',
    '../../x?y#z',
    [],
    [[]],
    {},
    {'': {}},
)
#: How many of them each member is, in turn.
EACH = 4


class OddMembersTest(shell.CommandTestCase):
    """Each member of each answer, with each odd value in its place."""

    command = ExportMachineType

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        serving = cloud.serving(Scenario(body=self.edited), 1)
        self.served = serving.__enter__()
        self.addCleanup(serving.__exit__, None, None, None)
        # Some hundred exports are not to read it anew.
        self.replace(
            'osc_hwmt.compatibility.release_file.load',
            functools.cache(release_file.load),
        )
        self.replace(
            'osc_hwmt.cloud.connection.RetryGate',
            functools.partial(RetryGate, rest=lambda seconds: False),
        )
        opening = mock.patch.object(
            MachineTypeLister, 'cloud', lambda *_asked: self.open()
        )
        opening.start()
        self.addCleanup(opening.stop)
        self.recorded: dict[str, Any] = {}
        self.place: tuple[Any, ...] = ()
        self.odd: Any = None

    def open(self) -> connection.ConnectedCloud:
        return connection.open_from_file(str(self.served.configuration), 'src')

    def edited(self, path: str, body: Any) -> Any:
        """Return an answer with one member that is odd, if it has that."""
        self.recorded.setdefault(path, copy.deepcopy(body))
        if self.place[:1] != (path,):
            return body
        *way, last = self.place[1:]
        parent = body
        for key in way:
            parent = parent[key]
        parent[last] = self.odd
        return body

    def export(self) -> str | None:
        """Return what an export is refused with, None if it is not."""
        path = self.home / 'vms.yml'
        path.unlink(missing_ok=True)
        self.start_again()
        try:
            self.run_command(path)
        except exceptions.CommandError as exc:
            self.assertFalse(path.exists(), 'a manifest was written')
            return str(exc)
        text = path.read_text(encoding='utf-8')
        self.assertNotIn('\x1b', text)
        return None

    @attack(
        'instead of each member of each response, in turn: null, a number, '
        'NaN and infinity, an empty or hostile string, half a character, a '
        'list, an object',
        'the same manifest if the member is not needed, otherwise one line '
        'that names the cloud and the request; never a crash',
    )
    def test_every_member_may_be_odd(self) -> None:
        self.assertIsNone(self.export(), 'nothing was odd yet')
        places = [
            (path, *place)
            for path, body in self.recorded.items()
            for place in _places(body)
        ]
        self.assertGreater(len(places), 80)
        refused = 0
        for number, self.place in enumerate(places):
            for self.odd in itertools.islice(
                itertools.cycle(ODD), number, number + EACH
            ):
                try:
                    said = self.export()
                except Exception as exc:
                    self.fail(f'{self.place} is {self.odd!r}: {exc!r}')
                if said is not None:
                    refused += 1
                    self.assertTrue(said.replace('\n', '').isprintable())
                    self.assertRegex(said, '^cloud src: |expected a name')
        self.assertGreater(refused, 100)


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each member, that of its container first."""
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))[:1]
    else:
        return
    for key, member in members:
        yield (key,)
        for place in _places(member):
            yield (key, *place)
