# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.report.markup import Markup, Part, escaped, joined, templates
from tests.unit.support import cases


class EscapedTest(cases.TestCase):
    def test_what_means_something_in_html_is_escaped(self) -> None:
        self.assertEqual(
            '&lt;b&gt; &amp; &quot;quotes&quot; &#x27;of both&#x27;',
            escaped('<b> & "quotes" \'of both\''),
        )

    def test_what_turns_or_hides_text_is_spelled_out(self) -> None:
        self.assertEqual(
            r'a\x1bb\u202ec\u2066d\x00', escaped('a\x1bb\u202ec\u2066d\x00')
        )

    def test_markup_stays(self) -> None:
        self.assertEqual('<b>', escaped(Markup('<b>')))

    def test_escaping_twice_is_escaping_once(self) -> None:
        self.assertEqual('&lt;', escaped(escaped('<')))


class PartTest(cases.TestCase):
    def test_values_are_escaped_wherever_they_stand(self) -> None:
        part = Part('<p title="$a">$b</p>')
        self.assertEqual(
            '<p title="&quot;">&lt;<br></p>',
            part.fill(a='"', b=Markup('&lt;<br>')),
        )

    def test_a_value_is_no_template(self) -> None:
        self.assertEqual('$b $$', Part('$a').fill(a='$b $$', b='other'))

    def test_a_place_without_a_value_is_an_error(self) -> None:
        self.assertRaises(KeyError, Part('$a').fill, b='')

    def test_a_page_can_be_written_around_one_place(self) -> None:
        part = Part('<p>$a</p>\n$middle\n<p>$b</p>')
        self.assertEqual(
            ('<p>1</p>\n', '<p>2</p>'), part.around('middle', a=1, b=2)
        )


class TemplatesTest(cases.TestCase):
    def test_a_file_has_several_by_their_names(self) -> None:
        found = templates(
            'what this is\n\n'
            '<!-- part: one -->\n<p>$a</p>\n\n'
            '<!-- part: and-two -->\n<b>$a</b>\n'
        )
        self.assertEqual(
            {'one': '<p>1</p>', 'and-two': '<b>1</b>'},
            {name: part.fill(a=1) for name, part in found.items()},
        )


class JoinedTest(cases.TestCase):
    def test_pieces_are_joined_to_markup(self) -> None:
        self.assertEqual(
            '<b>, <i>', escaped(joined([Markup('<b>'), Markup('<i>')], ', '))
        )
