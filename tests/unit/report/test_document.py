# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import base64
import dataclasses
import datetime
import gc
import hashlib
import re
import tracemalloc

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import verify
from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.progress import Standing, State, Wave
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Recorded
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.report import document
from osc_hwmt.report.document import MARK
from osc_hwmt.tables.summary import ExitCode
from tests.page import sample
from tests.page.strict import Element
from tests.unit.support import cases, fakes, pages
from tests.unit.support.fakes import PC, Q35, entry, volume


class ContentTest(cases.TestCase):
    def test_the_heading_counts_the_servers_that_differ(self) -> None:
        wrong = Refused(entry('a', 'a'), Refusal.ON_IMAGE, 'why', 'do')
        page = pages.of(wrong, Unchanged(entry('b', 'b'), volume()))
        self.assertEqual(
            'Differences found in 1 of 2 servers', page.one('h1').words
        )
        self.assertEqual(
            page.one('h1').words, page.one('head').one('title').words
        )

    def test_without_a_difference_it_says_so_and_no_more(self) -> None:
        page = pages.of(Unchanged(entry(), volume()))
        self.assertEqual(
            'No differences found in 1 server', page.one('h1').words
        )
        self.assertIn('Nothing to do', page.words)

    def test_the_progress_of_each_project_and_wave_is_told(self) -> None:
        wave = Wave('wave 3 <b>', datetime.datetime(2026, 11, 29))
        standings = [
            Standing(
                fakes.entry(recorded=fakes.recorded(project=(name, 'x'))),
                state,
                wave if state is State.RIGHT else None,
            )
            for name, state in (
                ('erp', State.RIGHT),
                ('erp', State.READY),
                ('crm', State.TOO_LATE),
            )
        ]
        page = pages.page([], pages.run(standings=standings))
        projects, waves, _answers = page.all('table')[:3]
        for table, rows in (
            (
                projects,
                [
                    'crm100010',
                    'erp201100',
                    'All301110',
                ],
            ),
            (waves, ['wave 3 <b>100100', 'All100100']),
        ):
            self.assertEqual(
                rows,
                [
                    row.words
                    for body in table.all('tbody')
                    for row in body.all('tr')
                ],
            )

    def test_the_note_is_among_the_facts(self) -> None:
        run = pages.run()
        for note in ('CHG0042117 <i>', None):
            header = dataclasses.replace(run.header, note=note)
            page = pages.page([], pages.run(header=header))
            self.assertEqual(
                note is not None, 'NoteCHG0042117 <i>' in page.words
            )

    def test_undecided_servers_have_a_count_of_their_own(self) -> None:
        steps: list[Step] = [
            Unchanged(entry('a', 'a'), volume()),
            Undecided(fakes.undecided('b', 'b'), default='q35'),
        ]
        page = pages.of(*steps)
        self.assertEqual(
            '1 of 2 servers undecided',
            page.one('h1').words,
        )
        lead = page.one('p', **{'class': 'lead'})
        self.assertIn('are undecided', lead.words)
        lead.one('span', **{'class': 'mark warning'})
        (undecided, well) = pages.rows(page)
        self.assertEqual(
            ('warning', 'well'),
            (undecided.attributes['class'], well.attributes['class']),
        )
        self.assertIn("the destination's default (q35)", page.words)
        self.assertIn('presumably i440fx', page.words)
        steps.append(Refused(entry('c', 'c'), Refusal.ON_IMAGE, 'why', 'do'))
        self.assertEqual(
            'Differences found in 1 of 3 servers, 1 undecided',
            pages.of(*steps).one('h1').words,
        )

    def test_the_run_is_told(self) -> None:
        words = pages.page(of_run=sample.run(3, 1234)).one('dl').words
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
            (ExitCode.WELL, 'well', 'Everything that could be checked is as'),
            (ExitCode.FAILED, 'error', 'some checks could not be completed'),
            (ExitCode.DIFFERENT, 'error', 'Something is not as'),
        ):
            page = pages.page([], of_run=pages.run(exit_code=code))
            lead = page.one('p', **{'class': 'lead'})
            self.assertIn(meaning, lead.words)
            mark = lead.one('span', **{'class': f'mark {answer}'})
            self.assertEqual(f'exit code {int(code)}', mark.words)

    def test_every_server_has_its_row(self) -> None:
        findings = sample.findings(450)
        rows = pages.rows(pages.page(findings))
        self.assertEqual(450, len(rows))
        self.assertEqual(
            {finding.entry.server_id for finding in findings},
            {row.all('th')[0].one('small').words for row in rows},
        )

    def test_a_row_tells_everything_about_its_server(self) -> None:
        recorded = Recorded(
            value=Q35,
            unknown=None,
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
        (row,) = pages.rows(pages.of(step))
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
        (row,) = pages.rows(pages.of(wrong))
        details = row.all('tr')[1]
        self.assertIn('why', details.words)
        self.assertEqual('openstack mend', details.one('pre').words)

    def test_the_worst_servers_come_first(self) -> None:
        rows = pages.rows(pages.page(sample.findings(300)))
        order = ['error', 'warning', 'note', 'well']
        places = [order.index(row.attributes['class']) for row in rows]
        self.assertEqual(sorted(places), places)
        self.assertIn(0, places)
        self.assertIn(3, places)

    def test_each_finding_has_its_meaning_and_its_command(self) -> None:
        page = pages.page(sample.findings(300))
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
        page = pages.of(
            *(
                LeftToDestination(entry(f'n{i}', f'{i}'), (warning,))
                for i in range(20)
            )
        )
        article = page.one('article')
        self.assertIn('20 servers', article.words)
        self.assertIn('and 12 more', article.words)

    def test_no_server_at_all_is_a_page_as_well(self) -> None:
        page = pages.page([])
        self.assertEqual([], pages.rows(page))
        self.assertEqual(
            'No differences found in 0 servers', page.one('h1').words
        )


class SelfContainedTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = pages.page()

    def test_a_page_begins_with_the_mark_of_a_report(self) -> None:
        self.assertTrue(pages.text([]).startswith(MARK))

    def test_nothing_is_loaded_and_nothing_leads_elsewhere(self) -> None:
        for element in self.page.all():
            for name in ('src', 'srcset', 'data', 'action', 'background'):
                self.assertNotIn(name, element.attributes)
            link = element.attributes.get('href', '#')
            self.assertTrue(link.startswith('#'), link)
        style = self.page.one('style').words
        self.assertNotIn('@import', style)
        self.assertEqual(
            {'url(#bars)', 'url(#dots)', 'url(#stripes)'},
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
        text = pages.text([])
        self.assertLess(text.index('Content-Security'), text.index('<style'))


def _digest(element: Element) -> str:
    digest = hashlib.sha256(element.words.encode()).digest()
    return f'sha256-{base64.b64encode(digest).decode()}'


class SizeTest(cases.TestCase):
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
        size = sum(map(len, document.pieces(pages.run(), findings)))
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
            document.pieces(pages.run(), verify.findings(steps, '')), key=len
        )
        self.assertLess(len(longest), 200 * 600)
