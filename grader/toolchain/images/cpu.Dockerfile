# What a submission sees as its machine when the Docker sandbox is used: a compiler, Python and the tools of the labs.
# The base must be no older than the system the engine is built on (g++ and glibc), and have apt.
# Build: python -m grader.sandbox.docker build-image [--base IMAGE]
ARG BASE=docker.io/library/debian:bookworm-slim
FROM ${BASE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        g++ libc6-dev libgomp1 python3 python3-venv valgrind \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
    # No program of the image may give its caller another user's rights.
    && find / -xdev -type f \( -perm -4000 -o -perm -2000 \) -exec chmod a-s {} + \
    # Places where the sandbox puts files; the root file system itself is read-only.
    # The interpreter of the engine may be mounted below a home folder.
    && chmod 0755 /root \
    && mkdir -p /box /src /in /harness /engine /models /runtime /pch
WORKDIR /box
