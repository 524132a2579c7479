# What the machine must have. Sourced by ./up and ./test; POSIX sh.

say() { printf '==> %s\n' "$*"; }

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Prints the newest usable Python; status 1 when there is none.
find_python() {
    for candidate in "${LLSYS_PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        if [ -n "$candidate" ] && have "$candidate" &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# Prints, one a line, "Debian package|what it is for" for all that is missing. $1: whether a grader is wanted.
missing_packages() {
    if python=$(find_python); then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "$(venv_package "$python")|Python virtual environments"
    else
        echo "python3|Python 3.11, 3.12 or 3.13"
        echo "python3-venv|Python virtual environments"
    fi
    [ "$1" = yes ] || return 0
    have c++ || have g++ || echo "g++|a C++ compiler"
    have cmake || echo "cmake|cmake, which builds the engine"
    # The lessons' own commands use CMake's usual generator, and tests run them.
    [ "${wants_make:-no}" = no ] || have make || echo "make|make, which the lessons' commands use"
    have ninja || have make || echo "ninja-build|ninja or make, which builds the engine"
    [ "$(uname -s)" != Linux ] || have bwrap || echo "bubblewrap|the sandbox for submitted programs"
    [ "$(uname -s)" != Linux ] || have valgrind || echo "valgrind|valgrind, which counts instructions for benchmarks"
}

# Debian's python3-venv belongs to Debian's default Python; another version has a package of its own.
venv_package() {
    "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    have apt-get && { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }
}

# Installs Debian packages without a question.
apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Names everything that is missing in one message and ends, or installs it where that is allowed.
check_machine() {
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0
    packages=$(printf '%s\n' "$missing" | cut -d'|' -f1 | tr '\n' ' ')
    if may_install; then
        say "Installing with apt-get: $packages"
        # shellcheck disable=SC2086 # a list of words
        apt_install ca-certificates $packages || fail "apt-get failed; its lines above say why. Then run this again."
        missing=$(missing_packages "$1")
        [ -n "$missing" ] || return 0
    fi
    fail "This machine lacks:
$(printf '%s\n' "$missing" | sed 's/^\([^|]*\)|\(.*\)$/  - \2 (\1)/')

$(how_to_install "$packages")
Then run this again. Nothing has been changed."
}

how_to_install() {
    if have apt-get; then
        echo "Install it:  sudo apt-get install $1"
    elif [ "$(uname -s)" = Darwin ]; then
        echo "Install it:  xcode-select --install; brew install python@3.13 cmake ninja"
    elif have dnf; then
        echo "Install it:  sudo dnf install python3 gcc-c++ cmake ninja-build bubblewrap valgrind"
    elif have pacman; then
        echo "Install it:  sudo pacman -S python gcc cmake ninja bubblewrap valgrind"
    else
        echo "Install it with your system's package manager (the names in brackets are Debian's)."
    fi
}
