# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses

import hypothesis
from hypothesis import strategies

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import verify
from osc_hwmt.destination.plan import Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.verify import Finding
from osc_hwmt.display import printable
from osc_hwmt.journal.format import Input
from osc_hwmt.manifest.entry import Recorded, Wanted
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.report.document import Run
from tests.page import sample
from tests.page.strict import Element
from tests.unit.support import cases, fakes, pages
from tests.unit.support.fakes import entry, volume

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


def _everything_called(text: str) -> list[Finding]:
    """Return findings in which every text that others choose is that text."""
    recorded = Recorded(
        value=text,
        unknown=None,
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


class HostileTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.harmless = self.page('harmless').skeleton

    def page(self, text: str) -> Element:
        return pages.page(_everything_called(text), _run_called(text))

    def assert_only_text(self, text: str) -> None:
        page = self.page(text)
        self.assertEqual(self.harmless, page.skeleton)
        shown = printable(text)
        for row in pages.rows(page):
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
        self.assertIn(long, pages.rows(page)[0].words)
