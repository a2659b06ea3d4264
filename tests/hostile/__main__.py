# SPDX-License-Identifier: Apache-2.0

"""Print the table of attacks and what comes of them."""

from __future__ import annotations

import re
import textwrap

from tests.hostile import attacks

_WIDTH = 79


def main() -> None:
    """Print a list-table of reStructuredText for each test module."""
    for title, some in attacks.by_module().items():
        print(f'.. list-table:: {title}')
        print('   :header-rows: 1\n')
        row('Attack', 'Outcome')
        for one in some:
            row(one.tried, one.outcome)
        print()


def row(*cells: str) -> None:
    """Print a row of such a table."""
    for number, cell in enumerate(cells):
        print(
            textwrap.fill(
                re.sub(r'([\\*`|_])', r'\\\1', cell),
                _WIDTH,
                initial_indent='     - ' if number else '   * - ',
                subsequent_indent='       ',
            )
        )


if __name__ == '__main__':
    main()
