# SPDX-License-Identifier: Apache-2.0

"""Temporary servers and images, made to learn from."""
