#!/bin/sh
# Runs an interop test against js-libp2p: run_interop.sh SCRIPT WORK_DIR PATH_OF_WHERRY
# The npm packages (exact versions in package.json) are installed into WORK_DIR once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
script=$1 work=$2 wherry=$3
mkdir -p "$work"
cp "$here"/package.json "$here"/.npmrc "$here"/*.mjs "$work"/
cd "$work"
if ! cmp -s package.json node_modules/.installed-from 2>/dev/null; then
    npm install --no-package-lock --no-audit --no-fund --loglevel=error >&2
    cp package.json node_modules/.installed-from
fi
exec node_modules/.bin/node "$script" "$wherry"
