#!/usr/bin/env bash
# Installs what is missing, builds what is measured and compares the carriers of links, with js-libp2p in the same run:
# tests/bench/carriers.sh [MEGABYTES [CONNECTIONS]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../installer/setup.sh"

lock_setup
setup_packages build test
build release wherry carrier_peer
unlock_setup
built="$WHERRY_ROOT/build/release"
exec "$WHERRY_ROOT/tests/interop/run_interop.sh" "$WHERRY_ROOT/tests/bench/carriers_bench.mjs" "$built/interop" "$built/bin/wherry" \
    "$built/tests/bench/carrier_peer" "$@"
