# SPDX-License-Identifier: Apache-2.0

"""Text from clouds and files, made safe for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from osc_hwmt.i18n import _

#: What Python calls printable and Unicode ignorable by default: fillers and
#: variation selectors, which show as nothing (DerivedCoreProperties.txt).
_HIDDEN = re.compile(
    '[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0'
    '\U000e0100-\U000e01ef]'
)

#: What stands before a host's name, as in https://admin:secret@host/v3.
_LOGIN = re.compile(r'(?<=://)[^/\s]*@')


def exact(text: str) -> str:
    """Return a value that has to be of ASCII, with all else escaped.

    It may look like another one: there are Cyrillic letters for "pc".
    """
    return text if text.isascii() else ascii(text)[1:-1]


def printable(text: str) -> str:
    """Return the text with every character that is not printable escaped.

    Control characters, line breaks, and the marks that reverse or hide text
    become a Python escape such as ``\\x1b``; everything else stays.
    """
    if text.isprintable() and (text.isascii() or not _HIDDEN.search(text)):
        return text
    return ''.join(
        char
        if char.isprintable() and not _HIDDEN.match(char)
        else char.encode('unicode_escape').decode('ascii')
        for char in text
    )


def lines(text: str) -> str:
    """Return the text with every character but line feeds made printable."""
    return '\n'.join(map(printable, text.split('\n')))


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning and how much there is more of it."""
    if len(text) <= most:
        return text
    return _('%(text)s... (%(n)s more characters)') % {
        'text': text[:most],
        'n': f'{len(text) - most:,}',
    }


def few(texts: Sequence[object], most: int = 50) -> list[str]:
    """Return the first texts, and how many there are more of them."""
    shown = [str(one) for one in texts[:most]]
    if len(texts) > most:
        shown.append(_('and %s more') % f'{len(texts) - most:,}')
    return shown


def without_login(text: str) -> str:
    """Return the text with no user and password in an address in it."""
    return _LOGIN.sub('', text)
