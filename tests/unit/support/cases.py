# SPDX-License-Identifier: Apache-2.0

"""What the unit tests have in common."""

from __future__ import annotations

import atexit
import os
import pathlib
import shutil
import tempfile
from collections.abc import Mapping
from typing import TypeVar

import fixtures
import hypothesis
import testtools

ROOT = pathlib.Path(__file__).parents[3]
DATA = ROOT / 'tests' / 'unit' / 'data'

_Kind = TypeVar('_Kind')

#: Of each property, unless its test says how many. Where nothing but the
#: libraries is other than elsewhere, fewer will do.
_EXAMPLES = int(os.environ.get('OSC_HWMT_EXAMPLES', '100'))

# A busy machine is no reason to fail, and no run may depend on an earlier one.
hypothesis.settings.register_profile(
    'unit', deadline=None, database=None, max_examples=_EXAMPLES
)
hypothesis.settings.load_profile('unit')


#: Where the locks of this process are, instead of the user's own place.
_LOCKS = tempfile.mkdtemp(prefix='osc-hwmt-unit-')
atexit.register(shutil.rmtree, _LOCKS, ignore_errors=True)


class TestCase(testtools.TestCase):  # type: ignore[misc]
    """A test with typed helpers."""

    def setUp(self) -> None:
        super().setUp()
        self.replace('osc_hwmt.local.private.per_user', lambda: [_LOCKS])

    def directory(self) -> pathlib.Path:
        """Return a new directory that goes when the test ends."""
        return pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def replace(self, target: str, new: object) -> None:
        """Put something else in a place (module.name) until the test ends."""
        self.useFixture(fixtures.MonkeyPatch(target, new))

    def expect(self, kind: type[_Kind], found: object) -> _Kind:
        """Return what was found, which has to be of that kind."""
        if not isinstance(found, kind):
            self.fail(f'expected a {kind.__name__}, found {found!r}')
        return found  # type: ignore[return-value]


def real_workloads() -> str:
    """Return a manifest that os-migrate 1.0.5 itself wrote."""
    name = 'os-migrate-1.0.5-workloads.yml'
    return (DATA / name).read_text(encoding='utf-8')


def without_openstack(
    environment: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the environment of this process less any cloud's."""
    return {
        key: value
        for key, value in environment.items()
        if not key.startswith('OS_')
    }
