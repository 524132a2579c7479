# A grading machine: compiler, sandbox and the pinned engine, built into the image. No database, no secret of the site.
# The base must be Debian or Ubuntu with python3 (3.11 to 3.13) and venv. Build with the project's folder as context.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ cmake ninja-build bubblewrap valgrind \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10002 --create-home --home-dir /var/lib/grader grader
WORKDIR /srv/llsys
COPY requirements/app.txt requirements/engine.txt requirements/
RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/app.txt
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 LLSYS_TOOLCHAIN_DIR=/opt/toolchain GRADER_CACHE_DIR=/var/lib/grader/bundles
# The engine's own layer: it is rebuilt only when its recipe or the fixture model changes.
COPY grader/__init__.py grader/__init__.py
COPY grader/toolchain grader/toolchain
COPY content/models content/models
RUN python -m grader.toolchain build && rm -rf /opt/toolchain/downloads
COPY grader grader
COPY content content
USER grader
CMD ["python", "-m", "grader.worker"]
