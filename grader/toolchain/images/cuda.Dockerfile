# The machine of CUDA submissions: nvcc and CUDA's libraries from the base, and what cpu.Dockerfile has.
# The base must be no older than the system the engine is built on. The driver's libraries come with the device.
# Build: python -m grader.sandbox.docker build-image --kind cuda [--base IMAGE]
ARG BASE=docker.io/nvidia/cuda:13.0.1-devel-ubuntu24.04
FROM ${BASE} AS full
# Behind the packages: no program may give its caller another user's rights, and what is not needed to compile and run
# is not there, as under bubblewrap: an image is no place to look for secrets, accounts or sockets.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        g++ libc6-dev libgomp1 python3 python3-venv valgrind \
    && find / -xdev -type f \( -perm -4000 -o -perm -2000 \) -exec chmod a-s {} + \
    && find /etc -mindepth 1 -maxdepth 1 ! -name alternatives ! -name 'ld.so.*' -exec rm -rf {} + 2>/dev/null; \
    rm -rf /var /home /root /srv /media /mnt /boot /run/* /tmp/* /usr/share/doc /usr/share/man /usr/share/locale \
    && mkdir -p /box /src /in /harness /engine /models /runtime /pch \
    && chmod 1777 /box /tmp

FROM scratch
COPY --from=full / /
ENV PATH=/usr/local/cuda/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /box
