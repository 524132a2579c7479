"""A sandbox from containers of a Docker engine, kept warm so that a run costs no `docker run`.

Nouns: an *engine* is the Docker daemon; a *container* is started ahead of need and waits; its *agent* is its first
process, which runs programs in it; a *shape* is what cannot be changed once a container runs; the *pool* keeps
containers of the shapes in use; a *session* is one program of one attempt, whose runs may share a container; an *owner*
is a grader's process, whose containers others remove when it is gone.

A container has no network, a read-only root, a seccomp profile made from the project's own table, no capability but
the four its agent needs, and limits on memory and processes. The program runs in it as a user of its own without any
capability, under exactly the system-call filter that it has under bubblewrap. Host and agent speak over a socket that
has lost its name before a program starts, and the program's own pipes are passed over it: the grader reads them, and
no byte goes through the engine.
"""

from grader.sandbox.docker.sandbox import Docker
from grader.sandbox.docker.settings import Settings

__all__ = ["Docker", "Settings"]
