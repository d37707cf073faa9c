#!/bin/sh
# Runs an interop test against js-libp2p: run_interop.sh SCRIPT WORK_DIR PATH_OF_WHERRY [ARGUMENTS]
# SCRIPT is one of this folder's, or a path.
# The npm packages (exact versions in package.json) are installed into WORK_DIR once, among them a node for this processor where there is
# one. Exit code 77: there is none, and the system's is too old.
set -eu
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
script=$1 work=$2 wherry=$3
shift 3
mkdir -p "$work"
cp "$here"/package.json "$here"/.npmrc "$here"/*.mjs "$work"/
case $script in */*) cp "$script" "$work"/ && script=$(basename "$script") ;; esac
cd "$work"
if ! cmp -s package.json node_modules/.installed-from 2>/dev/null; then
    npm install --no-package-lock --no-audit --no-fund --loglevel=error >&2
    cp package.json node_modules/.installed-from
fi
node=node_modules/.bin/node
if [ ! -x "$node" ]; then
    node=$(command -v node || true)
    major=$([ -z "$node" ] || "$node" -p 'process.versions.node.split(".")[0]')
    if [ "${major:-0}" -lt 22 ]; then
        echo "skipped: js-libp2p needs node 22 or later; npm has none for $(uname -sm), and the system has ${major:-none}" >&2
        exit 77
    fi
fi
exec "$node" "$script" "$wherry" "$@"
