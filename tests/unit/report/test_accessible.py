# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.unit.support import cases, pages


class AccessibleTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.page = pages.page()

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

    def test_the_page_can_be_read_without_the_script(self) -> None:
        self.assertIn('hidden', self.page.one('form').attributes)
        self.assertEqual(
            ['form', 'details'],
            [
                one.tag
                for one in self.page.all()
                if 'hidden' in one.attributes or one.tag == 'details'
            ][::-1],
        )


class ContrastTest(cases.TestCase):
    """WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (graphics, 3)."""

    def setUp(self) -> None:
        super().setUp()
        light, dark = re.findall(
            r':root \{(.*?)\}', pages.page([]).one('style').words, re.DOTALL
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
