# SPDX-License-Identifier: Apache-2.0

"""Manifests drawn at random, and what an edit may do to them."""
