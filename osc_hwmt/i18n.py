# SPDX-License-Identifier: Apache-2.0

"""The translation function of this package's messages."""

import oslo_i18n

_ = oslo_i18n.TranslatorFactory(domain='osc_hwmt').primary
