#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests. Arguments go to ctest, as in `tests/run.sh -R unit.codec`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../installer/setup.sh"

lock_setup
setup_packages build test
configure release # again each time: what the tests need may have been missing when it was done first
build release
unlock_setup
cd "$WHERRY_ROOT/build/release"
exec ctest --output-on-failure -j "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" "$@"
