# The machine of CUDA submissions: nvcc and CUDA's headers and libraries from the base, and what cpu.Dockerfile has.
# The engine must have been built on a system no newer than the base. The driver's libraries come with the device.
# Build: python -m grader.sandbox.docker build-image --kind cuda [--base IMAGE]
ARG BASE=docker.io/nvidia/cuda:13.0.1-devel-ubuntu24.04
FROM ${BASE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        g++ libc6-dev libgomp1 python3 python3-venv valgrind \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
    && find / -xdev -type f \( -perm -4000 -o -perm -2000 \) -exec chmod a-s {} + \
    # The interpreter of the engine may be mounted below a home folder.
    && chmod 0755 /root \
    && mkdir -p /box /src /in /harness /engine /models /runtime /pch
ENV PATH=/usr/local/cuda/bin:$PATH
WORKDIR /box
