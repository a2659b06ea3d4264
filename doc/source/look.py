# SPDX-License-Identifier: Apache-2.0

"""How the documentation and the release notes look."""

from __future__ import annotations

import pathlib

from sphinx.application import Sphinx
from sphinx.config import Config

#: Where the theme has a link to its author's site and advertisements.
_SIDEBAR = ['brand', 'search', 'scroll-start', 'navigation', 'scroll-end']


def _set(_app: Sphinx, config: Config) -> None:
    here = pathlib.Path(__file__).resolve().parent
    config.html_theme = 'furo'
    config.html_title = config.project
    config.html_sidebars = {'**': [f'sidebar/{one}.html' for one in _SIDEBAR]}
    config.html_static_path = [str(here / '_static')]
    config.html_css_files = ['site.css']
    config.html_theme_options = {
        'light_css_variables': _colours('#1f4f82'),
        'dark_css_variables': _colours('#9cc6f0'),
    }
    config.html_show_sourcelink = False
    # Of "--option" it would make a dash.
    config.smartquotes = False
    # What a command prints is no programming language.
    config.highlight_language = 'text'


def _colours(link: str) -> dict[str, str]:
    """Return the theme's colours, of which the report's page has the link."""
    return {
        f'color-{what}': link
        for what in (
            'brand-primary',
            'brand-content',
            'api-name',
            'api-pre-name',
        )
    }


def setup(app: Sphinx) -> dict[str, bool]:
    """Set what both have in common."""
    app.connect('config-inited', _set, priority=0)
    return {'parallel_read_safe': True}
