# SPDX-License-Identifier: Apache-2.0

"""The page that keeps what verify found: one HTML file that loads nothing.

Its words, style and script are in ``data/page.*``; the modules here say what
goes into them.
"""
