# SPDX-License-Identifier: GPL-2.0
"""Guests, networks, npad and traffic for the NPA selftests."""
