#!/bin/sh
# Removes what `make` makes anew. The data and secrets in var/ stay: they are proof, and not ours to throw away.
set -eu

cd "$(dirname "$0")/../.."
if [ -f var/run/lock ] && ! flock -n var/run/lock true; then
    echo "sayso: running here (process $(cat var/run/lock)): stop it first." >&2
    exit 1
fi
rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
rm -rf var/bootstrap var/log var/run var/static var/test
find . -name __pycache__ -type d -prune -exec rm -rf {} +
[ ! -d var ] || echo "Kept: the data and keys in var/. To start from nothing, remove that folder too."
