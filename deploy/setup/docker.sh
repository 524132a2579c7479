#!/bin/sh
# A Docker engine of this checkout's own, for the tests of the Docker sandbox: nothing of it is seen by, or taken
# from, an engine that the machine may have besides.
#
#   sh deploy/setup/docker.sh start    prints "HOST IMAGE" for the tests, or one line that says why it cannot be
#   sh deploy/setup/docker.sh stop     ends the engine; what it downloaded and built stays in .data/docker
#
# With LLSYS_DOCKER_HOST set, that engine is used and only the image is made, from LLSYS_DOCKER_BASE (by default
# the base that grader/toolchain/images/cpu.Dockerfile names, from the registry).
set -eu

here=$(cd "$(dirname "$0")/../.." && pwd -P)
. "$here/deploy/setup/machine.sh"

place=$here/.data/docker
socket=$place/docker.sock
image=llsys-box:tests
python=$here/.venv/bin/python
[ -x "$python" ] || python=$(find_python)

cannot() {
    printf '%s\n' "$*"
    exit 1
}

answers() { DOCKER_HOST=$1 docker version >/dev/null 2>&1; }

alive() { [ -s "$place/docker.pid" ] && kill -0 "$(cat "$place/docker.pid")" 2>/dev/null; }

install_engine() {
    wanted=
    have dockerd || wanted="docker.io iptables"
    have debootstrap || [ -s "$place/base.tar" ] || wanted="$wanted debootstrap"
    [ -n "$wanted" ] || return 0
    grep -q '^ID=debian' /etc/os-release 2>/dev/null || cannot "no dockerd here, and this is not Debian: install Docker, start it, and set LLSYS_DOCKER_HOST"
    may_install || cannot "no dockerd here, and no right to install it (apt-get install $wanted)"
    say "Installing with apt-get: $wanted" >&2
    # shellcheck disable=SC2086 # a list of words
    apt_install $wanted >&2 || cannot "apt-get could not install $wanted"
}

start_engine() {
    alive && answers "unix://$socket" && return 0
    mkdir -p "$place"
    chmod 700 "$place"
    [ "${#socket}" -lt 90 ] || cannot "the path $socket is too long for a socket"
    # A mount namespace of its own: its mounts do not show on the machine, and end with it.
    setsid unshare --mount --propagation slave dockerd --data-root "$place/data" --exec-root "$place/exec" \
        --pidfile "$place/docker.pid" --host "unix://$socket" >"$place/log" 2>&1 </dev/null 9>&- &
    tries=0
    until answers "unix://$socket"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || cannot "dockerd does not start: $(tail -n 1 "$place/log" | cut -c 1-300)"
        sleep 0.2
    done
}

# The same system as this machine's, which the engine was built on, from the same packages.
make_base() {
    DOCKER_HOST=$1 docker image inspect llsys-base:local >/dev/null 2>&1 && return 0
    if [ ! -s "$place/base.tar" ]; then
        suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 2>/dev/null | awk -v s="$suite" '$2 == s { print $1; exit }')
        [ -n "$suite" ] && [ -n "$mirror" ] || cannot "no Debian mirror in apt's configuration to make a base image from"
        say "Making a base image of $suite (debootstrap, half a minute)" >&2
        rm -rf "$place/base"
        debootstrap --variant=minbase --include=ca-certificates "$suite" "$place/base" "$mirror" >"$place/debootstrap.log" 2>&1 ||
            cannot "debootstrap failed: $(tail -n 1 "$place/debootstrap.log" | cut -c 1-300)"
        tar -C "$place/base" --one-file-system -cf "$place/base.new" . && mv "$place/base.new" "$place/base.tar"
        rm -rf "$place/base"
    fi
    DOCKER_HOST=$1 docker import "$place/base.tar" llsys-base:local >/dev/null || cannot "the base image could not be imported"
}

start() {
    if [ -n "${LLSYS_DOCKER_HOST:-}" ] && [ "$LLSYS_DOCKER_HOST" != "unix://$socket" ]; then
        answers "$LLSYS_DOCKER_HOST" || cannot "no Docker engine answers at $LLSYS_DOCKER_HOST"
        host=$LLSYS_DOCKER_HOST base=${LLSYS_DOCKER_BASE:-}
    else
        [ "$(uname -s)" = Linux ] || cannot "a Docker engine of our own needs Linux; start one and set LLSYS_DOCKER_HOST"
        [ "$(id -u)" = 0 ] || cannot "only root can start a Docker engine; start one and set LLSYS_DOCKER_HOST"
        install_engine
        start_engine
        host=unix://$socket base=llsys-base:local
        make_base "$host"
    fi
    mkdir -p "$place"
    (cd "$here" && GRADER_DOCKER_HOST=$host "$python" -m grader.sandbox.docker build-image --tag "$image" ${base:+--base "$base"}) \
        >"$place/image.log" 2>&1 || cannot "the image could not be built: $(tail -n 1 "$place/image.log" | cut -c 1-300)"
    echo "$host $image"
}

stop() {
    # An engine of somebody else's is theirs to end.
    [ -z "${LLSYS_DOCKER_HOST:-}" ] || [ "$LLSYS_DOCKER_HOST" = "unix://$socket" ] || return 0
    alive || return 0
    # Tests that use it hold a lock; whoever comes last ends it.
    if have flock && ! flock --nonblock --exclusive "$place/users" true; then return 0; fi
    pid=$(cat "$place/docker.pid")
    kill "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 75 ] || kill -9 "$pid" 2>/dev/null || true
        sleep 0.2
    done
}

case ${1:-} in
start) start ;;
stop) stop ;;
*)
    sed -n '2,/^set -eu/{/^set -eu/d;s/^# \{0,1\}//;p;}' "$0" >&2
    exit 2
    ;;
esac
