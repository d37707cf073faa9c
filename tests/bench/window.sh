#!/usr/bin/env bash
# Installs what is missing, builds the window and measures it: tests/bench/window.sh --help
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../../installer/setup.sh"

lock_setup
setup_packages build test
build release wherry wherry-desktop drag_source screen_reader
unlock_setup
built="$WHERRY_ROOT/build/release"
export WHERRY_PROGRAM="$built/bin/wherry" WHERRY_DESKTOP="$built/bin/wherry-desktop"
export WHERRY_DRAG_SOURCE="$built/tests/gui/drag_source" WHERRY_SCREEN_READER="$built/tests/gui/screen_reader"
exec "$WHERRY_ROOT/tests/bench/window_bench" "$@"
