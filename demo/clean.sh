#!/usr/bin/env bash
# demo/clean.sh LAKE: removes a lake that demo/run made, and nothing else whatever LAKE names.
set -euo pipefail
lake=$1
# demo/run leaves it in what it makes. A lake of somebody's logs has none, and neither has somebody's home.
marker=.made-by-the-demo

[[ -e $lake || -L $lake ]] || exit 0
if [[ -L $lake || ! -f $lake/$marker ]]; then
    printf 'error: `%s` was not made by the demo, so it stays; remove it yourself if nobody needs it\n' "$lake" >&2
    exit 2
fi
rm -rf -- "$lake"
