# SPDX-License-Identifier: Apache-2.0

"""The section that counts how each question was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from osc_hwmt.destination.verify import Question
from osc_hwmt.i18n import _
from osc_hwmt.page.markup import Markup, Templates, joined
from osc_hwmt.page.verdict import Answer

_QUESTIONS = {
    Question.VOLUME: _('Does the volume carry what the manifest wants?'),
    Question.SERVER: _('Does the server that runs already have it?'),
    Question.DESTINATION: _('Can the destination run it?'),
}
#: The order of the columns, and of the shares of a bar.
_ORDER = (
    Answer.WELL,
    Answer.NOTE,
    Answer.WARNING,
    Answer.ERROR,
    Answer.NONE,
)
#: How long a bar is, in units of its own.
_LENGTH = 1000


def rows(
    parts: Templates, tally: Mapping[Question, Mapping[Answer, int]]
) -> Markup:
    """Return the rows of the table, one a question."""
    return joined(
        parts['question'].fill(
            name=question.value,
            text=_QUESTIONS[question],
            shares=joined(_shares(parts, counts)),
            **{
                answer.value: f'{counts[answer]:,}'
                if counts.get(answer)
                else parts['zero'].fill()
                for answer in _ORDER
            },
        )
        for question, counts in tally.items()
    )


def _shares(
    parts: Templates, counts: Mapping[Answer, int]
) -> Iterator[Markup]:
    total = sum(counts.values())
    before = 0
    for answer in _ORDER:
        servers = counts.get(answer, 0)
        if servers:
            yield parts['share'].fill(
                answer=answer.value,
                x=f'{_LENGTH * before / total:.2f}',
                width=f'{_LENGTH * servers / total:.2f}',
            )
        before += servers
