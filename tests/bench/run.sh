#!/usr/bin/env bash
# Installs the tools that Wherry is compared with, builds it and runs the benchmark: tests/bench/run.sh --help
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../installer/setup.sh"

lock_setup
setup_packages build bench
build release wherry
unlock_setup
exec "$WHERRY_ROOT/tests/bench/run_bench" "$@"
