# SPDX-License-Identifier: Apache-2.0

"""The page in a real browser: what it shows, does, and does not do."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api

from osc_hwmt.destination import verify
from osc_hwmt.destination.plan import Unchanged, Undecided
from osc_hwmt.destination.verify import Finding
from osc_hwmt.report import document, file
from tests.page import chromium, sample
from tests.unit.support import cases
from tests.unit.support.fakes import entry, recorded, undecided, volume

_SERVERS = 460
#: Every way a name could run a script if it were not escaped.
_HOSTILE = (
    '<script>document.title = "broken in"</script>',
    '"><img src="https://elsewhere.test/x" onerror="document.title=\'in\'">',
    '</title></style></script></svg><svg onload="document.title=\'in\'">',
    '<iframe src="https://elsewhere.test/"></iframe>',
    '<style>@import "https://elsewhere.test/x.css";</style>',
    '\u202egnp.exe\u202c \x1b[2J \x00',
)


@dataclasses.dataclass
class Visit:
    """A page in a browser, and everything that it did."""

    page: sync_api.Page
    requests: list[str] = dataclasses.field(default_factory=list)
    complaints: list[str] = dataclasses.field(default_factory=list)

    def open(self, path: pathlib.Path) -> None:
        self.page.on('request', lambda one: self.requests.append(one.url))
        self.page.on('console', lambda one: self.complaints.append(one.text))
        self.page.on('pageerror', lambda one: self.complaints.append(str(one)))
        self.page.goto(path.as_uri())

    @property
    def servers(self) -> list[str]:
        """The names that the table shows, from its top."""
        names = '.sheet tbody > tr:first-child > th > bdi'
        found: list[str] = self.page.locator(names).all_text_contents()
        return found

    @property
    def shown(self) -> str:
        return str(self.page.locator('#shown').inner_text())

    def wait_until_shown(self, text: str | re.Pattern[str]) -> None:
        """Wait until that is said of how many servers are shown."""
        sync_api.expect(self.page.locator('#shown')).to_have_text(text)


class BrowserTestCase(cases.TestCase):
    """Tests of a class share a browser; each opens windows of its own."""

    browser: sync_api.Browser

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if chromium.path() is None:
            raise cls.skipException(f'no browser: {chromium.install()}')
        with contextlib.ExitStack() as stack:
            cls.browser = stack.enter_context(chromium.browser())
            cls.addClassCleanup(stack.pop_all().close)

    def written(self, findings: list[Finding]) -> pathlib.Path:
        path = self.directory() / 'report.html'
        servers = len({one.entry.server_id for one in findings})
        run = sample.run(3, servers)
        file.at(str(path)).write(document.pieces(run, findings))
        return path

    def visit(self, path: pathlib.Path, **options: Any) -> Visit:
        visit = Visit(self.browser.new_page(**options))
        self.addCleanup(visit.page.close)
        visit.open(path)
        return visit

    def assert_quiet(self, visit: Visit) -> None:
        """The page loaded nothing but itself, and nothing went wrong."""
        self.assertEqual([], visit.complaints)
        self.assertEqual([visit.page.url.partition('#')[0]], visit.requests)


class UndecidedTest(BrowserTestCase):
    def test_an_undecided_server_is_amber_and_barred_and_nowhere_well(
        self,
    ) -> None:
        step = Undecided(undecided(), default='q35')
        visit = self.visit(self.written(verify.findings([step], 'apply')))
        page = visit.page
        self.assertIn(
            '1 of 1 server undecided', page.locator('h1').inner_text()
        )
        self.assertEqual(0, page.locator('.sheet .mark.well').count())
        color = "one => getComputedStyle(one)['%s']"
        mark = page.locator('.sheet .mark.warning').first
        ink = page.locator('#bars .ink-undecided')
        self.assertEqual(
            mark.evaluate(color % 'color'), ink.evaluate(color % 'fill')
        )
        bands = page.locator('svg.flow path.undecided')
        self.assertEqual(2, bands.count())
        self.assertIn('#bars', bands.first.evaluate(color % 'fill'))
        self.assert_quiet(visit)


class FilterTest(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.findings = sample.findings(_SERVERS)
        self.visited = self.visit(self.written(self.findings))
        self.page = self.visited.page
        self.addCleanup(self.assert_quiet, self.visited)

    def names(self, **attributes: str | None) -> set[str]:
        """Return the servers of which a finding has these attributes."""
        return {
            one.entry.name
            for one in self.findings
            if all(
                str(getattr(one, name)) == str(value)
                for name, value in attributes.items()
            )
        }

    def all_shown(self) -> str:
        return f'{_SERVERS} of {_SERVERS} servers'

    def test_a_search_leaves_what_has_all_its_words(self) -> None:
        self.page.get_by_label('Search').fill('OFFICE rhel9.2')
        self.visited.wait_until_shown(re.compile(' of '))
        wanted = {
            one.entry.name
            for one in self.findings
            if one.entry.recorded
            and one.entry.recorded.project_name == 'office'
            and one.entry.recorded.value == 'pc-q35-rhel9.2.0'
        }
        self.assertEqual(wanted, set(self.visited.servers))
        self.assertEqual(
            f'{len(wanted)} of {_SERVERS} servers', self.visited.shown
        )

    def test_a_finding_can_be_chosen(self) -> None:
        self.page.get_by_label('Finding', exact=True).select_option(
            'volume-differs'
        )
        wanted = self.names(code='volume-differs')
        self.visited.wait_until_shown(f'{len(wanted)} of {_SERVERS} servers')
        self.assertEqual(wanted, set(self.visited.servers))

    def test_the_worst_answer_can_be_chosen(self) -> None:
        self.page.get_by_label('Worst answer').select_option('error')
        wanted = {one.entry.name for one in self.findings if one.is_difference}
        self.visited.wait_until_shown(f'{len(wanted)} of {_SERVERS} servers')
        self.assertEqual(wanted, set(self.visited.servers))

    def test_a_project_can_be_chosen_and_all_be_shown_again(self) -> None:
        before = self.visited.servers
        self.page.get_by_label('Project').select_option('erp')
        self.visited.wait_until_shown(re.compile('^[0-9]{1,2} of '))
        self.assertEqual(
            {'erp'},
            set(
                self.page.locator(
                    '.sheet tbody > tr:first-child > td:nth-child(2)'
                ).all_text_contents()
            ),
        )
        self.page.get_by_role('button', name='Show all').click()
        self.visited.wait_until_shown(self.all_shown())
        self.assertEqual(before, self.visited.servers)

    def test_servers_are_ordered_as_people_count(self) -> None:
        self.page.get_by_label('Order').select_option('server')
        self.visited.wait_until_shown(self.all_shown())
        names = self.visited.servers
        self.assertEqual(_SERVERS, len(names))
        shops = [name for name in names if name.startswith('shop')]
        self.assertEqual(
            sorted(shops, key=lambda name: int(name[len('shop') :])), shops
        )
        self.assertEqual(sorted(names), names)

    def test_nothing_that_fits_is_said(self) -> None:
        self.page.get_by_label('Search').fill('there is no such server')
        self.visited.wait_until_shown(f'0 of {_SERVERS} servers')
        self.assertEqual([], self.visited.servers)


class WithoutScriptTest(BrowserTestCase):
    def test_everything_is_there_but_the_filter(self) -> None:
        findings = sample.findings(60)
        visit = self.visit(self.written(findings), java_script_enabled=False)
        self.assertEqual(60, len(visit.servers))
        self.assertFalse(visit.page.locator('#tools').is_visible())
        self.assert_quiet(visit)


class HostileTest(BrowserTestCase):
    def test_names_are_shown_and_nothing_else(self) -> None:
        steps = [
            Unchanged(
                entry(
                    name,
                    f'source-{number}',
                    recorded=recorded(name, (name, name)),
                ),
                volume(image_metadata={'hw_machine_type': name}),
            )
            for number, name in enumerate(_HOSTILE)
        ]
        visit = self.visit(self.written(verify.findings(steps, 'apply')))
        self.assertEqual(
            [*_HOSTILE[:-1], r'\u202egnp.exe\u202c \x1b[2J \x00'],
            visit.servers,
        )
        self.assertEqual(
            'No differences found in 6 servers', visit.page.title()
        )
        self.assertEqual(
            [0, 0, 1, 1],
            [
                visit.page.locator(tag).count()
                for tag in ('img', 'iframe', 'style', 'script')
            ],
        )
        options = visit.page.get_by_label('Project').locator('option')
        self.assertIn(_HOSTILE[0], options.all_text_contents())
        self.assert_quiet(visit)

    def test_the_policy_stops_what_would_be_injected(self) -> None:
        path = self.written(sample.findings(3))
        text = path.read_text(encoding='utf-8')
        path.write_text(
            text.replace(
                '<main>',
                '<main><script>document.title = "in"</script>'
                '<img src="https://elsewhere.test/x">',
            ),
            encoding='utf-8',
        )
        visit = self.visit(path)
        self.assertNotEqual('in', visit.page.title())
        self.assertEqual(2, len(visit.complaints), visit.complaints)
        for complaint in visit.complaints:
            self.assertIn('Content Security Policy', complaint)


class AccessibleTest(BrowserTestCase):
    def test_axe_finds_nothing_wrong(self) -> None:
        path = self.written(sample.findings(40))
        for options in (
            {'color_scheme': 'light'},
            {'color_scheme': 'dark'},
            {'viewport': {'width': 360, 'height': 800}},
        ):
            visit = self.visit(path, **options)
            results = Axe().run(visit.page)
            self.assertEqual(
                0, results.violations_count, results.generate_report()
            )

    def test_the_page_is_worked_with_keys_alone(self) -> None:
        visit = self.visit(self.written(sample.findings(40)))
        reached = []
        for _key in range(14):
            visit.page.keyboard.press('Tab')
            reached.append(
                visit.page.evaluate(
                    'document.activeElement.id || '
                    'document.activeElement.className || '
                    'document.activeElement.tagName'
                )
            )
        for name in ('scroll', 'SUMMARY', 'text', 'project', 'order'):
            self.assertIn(name, reached)

    def test_nothing_is_lost_on_a_narrow_screen(self) -> None:
        visit = self.visit(
            self.written(sample.findings(40)),
            viewport={'width': 360, 'height': 800},
        )
        self.assertLessEqual(
            visit.page.evaluate('document.documentElement.scrollWidth'), 360
        )


class PrintTest(BrowserTestCase):
    def test_the_page_is_printed_whole_without_the_filter(self) -> None:
        visit = self.visit(self.written(sample.findings(40)))
        visit.page.emulate_media(media='print')
        self.assertFalse(visit.page.locator('#tools').is_visible())
        self.assertTrue(
            visit.page.get_by_text('other ways', exact=True)
            .or_(visit.page.locator('details td.number').first)
            .is_visible(),
            'the numbers of the drawing are not printed',
        )
        self.assertTrue(visit.page.pdf().startswith(b'%PDF'))


class SizeTest(BrowserTestCase):
    def test_ten_thousand_servers_open_and_can_be_searched(self) -> None:
        visit = self.visit(self.written(sample.findings(10_000)))
        visit.page.get_by_label('Search').fill('volume-differs office')
        visit.wait_until_shown(re.compile('^[0-9]{1,3} of 10,000 servers$'))
        self.assert_quiet(visit)
