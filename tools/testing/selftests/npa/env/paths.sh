# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Where things are: sourced by the scripts of this directory.
#
# Sets NPA_ENV (this directory), NPA_TOP (the checkout), NPA_CACHE (everything
# that is kept between runs and lies outside the checkout), NPA_SUITE, NPA_KEY
# (names one root: a hash of what goes into it) and NPA_ROOT (its path).

NPA_ENV=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
NPA_TOP=$(cd "$NPA_ENV/../../../../.." && pwd -P)
NPA_CACHE=${NPA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/npa}
NPA_SUITE=trixie

# Raise this when make-root puts something else into the root.
NPA_FORMAT=1

# The key leaves out comments, so that rewording one builds no new root.
npa_key()
{
	{
		echo "$NPA_FORMAT"
		sed -e 's/[[:space:]]*#.*//' -e '/^[[:space:]]*$/d' \
			"$NPA_ENV/packages"
	} | sha256sum | cut -c1-12
}

NPA_KEY=$(npa_key)
NPA_ROOT=$NPA_CACHE/root-$NPA_SUITE-$NPA_KEY

die()
{
	echo "$(basename "$0"): $*" >&2
	exit 1
}

need_root()
{
	[ "$(id -u)" = 0 ] ||
		die "must be run as root (it makes a Debian root, TAPs and network namespaces)"
}
