# SPDX-License-Identifier: Apache-2.0

"""Collected text comes damaged, mixed, and from guests' hosts."""

from __future__ import annotations

import gzip
import io
import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.collected import recognise, texts
from osc_hwmt.collected.place import Record
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.exceptions import FileError, Problem
from osc_hwmt.model.evidence import Guest
from osc_hwmt.model.machine_type import is_machine_type
from tests.unit.collected.base import DATA, NOVA_27, A, B, domain, sample
from tests.unit.collected.test_texts import tar
from tests.unit.support import cases

BY_HAND = {
    'pairs': f'{A} q35\n{B}: No machine type registered for instance {B}\n',
    'ids': f'{A}\n{B}\n',
    'csv': f'uuid,hw_machine_type\n{A},q35\n"{B}",pc\n',
    'mysql': f'instance_uuid\tkey\tvalue\n{A}\timage_hw_machine_type\tpc\n',
    'borders': f'+--+\n| uuid | type |\n+--+\n| {A} | pc |\n',
    'json': json.dumps([{'uuid': A, 'type': 'pc'}], indent=1),
    'hosts': json.dumps({'hosts': {'a': {'machines': ['pc', 'q35']}}}),
    'refusal': "Supported machine types are: ['pc', 'q35']",
    'marked': f'# osc-hwmt host a\n{domain()}# osc-hwmt end\n',
}
SAMPLES = {
    **BY_HAND,
    **{
        path.name: path.read_text(encoding='utf-8')
        for path in sorted(DATA.iterdir())
    },
}
TEXTS = st.sampled_from(sorted(SAMPLES)).map(SAMPLES.__getitem__)
#: What cuts and glues texts where they are tender.
SPLINTERS = st.sampled_from(
    [
        '',
        '<',
        '>',
        '"',
        "'",
        '{',
        '[[',
        '\n',
        '\0',
        '\x1b]0;x\x07',
        '\u202e',
        # Half a pair comes from JSON alone: files are decoded without.
        '\\ud800',
        '<!--',
        ']]>',
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '&b;',
        '<domain>',
        '# osc-hwmt host x\n',
        '-' * 5000,
        ' ' * 5000,
        '[' * 5000,
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Draw pieces of samples, with splinters between them."""
    pieces = []
    for text in draw(st.lists(TEXTS, min_size=1, max_size=3)):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(0, len(text)))
        pieces.append(text[min(begin, end) : max(begin, end)])
        pieces.append(draw(SPLINTERS))
    return ''.join(pieces)


class TextTest(cases.TestCase):
    def records(self, text: str) -> list[Record]:
        return recognise.records(text, 'f') or []

    def check(self, text: str) -> None:
        """Check that a text is records, sound ones, or nothing."""
        for record in self.records(text):
            if isinstance(record, Problem):
                self.assertTrue(str(record).isprintable(), repr(record))
            elif isinstance(record, Guest):
                self.assertRegex(record.server_id, '^[0-9a-f-]{36}$')
                if record.machine_type is not None:
                    self.assertTrue(is_machine_type(record.machine_type))
            else:
                host = self.expect(Host, record)
                for machines in host.machines.values():
                    self.assertTrue(machines)
                    self.assertTrue(all(map(is_machine_type, machines)))

    def test_every_sample_is_understood(self) -> None:
        for name, text in SAMPLES.items():
            self.assertTrue(recognise.records(text, 'f'), name)
            self.check(text)

    @settings(max_examples=300)
    @given(damaged())
    def test_damage_gives_records_or_warnings(self, text: str) -> None:
        self.check(text)

    @settings(max_examples=100)
    @given(st.text())
    def test_any_text_gives_records_or_warnings(self, text: str) -> None:
        self.check(text)

    @settings(max_examples=100)
    @given(st.data())
    def test_what_is_cut_off_is_not_silently_less(
        self, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(sorted(NOVA_27)))
        text = sample(NOVA_27[name]).rstrip()
        begun = text.index('</uuid>')
        end = data.draw(st.integers(begun, len(text) - 1))
        (problem,) = (str(one) for one in self.records(text[:end]))
        (whole,) = self.records(text)
        self.assertIn(self.expect(Guest, whole).server_id, problem)
        self.assertIn('cut off', problem)


class TimeTest(cases.TestCase):
    def test_no_text_takes_long(self) -> None:
        for piece, times in (
            ('<domain>', 20_000),
            ('<!--', 50_000),
            ('{"', 20_000),
            ('[[\n', 20_000),
            ('[{"a":1},\n', 20_000),
            ('{"a":[1,\n', 20_000),
            (f'{A}\n', 20_000),
            (f'{A} q35\n', 20_000),
            ('Supported machines are:\n', 20_000),
            ("Supported machine types are: ['pc', ", 20_000),
            ('# osc-hwmt host a\n', 20_000),
            ('a' + ' ' * 999, 500),
            ('| ' * 1000, 100),
            (f'{A},' * 500, 100),
        ):
            begin = time.process_time()
            recognise.records(piece * times, 'f')
            spent = time.process_time() - begin
            self.assertLess(spent, 10, f'{times} times {piece[:20]!r}')

    def test_a_number_without_end_is_not_counted(self) -> None:
        begin = time.process_time()
        recognise.records('{"a": ' + '9' * 5_000_000 + '}', 'f')
        self.assertLess(time.process_time() - begin, 5)


class ArchiveTest(cases.TestCase):
    PACKED = (
        tar(('a', domain(1).encode()), ('b/c', domain(2).encode())),
        tar(('a', domain(1).encode()), mode='w:gz'),
        gzip.compress(domain(1).encode()),
    )

    @settings(max_examples=200)
    @given(st.data())
    def test_a_damaged_archive_gives_texts_or_warnings(
        self, data: st.DataObject
    ) -> None:
        content = bytearray(data.draw(st.sampled_from(self.PACKED)))
        for _turn in range(data.draw(st.integers(1, 8))):
            place = data.draw(st.integers(0, min(len(content), 2000) - 1))
            content[place] = data.draw(st.integers(0, 255))
        del content[data.draw(st.integers(0, len(content))) :]
        try:
            for found in texts.texts(['-'], io.BytesIO(bytes(content))):
                if isinstance(found, Problem):
                    self.assertTrue(str(found).isprintable())
        except FileError as exc:
            self.fail(f'only bounds may end it: {exc}')
