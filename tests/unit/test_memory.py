# SPDX-License-Identifier: Apache-2.0

"""What one more server costs in memory, from the listings to the plan.

Of 100,000 servers each kilobyte is a hundred megabytes.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

from osc_hwmt.cloud.interface import Scope
from osc_hwmt.destination.planner import look
from osc_hwmt.manifest import reading
from osc_hwmt.source import export
from osc_hwmt.source.export import SourceHints
from osc_hwmt.source.selection import Selection
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC

FEW, MANY = 100, 300
EVERYTHING = Selection(Scope(all_projects=True))


def _id(kind: str, number: int) -> str:
    return f'{number:08x}-0000-4000-8000-{kind * 12}'


def _source(count: int) -> FakeCloud:
    """Return a cloud of servers that boot from volumes with metadata."""
    return FakeCloud(
        servers=[
            fakes.server(
                f'vm-{number:06}',
                _id('a', number),
                volumes=[_id('b', number)],
            )
            for number in range(count)
        ],
        volumes=[
            fakes.volume(
                _id('b', number),
                f'vm-{number:06}-boot',
                {'hw_machine_type': PC},
                attached_to=_id('a', number),
            )
            for number in range(count)
        ],
    )


def _destination(count: int) -> FakeCloud:
    """Return a cloud with blank volumes of those names."""
    return FakeCloud(
        volumes=[
            fakes.volume(_id('c', number), f'vm-{number:06}-boot', {})
            for number in range(count)
        ],
    )


def _text(count: int) -> str:
    exported = export.export(_source(count), EVERYTHING, SourceHints(), (), 1)
    return exported.manifests[0].update.text


class MemoryTest(cases.TestCase):
    def assert_small(
        self, most: int, prepared: Callable[[int], Callable[[], object]]
    ) -> None:
        """Fail where one more server takes more bytes at the peak."""
        prepared(FEW)()  # What is kept for all of them is kept now.
        # A table of the interpreter's own may happen to grow, but not always.
        for _try in range(3):
            cost = _peak(prepared(MANY)) - _peak(prepared(FEW))
            if cost < most * (MANY - FEW):
                return
        self.fail(f'{cost / (MANY - FEW):.0f} bytes, of at most {most}')

    def test_an_export_of_one_more_server(self) -> None:
        def prepared(count: int) -> Callable[[], object]:
            cloud = _source(count)
            return lambda: export.export(
                cloud, EVERYTHING, SourceHints(), (), 1
            )

        self.assert_small(1900, prepared)

    def test_a_manifest_of_one_more_server(self) -> None:
        def prepared(count: int) -> Callable[[], object]:
            text = _text(count)
            return lambda: reading.read_manifest(text, 'vms.yml')

        self.assert_small(800, prepared)

    def test_a_plan_of_one_more_server(self) -> None:
        def prepared(count: int) -> Callable[[], object]:
            entries = reading.read_manifest(_text(count), 'vms.yml').entries
            cloud = _destination(count)
            return lambda: look(cloud, entries, {}, 1).steps

        self.assert_small(580, prepared)


def _peak(work: Callable[[], object]) -> int:
    """Return the bytes that work takes at its peak."""
    tracemalloc.start()
    try:
        before, _peak = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
