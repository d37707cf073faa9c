#!/usr/bin/env bash
# Installs what is missing, builds what is measured and compares Wherry with js-libp2p in the middle of others, as a relay and as who passes
# on what is said in a topic: tests/bench/middle.sh [MEGABYTES [MESSAGES]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../installer/setup.sh"

lock_setup
setup_packages build test
build release wherry
unlock_setup
built="$WHERRY_ROOT/build/release"
exec "$WHERRY_ROOT/tests/interop/run_interop.sh" "$WHERRY_ROOT/tests/bench/middle_bench.mjs" "$built/interop" "$built/bin/wherry" "$@"
