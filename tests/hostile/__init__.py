# SPDX-License-Identifier: Apache-2.0

"""Attacks: hostile clouds, files, journals and neighbours, kept as tests."""
