# SPDX-License-Identifier: Apache-2.0

"""The whole page, piece by piece."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources

from osc_hwmt.destination.progress import Standing
from osc_hwmt.destination.verify import Finding
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Header
from osc_hwmt.report import flow_svg, sections
from osc_hwmt.report.markup import Markup, Templates, joined, templates
from osc_hwmt.report.verdict import Answer, Verdict, groups, tally, verdicts

#: What every page begins with, and no other file.
MARK = '<!DOCTYPE html><!-- osc-hwmt: what verify found -->\n'

#: What verify ends with when it has something to report.
_EXIT_CODES = {
    0: _('Everything that could be checked is as the manifest wants it.'),
    1: _(
        'No differences found, but some checks could not be completed: see '
        "verify's messages."
    ),
    3: _(
        'Something is not as the manifest wants it. Each finding says what '
        'to do.'
    ),
}
_EXIT_UNDECIDED = _(
    'Some servers are undecided: no machine type is recorded for them and '
    "nobody chose one, so they get the destination's default. Nothing else "
    'differs from the manifest.'
)


@dataclasses.dataclass(frozen=True)
class Run:
    """The run of verify that a page keeps.

    ``command`` is its command line, less what is not ours. ``ended`` is in
    UTC. ``in_manifests`` counts the servers of the manifests, chosen or not.
    ``known_from`` says what tells of the destination's computes, if anything
    does. ``standings`` say how far the migration is.
    """

    header: Header
    command: str
    ended: datetime.datetime
    exit_code: int
    in_manifests: int
    known_from: str = ''
    standings: Sequence[Standing] = ()


def pieces(run: Run, found: Sequence[Finding]) -> Iterator[str]:
    """Yield the page, a few hundred servers at a time.

    ``found`` has the findings about one server next to each other.
    """
    parts = templates(_data('page.html'))
    every = verdicts(found)
    before, after = parts['page'].around(
        'sheets',
        **_assets(),
        **_heading(run, every),
        facts=joined(_facts(parts, run, len(every))),
        progress=sections.progress(parts, run.standings),
        questions=sections.question_rows(parts, tally(every)),
        picture=flow_svg.drawn(parts, every),
        groups=sections.finding_groups(parts, groups(every)),
    )
    yield MARK
    yield before
    yield from sections.server_sheets(parts, every)
    yield after


def _data(name: str) -> str:
    place = resources.files('osc_hwmt').joinpath(f'data/{name}')
    return place.read_text('utf-8')


def _assets() -> dict[str, Markup]:
    """Return the style and the script with what lets them, and only them, run.

    The digests are those of CSP 3, of the whole text of an element.
    """
    assets = {}
    for name, file in (('style', 'page.css'), ('script', 'page.js')):
        text = _data(file)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest())
        assets[name] = Markup(text)
        assets[f'{name}_digest'] = Markup(f'sha256-{digest.decode()}')
    return assets


def _heading(run: Run, every: Sequence[Verdict]) -> dict[str, str]:
    wrong = sum(verdict.worst is Answer.ERROR for verdict in every)
    undecided = sum(verdict.is_undecided for verdict in every)
    of_all = sections.servers_text(len(every))
    title = (
        _('Differences found in %(wrong)s of %(all)s')
        % {'wrong': f'{wrong:,}', 'all': of_all}
        if wrong
        else _('No differences found in %s') % of_all
    )
    meaning = _EXIT_CODES[run.exit_code]
    answer = 'error' if run.exit_code else 'well'
    if undecided and wrong:
        title = _('%(title)s, %(undecided)s undecided') % {
            'title': title,
            'undecided': f'{undecided:,}',
        }
    elif undecided:
        title = _('%(undecided)s of %(all)s undecided') % {
            'undecided': f'{undecided:,}',
            'all': of_all,
        }
    if undecided and not run.exit_code:
        answer, meaning = 'warning', _EXIT_UNDECIDED
    return {
        'title': title,
        'answer': answer,
        'exit_code': f'{run.exit_code:d}',
        'exit_meaning': meaning,
        'tool': run.header.tool,
        'shown': of_all,
    }


def _facts(parts: Templates, run: Run, servers: int) -> Iterator[Markup]:
    """Yield what the run was about."""
    header = run.header
    where = (header.auth_url, header.region, f'project {header.project_id}')
    facts = [
        (_('Date'), f'{run.ended:%Y-%m-%d %H:%M:%S} UTC', ''),
        *([(_('Note'), header.note, '')] if header.note else ()),
        (_('Tool'), header.tool, ''),
        (_('Destination'), header.cloud, ', '.join(filter(None, where))),
        (
            _('Servers'),
            f'{servers:,}',
            _('of %s in the manifests') % f'{run.in_manifests:,}',
        ),
        (_('Compute hosts'), *_computes(run)),
        (_('Command'), run.command, ''),
        *(
            (_('Manifest'), one.path, f'sha256 {one.sha256}')
            for one in header.inputs
        ),
    ]
    for name, value, more in facts:
        yield parts['fact'].fill(name=name, value=value, more=more)


def _computes(run: Run) -> tuple[str, str]:
    if run.known_from:
        return _('according to'), run.known_from
    return _('unknown'), _('not checked which machine types they support')
