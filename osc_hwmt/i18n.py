# SPDX-License-Identifier: Apache-2.0

"""The translation function of this package's messages."""

from __future__ import annotations

from collections.abc import Callable

import oslo_i18n

_: Callable[[str], str] = oslo_i18n.TranslatorFactory(
    domain='osc_hwmt'
).primary
