# shellcheck shell=sh
# Read by the other scripts (`. script/environment.sh`, in the clone's top folder): finds Pythons, makes virtual
# environments, installs Debian packages where it may.

OLDEST=9 # Python 3.9
NEWEST=14

unset PYTHONHOME PYTHONPATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_USER=0

say() { printf '%s\n' "$*" >&2; }

stop() {
    say "error: $*"
    exit 1
}

# The minor version of the Python $1, when it is a released CPython 3 that can make virtual environments.
minor_of() {
    "$1" -I -c 'import ensurepip, sys, venv
released = sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final"
print(sys.version_info[1]) if released and sys.version_info[0] == 3 else sys.exit(1)' 2>/dev/null </dev/null
}

# One candidate a line: what PATH holds, then what pyenv keeps. Shims of inactive versions are among them, and fail.
candidates() {
    (
        set -f
        IFS=:
        # shellcheck disable=SC2086 # split at colons
        set -- $PATH
        for folder in "$@"; do
            minor=$OLDEST
            while [ "$minor" -le "$NEWEST" ]; do
                printf '%s\n' "$folder/python3.$minor"
                minor=$((minor + 1))
            done
            printf '%s\n' "$folder/python3" "$folder/python"
        done
    )
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python
}

# "MINOR PATH" lines, oldest first, one for each version.
pythons() {
    candidates | while IFS= read -r python; do
        if [ -x "$python" ] && minor=$(minor_of "$python") && [ "$minor" -ge $OLDEST ] && [ "$minor" -le $NEWEST ]; then
            printf '%s %s\n' "$minor" "$python"
        fi
    done | sort -n -k1,1 -s | awk '!seen[$1]++'
}

# Sets oldest_minor, oldest_python, newest_minor, newest_python.
find_pythons() {
    found=$(pythons)
    if [ -z "$found" ] && may_install; then
        install_packages python3 python3-venv
        found=$(pythons)
    fi
    [ -n "$found" ] || stop "no Python 3.$OLDEST to 3.$NEWEST with its venv module; install one (Debian: python3-venv)"
    first=$(printf '%s\n' "$found" | head -n 1)
    last=$(printf '%s\n' "$found" | tail -n 1)
    # shellcheck disable=SC2034 # read by those who call
    {
        oldest_minor=${first%% *} oldest_python=${first#* }
        newest_minor=${last%% *} newest_python=${last#* }
    }
}

# The environment in the folder $1, of the Python $2, with the lock file $3 and this project installed. It is used again
# while lock, project file, Python and place stay the same.
make_environment() {
    stamp=$1/installed
    state=$(
        pwd
        "$2" -I -c 'import sys; print(sys.version, sys.base_prefix)'
        cksum "$3" pyproject.toml
    )
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then
        return 0
    fi
    say "Setting up $1 from $3 ..."
    "$2" -I -m venv --clear "$1" || stop "python -m venv failed; remove $1 and try again"
    "$1/bin/python" -m pip install -qq --require-hashes -r "$3" ||
        stop "the packages in $3 could not be installed; is the package index reachable?"
    "$1/bin/python" -m pip install -qq --no-deps --no-build-isolation --editable . ||
        stop "the project itself could not be installed"
    printf '%s\n' "$state" >"$stamp"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

install_packages() {
    say "Installing $* ..."
    { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null
}

# Whether one of the commands $2… is there, installing the Debian package $1 where that may be done.
have() {
    package=$1
    shift
    any_of "$@" || { may_install && install_packages "$package" && any_of "$@"; }
}

any_of() {
    for name in "$@"; do
        if command -v "$name" >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}
