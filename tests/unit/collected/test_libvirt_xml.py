# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.collected.libvirt_xml import (
    MAX_CHARACTERS,
    NotXmlError,
    parse,
    split,
)
from tests.unit.support import cases


def parts(text: str) -> list[tuple[str | None, str, bool]]:
    """Return the name, the text and the wholeness of a text's parts."""
    return [
        (part.name, text[part.start : part.end], part.whole)
        for part in split(text)
    ]


class SplitTest(cases.TestCase):
    def test_documents_are_found_between_anything(self) -> None:
        whole = '<domainsnapshot><domain>old</domain></domainsnapshot>'
        cut = '<domainsnapshot><domain>old</domain>'
        inside = "<{0}><domain type='kvm'/><domain>x</domain></{0}>"
        texts: list[list[tuple[str | None, str, bool]]] = [
            [
                (None, '$ virsh dumpxml a\n', True),
                ('domain', '<domain>1</domain>', True),
                (None, '\n\n', True),
                ('domain', "<domain type='x'>2</domain >", True),
                (None, '\n$ exit', True),
            ],
            # A document ends at the latest where the next begins.
            [
                ('domain', '<domain><name>a</na', False),
                ('domain', '<domain>b</domain>', True),
            ],
            # What a damaged domain has in it is no document.
            [('domain', '<domain><sysinfo>x</sysinfo><secret>', False)],
            # A snapshot is of another time.
            [('domainsnapshot', whole, True)],
            [('domainsnapshot', cut, False)],
            # Names that only begin alike are others.
            [(None, '<domains><domain-x></domains>', True)],
            # The domains of capabilities are no documents, and documents
            # after damaged ones are found.
            [('capabilities', inside.format('capabilities'), True)],
            [
                (
                    'domainCapabilities',
                    inside.format('domainCapabilities'),
                    True,
                )
            ],
            [
                ('capabilities', '<capabilities>', False),
                ('domain', "<domain type='kvm'/>", True),
                ('domain', '<domain>a</domain>', True),
            ],
        ]
        for expected in texts:
            text = ''.join(part for _name, part, _whole in expected)
            self.assertEqual(expected, parts(text))

    def test_what_is_commented_out_is_not_there(self) -> None:
        text = '<!-- <domain>old</domain> --><domain>new</domain>'
        self.assertEqual(
            [('domain', '<domain>new</domain>', True)], parts(text)
        )
        # A comment without an end hides nothing.
        self.assertIn(('domain', '<domain/>', True), parts('<!-- x <domain/>'))

    @settings(max_examples=100)
    @given(
        st.lists(
            st.sampled_from(
                [
                    '<domain>',
                    '</domain>',
                    '<domain/>',
                    '<!--',
                    '-->',
                    '<capabilities>',
                    '</capabilities>',
                    '<domainsnapshot>',
                    'x',
                ]
            )
        )
    )
    def test_parts_come_in_order_and_never_overlap(
        self, pieces: list[str]
    ) -> None:
        text = ''.join(pieces)
        position = 0
        for part in split(text):
            self.assertLessEqual(position, part.start)
            self.assertLess(part.start, part.end)
            position = part.end
        self.assertLessEqual(position, len(text))

    def test_splitting_takes_time_in_proportion_to_the_text(self) -> None:
        for piece in (
            '<domain>',
            '<!--',
            '<capabilities><domain>',
            '<domain type="',
            '</domain><domainCapabilities>',
            '<pool><filter><secret><network>',
        ):
            begin = time.process_time()
            for _part in split(piece * 20_000):
                pass
            spent = time.process_time() - begin
            self.assertLess(spent, 5, f'{piece} 20,000 times')


class ParseTest(cases.TestCase):
    def test_no_entity_is_read(self) -> None:
        for text, message in (
            (
                '<!DOCTYPE domain [<!ENTITY a "ha">]><domain>&a;</domain>',
                'document types (<!DOCTYPE) are not allowed',
            ),
            (
                '<domain><!DOCTYPE x [<!ENTITY a "ha">]>&a;</domain>',
                'document types (<!DOCTYPE) are not allowed',
            ),
            ('<domain>&a;</domain>', 'undefined entity'),
        ):
            error = self.assertRaises(NotXmlError, parse, text)
            self.assertIn(message, str(error))

    def test_damage_is_told_with_its_line(self) -> None:
        error = self.assertRaises(NotXmlError, parse, '<domain>\n\n<a></b>')
        self.assertEqual(2, error.line)
        self.assertIn('mismatched tag', str(error))

    def test_far_too_large_a_document_is_not_read(self) -> None:
        text = f'<domain>{"x" * MAX_CHARACTERS}</domain>'
        error = self.assertRaises(NotXmlError, parse, text)
        self.assertIn('expected at most', str(error))

    def test_nesting_without_end_is_no_danger(self) -> None:
        text = f'<domain>{"<a>" * 100_000}{"</a>" * 100_000}</domain>'
        self.assertEqual('domain', parse(text).tag)
