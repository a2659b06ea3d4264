# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import base64
import dataclasses
import gc
import hashlib
import re
import tracemalloc
from collections.abc import Iterable, Sequence

import hypothesis
from hypothesis import strategies

from osc_hwmt import verify
from osc_hwmt.display import printable
from osc_hwmt.fitness import Severity
from osc_hwmt.inventory import MACHINE_TYPE
from osc_hwmt.journal.lines import Input
from osc_hwmt.manifest.entry import Recorded, Wanted
from osc_hwmt.meanings import MEANINGS
from osc_hwmt.observation import Evidence
from osc_hwmt.page import document
from osc_hwmt.page.document import MARK, Run
from osc_hwmt.plan import Left, Refusal, Refused, Step, Unchanged
from osc_hwmt.report import ExitCode
from osc_hwmt.verify import Finding
from tests import fakes
from tests.fakes import PC, Q35, entry, volume
from tests.page import sample, strict
from tests.page.strict import Element
from tests.unit import base

#: What has a meaning in HTML, CSS, JavaScript, SVG or for a terminal.
HOSTILE = (
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></text></svg></style><b>',
    '<!-- ]]> --!> &lt; &#60; &amp',
    '$sheets $$ ${title}',
    'javascript:alert(1)',
    '\x00\x1b[2J\r\n\t\x7f\x9b',
    '\u202eevil\u202c \u2066x\u2069 \u200f\ufeff',
    'עברית العربية',
    '\ud800 \uffff \U000e0001',
)


def _run(**differing: object) -> Run:
    return dataclasses.replace(sample.run(0, 1), **differing)  # type: ignore[arg-type]


def _text(findings: Sequence[Finding], run: Run | None = None) -> str:
    return ''.join(document.pieces(run or _run(), findings))


def _page(
    findings: Sequence[Finding] | None = None, run: Run | None = None
) -> Element:
    if findings is None:
        findings = sample.findings(60)
    return strict.read(_text(findings, run))


def _of(*steps: Step) -> Element:
    return _page(verify.findings(steps, 'openstack apply'))


def _rows(page: Element) -> list[Element]:
    return [
        row
        for sheet in page.all('div', **{'class': 'sheet'})
        for row in sheet.all('tbody')
    ]


class ContentTest(base.TestCase):
    def test_the_heading_counts_the_servers_that_differ(self) -> None:
        wrong = Refused(entry('a', 'a'), Refusal.ON_IMAGE, 'why', 'do')
        page = _of(wrong, Unchanged(entry('b', 'b'), volume()))
        self.assertEqual(
            'Differences found in 1 of 2 servers', page.one('h1').words
        )
        self.assertEqual(
            page.one('h1').words, page.one('head').one('title').words
        )

    def test_without_a_difference_it_says_so_and_no_more(self) -> None:
        page = _of(Unchanged(entry(), volume()))
        self.assertEqual(
            'No differences found in 1 server', page.one('h1').words
        )
        self.assertIn('Nothing to mend', page.words)

    def test_the_run_is_told(self) -> None:
        words = _page(run=sample.run(3, 1234)).one('dl').words
        for word in (
            '2026-11-22 03:41:07 UTC',
            'osc-hwmt 1.0.0',
            'dst',
            'https://overcloud.example.test:5000/v3',
            'of 1,234 in the manifests',
            'openstack migrate machine-type verify',
            'workloads.yml',
            sample.run(3, 1).header.inputs[0].sha256,
        ):
            self.assertIn(word, words)

    def test_the_exit_code_is_told_with_its_meaning(self) -> None:
        for code, answer, meaning in (
            (ExitCode.WELL, 'well', 'everything is as'),
            (ExitCode.FAILED, 'error', 'not all could be found out'),
            (ExitCode.DIFFERENT, 'error', 'Something is not as'),
        ):
            page = _page([], run=_run(exit_code=code))
            lead = page.one('p', **{'class': 'lead'})
            self.assertIn(meaning, lead.words)
            mark = lead.one('span', **{'class': f'mark {answer}'})
            self.assertEqual(f'exit code {int(code)}', mark.words)

    def test_every_server_has_its_row(self) -> None:
        findings = sample.findings(450)
        rows = _rows(_page(findings))
        self.assertEqual(450, len(rows))
        self.assertEqual(
            {finding.entry.server_id for finding in findings},
            {row.all('th')[0].one('small').words for row in rows},
        )

    def test_a_row_tells_everything_about_its_server(self) -> None:
        recorded = Recorded(
            value=Q35,
            unknown=False,
            evidence=Evidence.LIBVIRT_DOMAIN,
            on_volume=None,
            project_name='erp',
            project_domain_name='Default',
        )
        warning = fakes.concern('old', Severity.WARNING)
        step = Unchanged(
            entry(
                'win',
                'source-9',
                properties={'hw_firmware_type': 'uefi'},
                recorded=recorded,
            ),
            volume('volume-9', image_metadata={MACHINE_TYPE: PC}),
            (warning,),
        )
        (row,) = _rows(_of(step))
        self.assertEqual('warning', row.attributes['class'])
        cells = [cell.words for cell in row.all('tr')[0].children]
        for cell, words in zip(
            cells,
            (
                ('win', 'source-9'),
                ('erp',),
                (Q35, 'libvirt-domain'),
                (PC, 'hw_firmware_type uefi'),
                ('well', PC, 'volume-9'),
                ('no answer',),
                ('warning', 'old'),
            ),
        ):
            for word in words:
                self.assertIn(word, cell)
        self.assertIn('old speaks', row.all('tr')[1].words)

    def test_a_row_has_what_mends_a_difference(self) -> None:
        wrong = Refused(entry(), Refusal.ON_IMAGE, 'why', 'openstack mend')
        (row,) = _rows(_of(wrong))
        details = row.all('tr')[1]
        self.assertIn('why', details.words)
        self.assertEqual('openstack mend', details.one('pre').words)

    def test_the_worst_servers_come_first(self) -> None:
        rows = _rows(_page(sample.findings(300)))
        order = ['error', 'warning', 'note', 'well']
        places = [order.index(row.attributes['class']) for row in rows]
        self.assertEqual(sorted(places), places)
        self.assertIn(0, places)
        self.assertIn(3, places)

    def test_each_finding_has_its_meaning_and_its_command(self) -> None:
        page = _page(sample.findings(300))
        differs = next(
            one for one in page.all('article') if 'volume-differs' in one.words
        )
        self.assertIn(MEANINGS['volume-differs'], differs.words)
        commands = [one.words for one in differs.all('pre')]
        self.assertTrue(
            commands[0].startswith(
                'openstack migrate machine-type apply --destination-cloud dst'
            ),
            commands,
        )

    def test_many_servers_with_the_same_finding_are_counted(self) -> None:
        warning = fakes.concern('old', Severity.WARNING)
        page = _of(
            *(Left(entry(f'n{i}', f'{i}'), (warning,)) for i in range(20))
        )
        article = page.one('article')
        self.assertIn('20 servers', article.words)
        self.assertIn('and 12 more', article.words)

    def test_no_server_at_all_is_a_page_as_well(self) -> None:
        page = _page([])
        self.assertEqual([], _rows(page))
        self.assertEqual(
            'No differences found in 0 servers', page.one('h1').words
        )


class SelfContainedTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = _page()

    def test_it_begins_with_the_mark_of_a_report(self) -> None:
        self.assertTrue(_text([]).startswith(MARK))

    def test_nothing_is_loaded_and_nothing_leads_elsewhere(self) -> None:
        for element in self.page.all():
            for name in ('src', 'srcset', 'data', 'action', 'background'):
                self.assertNotIn(name, element.attributes)
            link = element.attributes.get('href', '#')
            self.assertTrue(link.startswith('#'), link)
        style = self.page.one('style').words
        self.assertNotIn('@import', style)
        self.assertEqual(
            {'url(#dots)', 'url(#stripes)'},
            set(re.findall(r'url\([^)]*\)', style)),
        )

    def test_no_attribute_holds_a_script_or_a_style(self) -> None:
        for element in self.page.all():
            self.assertNotIn('style', element.attributes)
            self.assertEqual(
                [],
                [name for name in element.attributes if name[:2] == 'on'],
            )

    def test_the_policy_lets_only_its_own_style_and_script_run(self) -> None:
        policy = self.page.one(
            'meta', **{'http-equiv': 'Content-Security-Policy'}
        ).attributes['content']
        allowed = dict(
            directive.strip().split(' ', 1) for directive in policy.split(';')
        )
        self.assertEqual(
            {
                'default-src': "'none'",
                'script-src': f"'{_digest(self.page.one('script'))}'",
                'style-src': f"'{_digest(self.page.one('style'))}'",
                'base-uri': "'none'",
                'form-action': "'none'",
            },
            allowed,
        )

    def test_the_policy_comes_before_what_it_governs(self) -> None:
        text = _text([])
        self.assertLess(text.index('Content-Security'), text.index('<style'))


def _digest(element: Element) -> str:
    digest = hashlib.sha256(element.words.encode()).digest()
    return f'sha256-{base64.b64encode(digest).decode()}'


class AccessibleTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = _page()

    def test_the_language_is_told(self) -> None:
        self.assertEqual('en', self.page.attributes['lang'])

    def test_headings_go_down_one_by_one(self) -> None:
        levels = [
            int(one.tag[1])
            for one in self.page.all()
            if re.fullmatch('h[1-6]', one.tag)
        ]
        self.assertEqual(1, levels[0])
        self.assertEqual(1, levels.count(1))
        for before, after in zip(levels, levels[1:]):
            self.assertLessEqual(after, before + 1)

    def test_tables_have_captions_and_headers_with_scope(self) -> None:
        for table in self.page.all('table'):
            self.assertTrue(table.one('caption').words)
            for header in table.all('th'):
                self.assertIn(
                    header.attributes.get('scope'), ('col', 'row', 'rowgroup')
                )

    def test_every_control_has_a_label(self) -> None:
        labelled = {one.attributes['for'] for one in self.page.all('label')}
        controls = [*self.page.all('input'), *self.page.all('select')]
        self.assertEqual(labelled, {one.attributes['id'] for one in controls})

    def test_ids_are_unique_and_links_lead_to_them(self) -> None:
        ids = [
            one.attributes['id']
            for one in self.page.all()
            if 'id' in one.attributes
        ]
        self.assertEqual(sorted(set(ids)), sorted(ids))
        for one in self.page.all():
            for name in ('href', 'aria-labelledby', 'for'):
                for target in one.attributes.get(name, '').split():
                    self.assertIn(target.lstrip('#'), ids)

    def test_the_drawing_has_a_title_and_its_numbers_a_table(self) -> None:
        drawing = self.page.one('svg', role='img')
        self.assertIn('aria-labelledby', drawing.attributes)
        table = self.page.one('details').one('table')
        numbers = [
            int(one.words.replace(',', ''))
            for one in table.all('td', **{'class': 'number'})
        ]
        self.assertEqual(60, sum(numbers))

    def test_no_answer_is_told_by_colour_alone(self) -> None:
        for mark in self.page.all('span'):
            kind = mark.attributes.get('class', '').split()
            if 'mark' in kind:
                self.assertTrue(mark.words.strip())

    def test_it_can_be_read_without_the_script(self) -> None:
        self.assertIn('hidden', self.page.one('form').attributes)
        self.assertEqual(
            ['form', 'details'],
            [
                one.tag
                for one in self.page.all()
                if 'hidden' in one.attributes or one.tag == 'details'
            ][::-1],
        )


class ContrastTest(base.TestCase):
    """WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (graphics, 3)."""

    def setUp(self) -> None:
        super().setUp()
        light, dark = re.findall(
            r':root \{(.*?)\}', _page([]).one('style').words, re.DOTALL
        )[:2]
        self.themes = [
            dict(re.findall(r'--([a-z-]+): (#[0-9a-f]{6});', theme))
            for theme in (light, dark)
        ]
        self.assertEqual(self.themes[0].keys(), self.themes[1].keys())

    def assert_contrast(
        self, least: float, pairs: Iterable[tuple[str, str]]
    ) -> None:
        for theme in self.themes:
            for one, other in pairs:
                found = _contrast(theme[one], theme[other])
                self.assertGreaterEqual(found, least, f'{one} on {other}')

    def test_text_can_be_read(self) -> None:
        grounds = ('paper', 'panel')
        self.assert_contrast(
            4.5,
            [
                *(
                    (text, ground)
                    for text in ('ink', 'soft', 'link')
                    for ground in grounds
                ),
                *(
                    (answer, f'{answer}-ground')
                    for answer in ('error', 'warning', 'note', 'well')
                ),
            ],
        )

    def test_graphics_can_be_seen(self) -> None:
        self.assert_contrast(
            3,
            [
                ('flow-ink', 'paper'),
                ('note', 'paper'),
                ('error', 'paper'),
                ('warning', 'paper'),
                ('well', 'paper'),
            ],
        )


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2, definitions)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _everything_called(text: str) -> list[Finding]:
    """Return findings in which every text that others choose is that text."""
    recorded = Recorded(
        value=text,
        unknown=False,
        evidence=Evidence.VOLUME_IMAGE_METADATA,
        on_volume=text,
        project_name=text,
        project_domain_name=text,
    )
    named = entry(
        text, text, Wanted.of(text), {'hw_x': text}, recorded=recorded
    )
    warning = dataclasses.replace(
        fakes.concern('old', Severity.WARNING), text=text, remedy=text
    )
    steps = (
        Unchanged(named, volume(text, image_metadata={MACHINE_TYPE: text})),
        Refused(
            dataclasses.replace(named, server_id=f'{text}2'),
            Refusal.VOLUME_NOT_FOUND,
            text,
            f'openstack {text}',
            concerns=(warning,),
        ),
    )
    return verify.findings(steps, text)


def _run_called(text: str) -> Run:
    run = sample.run(3, 2)
    return dataclasses.replace(
        run,
        command=text,
        header=dataclasses.replace(
            run.header,
            tool=text,
            cloud=text,
            auth_url=text,
            region=text,
            project_id=text,
            inputs=(Input(text, text),),
        ),
    )


class HostileTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.harmless = self.page('harmless').skeleton

    def page(self, text: str) -> Element:
        return _page(_everything_called(text), _run_called(text))

    def assert_only_text(self, text: str) -> None:
        page = self.page(text)
        self.assertEqual(self.harmless, page.skeleton)
        shown = printable(text)
        for row in _rows(page):
            self.assertEqual(shown, row.all('th')[0].one('bdi').words)
            self.assertIn(shown, row.all('td')[1].words)
        self.assertIn(shown, [one.words for one in page.all('bdi')])
        titles = [
            one.words for one in page.one('svg', role='img').all('title')
        ]
        self.assertIn(f'{shown}: 2 servers', titles)

    def test_names_that_are_markup_stay_text(self) -> None:
        for text in HOSTILE:
            self.assert_only_text(text)

    @hypothesis.settings(max_examples=40)
    @hypothesis.given(
        strategies.lists(
            strategies.sampled_from(
                [*HOSTILE, *'<>&"\'$`{}=/-;', 'a', '\x00', '\u202e']
            ),
            min_size=1,
            max_size=6,
        ).map(''.join)
        | strategies.text(min_size=1, max_size=40)
    )
    def test_any_name_stays_text(self, text: str) -> None:
        hypothesis.assume(text.strip() and not text.startswith('openstack '))
        self.assert_only_text(text)

    def test_a_name_of_great_length_is_cut_in_the_drawing_only(self) -> None:
        long = 'x' * 5000
        page = self.page(long)
        labels = [
            one.words
            for one in page.one('svg', role='img').all(
                'text', **{'class': 'value'}
            )
        ]
        self.assertEqual({'x' * 25 + '…'}, set(labels))
        self.assertIn(long, _rows(page)[0].words)


class SizeTest(base.TestCase):
    def test_a_page_is_made_piece_by_piece(self) -> None:
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        few, many = self.measure(300), self.measure(900)
        page, memory = many[0] - few[0], many[1] - few[1]
        self.assertGreater(page, 400_000)
        # Held whole, it would take at least its own length.
        self.assertLess(memory, page * 3 / 4, 'it grows as the page does')

    def measure(self, servers: int) -> tuple[int, int]:
        """Return how long a page is, and the memory that making it takes."""
        findings = sample.findings(servers)
        gc.collect()
        tracemalloc.reset_peak()
        before, _peak = tracemalloc.get_traced_memory()
        size = sum(map(len, document.pieces(_run(), findings)))
        _now, peak = tracemalloc.get_traced_memory()
        return size, peak - before

    def test_a_server_that_is_well_takes_few_bytes(self) -> None:
        steps = [
            Unchanged(
                entry(f'n{i}', f'00000000-0000-0000-0000-{i:012d}'), volume()
            )
            for i in range(200)
        ]
        longest = max(
            document.pieces(_run(), verify.findings(steps, '')), key=len
        )
        self.assertLess(len(longest), 200 * 600)
