# SPDX-License-Identifier: Apache-2.0

"""What each test of this suite tries, and what comes of it.

The documentation's table of attacks is made from this.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

_Test = TypeVar('_Test', bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Attack:
    """What is tried, and what comes of it; ``test`` shows that it does."""

    tried: str
    outcome: str
    test: str


_known: dict[str, list[Attack]] = {}


def attack(tried: str, outcome: str) -> Callable[[_Test], _Test]:
    """Mark a test method: both texts are plain, and go into the table."""

    def mark(test: _Test) -> _Test:
        _known.setdefault(test.__module__, []).append(
            Attack(tried, outcome, test.__qualname__)
        )
        return test

    return mark


def by_module() -> dict[str, Sequence[Attack]]:
    """Return the attacks of every test module, in the order of its text.

    The keys are the first lines of the modules' docstrings.
    """
    return {
        _title(module): tuple(_known.get(module.__name__, ()))
        for module in modules()
    }


def modules() -> Iterator[Any]:
    """Yield the test modules of this suite, imported."""
    package = importlib.import_module('tests.hostile')
    for found in pkgutil.iter_modules(package.__path__):
        if found.name.startswith('test_'):
            yield importlib.import_module(f'tests.hostile.{found.name}')


def _title(module: Any) -> str:
    return str(module.__doc__).strip().partition('\n')[0].rstrip('.')
