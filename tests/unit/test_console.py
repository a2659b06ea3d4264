# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import textwrap

from tests import console
from tests.unit.support import cases

PAGE = r"""
Look at it first::

    $ openstack server list \
        --all-projects
    +----+
    | ID |
    +----+
    $ for one in a b; do
    >   echo $one
    > done
    a
    b

.. not run: there are no hosts

Ask them:

.. code-block:: console

   $ ssh compute-0 true

Then:

.. exit code: 3
.. code-block:: text

   $ openstack verify

.. code-block:: yaml

   $ not: a command

::

    no command here

1. In a list::

     $ openstack apply

#. A script::

    openstack list
    openstack verify
"""


class CommandsTest(cases.TestCase):
    def test_commands_come_with_what_they_print(self) -> None:
        listed, loop, asked, _, applied, script = console.commands(PAGE)
        self.assertEqual(
            'openstack server list \\\n    --all-projects', listed.text
        )
        self.assertEqual('+----+\n| ID |\n+----+', listed.output)
        self.assertEqual(4, listed.line)
        self.assertEqual('for one in a b; do\n  echo $one\ndone', loop.text)
        self.assertEqual('a\nb', loop.output)
        self.assertIsNone(asked.output)
        self.assertEqual('openstack apply', applied.text)
        self.assertEqual('openstack list\nopenstack verify', script.text)

    def test_marks_are_of_the_next_block_alone(self) -> None:
        marks = [
            (one.exit_code, one.not_run) for one in console.commands(PAGE)
        ]
        self.assertEqual(
            [
                (0, None),
                (0, None),
                (0, 'there are no hosts'),
                (3, None),
                (0, None),
                (0, None),
            ],
            marks,
        )

    def test_a_mark_that_no_block_follows_is_refused(self) -> None:
        for page in ('.. not run: why', '.. exit code: 3\n\nText.'):
            self.assertRaises(ValueError, console.commands, page)


class MatchesTest(cases.TestCase):
    def test_widths_and_wrapping_count_for_nothing(self) -> None:
        shown = """\
            +-----+--------+
            | a   | b      |
            +-----+--------+
            Not checked: whether
            it runs"""
        printed = '+---+----+\n| a | b |\n+---+----+\n'
        printed += 'Not checked: whether it runs\n'
        self.assertTrue(console.matches(textwrap.dedent(shown), printed))
        self.assertFalse(
            console.matches(shown, printed.replace('| a | b |', '| b | a |'))
        )

    def test_what_varies_is_as_good_as_what_is_shown(self) -> None:
        shown = (
            'volume 338901f0-ed72-415d-b86e-1f0a99a594d6 and 2d9e..., '
            'vms.yml.20261124T231512000000Z.journal of 2026-11-24 23:15:12 '
            'at https://dst.example.com:5000/v3'
        )
        printed = (
            'volume 11111111-ed72-415d-b86e-1f0a99a594d6 and '
            '11111111-ed72-415d-b86e-1f0a99a594d6, '
            'vms.yml.20271124T010203000004Z.journal of 2027-11-24 01:02:03 '
            'at http://127.0.0.1:4711/v3'
        )
        self.assertTrue(console.matches(shown, printed))
        self.assertFalse(console.matches(shown, printed.replace('vms', 'x')))
        self.assertFalse(console.matches('volume 338901f0', 'volume 1'))

    def test_three_dots_stand_for_anything(self) -> None:
        self.assertTrue(console.matches('3 servers\n...', '3 servers\nmore\n'))
        self.assertTrue(console.matches('a\n...\nb', 'a\nb'))
        self.assertFalse(console.matches('a\n...\nb', 'a\nx'))
        self.assertFalse(console.matches('3 servers', '3 servers\nmore'))
