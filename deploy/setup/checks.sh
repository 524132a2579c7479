# Running checks one by one and reporting them together. Sourced by ./test; POSIX sh.

# A browser and the engine.
prepare_full_run() {
    find_browser || install_browser
    say "Using the browser ${LLSYS_BROWSER:-of playwright}"
    say "Building the engine, unless it is there (some minutes)"
    .venv/bin/python -m grader.toolchain build || fail "The engine could not be built; the lines above say why."
}

# A Docker engine with the image of submissions, for the tests of the Docker sandbox. Where there can be none, they are
# left out, and the report says so.
prepare_docker() {
    docker_reason=
    mkdir -p .data/docker
    # Whoever would end the engine looks first whether somebody holds this lock.
    exec 9>>.data/docker/users
    ! have flock || flock --shared 9
    say "Starting a Docker engine and making its image, unless they are there (a minute)"
    if docker_answer=$(sh deploy/setup/docker.sh start); then
        LLSYS_DOCKER_HOST=${docker_answer% *} LLSYS_DOCKER_IMAGE=${docker_answer#* }
        export LLSYS_DOCKER_HOST LLSYS_DOCKER_IMAGE
        trap release_docker EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
    else
        # What failed without a word of its own must not pass for an engine that is there.
        docker_reason=${docker_answer:-deploy/setup/docker.sh failed; its last lines say why}
        LLSYS_DOCKER_NOT_RUN=$docker_reason
        export LLSYS_DOCKER_NOT_RUN
        exec 9>&-
        say "DOCKER HALF NOT RUN: $docker_reason"
    fi
}

release_docker() {
    [ -n "${LLSYS_DOCKER_IMAGE:-}" ] || return 0
    trap - EXIT
    exec 9>&-
    LLSYS_DOCKER_IMAGE=
    sh deploy/setup/docker.sh stop
}

# Sets LLSYS_BROWSER to a Chromium of this machine; status 1 when there is none.
find_browser() {
    [ -z "${LLSYS_BROWSER:-}" ] || return 0
    for candidate in chromium chromium-browser google-chrome google-chrome-stable; do
        # Ubuntu's chromium-browser is a script that asks for a snap.
        if have "$candidate" && "$candidate" --version >/dev/null 2>&1; then
            LLSYS_BROWSER=$(command -v "$candidate")
            export LLSYS_BROWSER
            return 0
        fi
    done
    return 1
}

install_browser() {
    if may_install && grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
        say "Installing a browser with apt-get: chromium"
        apt_install chromium fonts-dejavu-core && find_browser && return 0
    fi
    say "Downloading a browser (playwright)"
    # Ubuntu has no browser of its own without snap; what this one links against comes from apt-get.
    ! may_install || as_root env DEBIAN_FRONTEND=noninteractive .venv/bin/python -m playwright install-deps chromium ||
        say "The libraries of the browser could not be installed; going on without"
    .venv/bin/python -m playwright install chromium || fail "There is no browser for the tests.
Install Chromium (Debian: sudo apt-get install chromium), or name one in LLSYS_BROWSER. Then run this again."
}

begin_report() {
    report=.data/test
    rm -rf "$report"
    mkdir -p "$report"
    : >"$report/summary"
    broken=0
}

note() { printf '  %-6s  %5s s  %s\n' "$1" "$2" "$3" >>"$report/summary"; }

# check TITLE COMMAND...: its output is shown only when it fails.
check() {
    title=$1
    shift
    before=$(date +%s)
    if "$@" >"$report/output" 2>&1 </dev/null; then
        result=ok
    else
        result=FAILED
        broken=$((broken + 1))
        printf '\n---- %s\n' "$title"
        cat "$report/output"
    fi
    took=$(($(date +%s) - before))
    note "$result" "$took" "$title"
    say "$title: $result ($took s)"
}

# tests NAME PYTEST-OPTIONS...: all output is shown.
tests() {
    name=$1
    shift
    before=$(date +%s)
    say "Tests ($name)"
    if .venv/bin/python -m pytest -q --junitxml="$report/$name.xml" "$@" </dev/null; then
        result=ok
    else
        result=FAILED
    fi
    note "$result" "$(($(date +%s) - before))" "tests ($name)"
    # pytest that never came to an end has no report, and counts as one failure.
    [ -s "$report/$name.xml" ] || broken=$((broken + 1))
}

# Prints the table and the sum; the status says whether everything passed.
end_report() {
    printf '\nSummary (%s s in all)\n' "$(($(date +%s) - started))"
    cat "$report/summary"
    echo
    [ -z "${docker_reason:-}" ] || printf 'DOCKER HALF NOT RUN: %s\n\n' "$docker_reason"
    .venv/bin/python deploy/setup/count_tests.py "$broken" "$report"/*.xml
}
