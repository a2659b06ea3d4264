# SPDX-License-Identifier: Apache-2.0

"""Manifests of 200 MB: read or refused, in bounded time and memory."""
