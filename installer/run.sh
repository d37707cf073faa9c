#!/usr/bin/env bash
# installer/run.sh ARGS...: installs what is missing, builds Wherry and runs `wherry ARGS...`. All but the program's own output goes to standard error.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

lock_setup
setup_packages build
build release wherry
unlock_setup
export WHERRY_CALLED_AS="$0" # for the lines that the program tells people to type
exec "$WHERRY_ROOT/build/release/bin/wherry" "$@"
