#!/usr/bin/env bash
# installer/run.sh ARGS...: installs what is missing, builds Wherry and runs `wherry ARGS...`; without ARGS it opens the window, where there is a
# display. All but the program's own output goes to standard error.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

has_display() { [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || [ "$(uname -s)" = Darwin ]; }

program=wherry
if [ $# = 0 ] && has_display; then program=wherry-desktop; fi
lock_setup
setup_packages build
# A build of earlier, when Qt Quick was missing, knows no window.
if [ "$program" = wherry-desktop ] && ! ninja -C "$WHERRY_ROOT/build/release" -t query wherry-desktop >/dev/null 2>&1; then configure release; fi
build release "$program"
unlock_setup
export WHERRY_CALLED_AS="$0" # for the lines that the program tells people to type
if [ $# = 0 ] && [ "$program" = wherry ]; then
    say "there is no display here, so no window can be opened. To receive files: $0 receive. To send them: $0 send DEVICE FILE-OR-FOLDER..."
fi
exec "$WHERRY_ROOT/build/release/bin/$program" "$@"
