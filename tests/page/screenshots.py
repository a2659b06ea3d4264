# SPDX-License-Identifier: Apache-2.0

"""The pictures of the report that the documentation shows.

``tox -e page-screenshots`` makes them anew. The page takes the fonts of the
machine it is on; for these, Debian's fonts-inter and fonts-jetbrains-mono
were there.
"""

from __future__ import annotations

import pathlib
import sys
import tempfile

from osc_hwmt.report import document, file
from tests.page import chromium, sample

_SERVERS = 640
#: Of each picture: the medium, width and height, the element it begins with,
#: and the margin around that, which on paper is the one of the page.
_PICTURES = {
    'report-light': (
        {'color_scheme': 'light'},
        (1200, 1560),
        'header',
        '3rem',
    ),
    'report-dark': ({'color_scheme': 'dark'}, (1200, 800), '.servers', '3rem'),
    'report-print': ({'media': 'print'}, (794, 1040), 'header', '14mm 12mm'),
}


def main(directory: str) -> None:
    """Make the pictures in a directory."""
    with tempfile.TemporaryDirectory() as place, chromium.browser() as browser:
        report = pathlib.Path(place) / 'report.html'
        run, findings = sample.run(3, _SERVERS), sample.findings(_SERVERS)
        file.at(str(report)).write(document.pieces(run, findings))
        for name, (medium, size, begin, margin) in _PICTURES.items():
            width, height = size
            page = browser.new_page(
                viewport={'width': width, 'height': height}
            )
            page.emulate_media(**medium)
            page.goto(report.as_uri())
            page.evaluate(
                'margin => document.body.style.padding = margin', margin
            )
            page.locator(begin).evaluate(
                'one => scrollTo(0, one.offsetTop - 48)'
            )
            page.screenshot(path=f'{directory}/{name}.png')
            page.close()


if __name__ == '__main__':
    main(sys.argv[1])
