# The project's own environment: Python packages and the front end. Sourced by ./up and ./test; POSIX sh,
# where every variable is global: each function has names of its own.

digest() { "$here/.venv/bin/python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'; }

# Makes .venv with the packages of requirements/$1.txt (app, or dev: app and the tools), unless it has them already.
install_python() {
    unfinished=.venv/unfinished
    [ ! -e "$unfinished" ] || rm -rf .venv
    if [ -e .venv ] && ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        # The folder was moved to another machine, or its Python is gone, or its making was interrupted.
        rm -rf .venv
    fi
    if [ ! -e .venv ]; then
        say "Creating the virtual environment"
        python=$(find_python)
        "$python" -m venv .venv || fail "The virtual environment could not be made; the lines above say why."
    fi
    python_lock=$(cat "requirements/$1.txt" | digest)
    python_mark=.venv/installed-$1
    [ "$(cat "$python_mark" 2>/dev/null || true)" != "$python_lock" ] || return 0
    say "Installing the Python packages (requirements/$1.txt)"
    : >"$unfinished"
    if have uv; then
        VIRTUAL_ENV=$here/.venv uv pip install --quiet --require-hashes -r "requirements/$1.txt"
    else
        .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes \
            -r "requirements/$1.txt"
    fi || fail "The Python packages could not be installed; the lines above say why.
Check the network and pip's configuration (.venv/bin/python -m pip config list), then run this again."
    echo "$python_lock" >"$python_mark"
    # The tools' lock holds the same versions of what the site needs.
    [ "$1" != dev ] || cat requirements/app.txt | digest >.venv/installed-app
    rm -f "$unfinished"
}

front_end_state() {
    cd "$here/frontend"
    {
        find src templates public -type f -print 2>/dev/null | LC_ALL=C sort | while read -r file; do
            printf '%s ' "$file"
            cksum <"$file"
        done
        cat package-lock.json package.json npm vite.config.* tsconfig.json 2>/dev/null
    } | digest
}

# npm with the Node.js of .venv, in frontend/.
npm() { LLSYS_PYTHON="$here/.venv/bin/python" "$here/frontend/npm" "$@"; }

install_node_packages() {
    node_lock=$(cat frontend/package-lock.json | digest)
    node_mark=frontend/node_modules/.installed
    [ "$(cat "$node_mark" 2>/dev/null || true)" != "$node_lock" ] || return 0
    say "Installing the front end's packages (npm ci)"
    npm ci --no-audit --no-fund --loglevel=error >/dev/null ||
        fail "npm could not install the front end's packages; the lines above say why.
Check the network and npm's configuration, then run this again."
    echo "$node_lock" >"$node_mark"
}

# Builds frontend/dist, unless it comes from the sources that are there.
build_front_end() {
    built_mark=frontend/dist/.built
    sources=$(front_end_state)
    [ "$(cat "$built_mark" 2>/dev/null || true)" != "$sources" ] || return 0
    install_node_packages
    say "Building the front end"
    npm run --silent build >.venv/front-end.log 2>&1 || {
        cat .venv/front-end.log >&2
        fail "The front end could not be built; the lines above say why."
    }
    echo "$sources" >"$built_mark"
}
