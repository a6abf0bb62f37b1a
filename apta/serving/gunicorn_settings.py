"""Settings of gunicorn that do not depend on the installation. ``manage.py serve`` adds the others.

See https://docs.gunicorn.org/en/stable/settings.html for what each means.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from apta.logs import use_for_gunicorn

# Threads, so that a client who reads slowly holds one of many and not a process.
worker_class = "gthread"
# A process that has not moved for so long is replaced. Threads do not count against it while they answer.
timeout = 60
# Seconds that a connection of the proxy is kept for its next request; longer than proxies wait in between, because a
# connection that the server closes just when a request comes loses that request.
keepalive = 75
# The heartbeat of processes, in memory: on a busy disk it can stand still.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Lines of the first process look like all others."""
    use_for_gunicorn()


def post_worker_init(worker: Any) -> None:
    """Tell the supervisor that this process answers. It listens until the first ones have said so."""
    with suppress(BrokenPipeError):
        os.write(int(os.environ["APTA_READY_FD"]), b".")
