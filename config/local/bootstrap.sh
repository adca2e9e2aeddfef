#!/bin/sh
# Makes .venv with the packages that requirements.txt pins; quick to see that there is nothing to do.
# Needs a uv, or a python3 with venv or pip. What goes wrong ends in one line and status 1.
# Arguments: Debian's packages that the tests need, each as PACKAGE,PROGRAM,… where any of the programs will do.
set -eu

UV='uv==0.13.9'
PYTHON='>=3.11'
NEEDED=1500000 # KiB: packages, caches and the browser tests' driver

cd "$(dirname "$0")/../.."
here=$(pwd)
log=var/bootstrap/log
stamp=.venv/requirements.digest

fail() {
    [ ! -s "$log" ] || tail -n 5 "$log" >&2
    echo "sayso: $*" >&2
    exit 1
}

digest() { cat requirements.txt config/local/bootstrap.sh | sha256sum; }

is_current() { [ "$(cat "$stamp" 2>/dev/null)" = "$(digest)" ] && .venv/bin/python -c '' 2>/dev/null; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# The names that pip's users know, for uv.
export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-${PIP_INDEX_URL:-}}}"
[ -n "$UV_DEFAULT_INDEX" ] || unset UV_DEFAULT_INDEX

find_uv() {
    for candidate in uv var/bootstrap/bin/uv; do
        if "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

# Debian's python3 may lack ensurepip (venv fails) and still have pip, or the reverse.
fetch_uv() {
    command -v python3 >/dev/null || return 1
    if python3 -m venv --clear var/bootstrap/venv >>"$log" 2>&1; then
        var/bootstrap/venv/bin/python -m pip install -q "$UV" >>"$log" 2>&1 || return 1
        mkdir -p var/bootstrap/bin
        ln -sf ../venv/bin/uv var/bootstrap/bin/uv
    else
        python3 -m pip install -q --upgrade --target var/bootstrap "$UV" >>"$log" 2>&1
    fi
}

may_use_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

install_python() {
    echo "Installing python3-venv with apt-get: this machine's python3 has neither venv nor pip."
    {
        apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv
    } >>"$log" 2>&1 </dev/null
}

# The distribution's own keeps up with its security updates, and is built with profiles of its use: a tenth quicker than
# one that was compiled without, as pyenv does. UV_PYTHON names another.
choose_python() {
    if [ -n "${UV_PYTHON:-}" ]; then
        echo "$UV_PYTHON"
    elif is_new_enough /usr/bin/python3 && /usr/bin/python3 -c 'import ctypes, sqlite3, ssl, zoneinfo' 2>/dev/null; then
        echo /usr/bin/python3
    else
        echo "$PYTHON"
    fi
}

lacking() {
    for wanted in "$@"; do
        (
            IFS=,
            for program in $wanted; do ! command -v "$program" >/dev/null || exit 0; done
            echo "${wanted%%,*}"
        )
    done
}

# uv waits for the network and the disk, and so does apt-get: they do it together. Whoever needs the packages looks for
# themselves whether they are there (checks.py).
install_beside() {
    packages=$(lacking "$@")
    [ -n "$packages" ] && may_use_apt || return 0
    {
        # shellcheck disable=SC2086  (several words)
        apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
            -o Dpkg::Options::=--force-unsafe-io install -y --no-install-recommends $packages
    } >var/bootstrap/apt.log 2>&1 </dev/null 9>&- &
}

has_pip() { python3 -m ensurepip --version >/dev/null 2>&1 || python3 -m pip --version >/dev/null 2>&1; }

with_uv() {
    uv=$(find_uv)
    [ -n "$uv" ] || { fetch_uv && uv=$(find_uv) && [ -n "$uv" ]; } || return 1
    # An environment that works is kept: it may hold what a developer added.
    is_new_enough .venv/bin/python || { rm -rf .venv && "$uv" venv -q --python "$(choose_python)" .venv >>"$log" 2>&1; } || return 1
    "$uv" pip install -q --python .venv/bin/python -r requirements.txt >>"$log" 2>&1
}

# Slower; for where pip knows an index that uv does not, or uv has no build for the machine.
with_pip() {
    if is_new_enough .venv/bin/python; then
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >>"$log" 2>&1 || return 1
    else
        is_new_enough python3 && python3 -m venv --clear .venv >>"$log" 2>&1 || return 1
    fi
    .venv/bin/python -m pip install -q -r requirements.txt >>"$log" 2>&1
}

install() {
    : >"$log"
    free=$(df -Pk . | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$NEEDED" ] || fail "The disk with $here is full: $((free / 1024)) MB free, $((NEEDED / 1024)) needed."
    [ -n "$(find_uv)" ] || has_pip || { may_use_apt && install_python && has_pip; } ||
        fail "Needs uv, or a python3 with venv (Debian: apt-get install python3-venv)."
    echo "Installing the Python packages."
    install_beside "$@"
    with_uv || with_pip || fail "The Python packages could not be installed; see $here/$log."
    digest >"$stamp"
}

(umask 077 && mkdir -p var/bootstrap && : >>var/bootstrap/lock) 2>/dev/null ||
    fail "$here: this folder cannot be written; run it as its owner, or from a copy of your own."
[ -f requirements.txt ] || fail "$here/requirements.txt is missing."

if ! is_current; then
    # Two makes at once must not install over each other; without flock, they take the chance.
    exec 9>>var/bootstrap/lock
    ! command -v flock >/dev/null || flock 9
    is_current || install "$@"
fi
