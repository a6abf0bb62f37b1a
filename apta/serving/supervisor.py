"""The processes of a running installation: the web server and the worker, started, watched and stopped together."""

import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)

SECONDS_FOR_REQUESTS = 30
# Until a process that was asked to end is ended. A mail in the hands of the worker has ten seconds, and is retried.
SECONDS_TO_END = SECONDS_FOR_REQUESTS + 10
SECONDS_TO_BEGIN = 120.0
SECONDS_BEFORE_RESTART = 5.0
# Connections that wait while all threads are busy.
BACKLOG = 2_048
STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})
SIGNALS = STOPPING | {signal.SIGHUP, signal.SIGCHLD}

MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))
METRICS_FOLDER = settings.DATA_DIR / "metrics"
GUNICORN_SETTINGS = Path(__file__).with_name("gunicorn_settings.py")


class Process:
    """A child process."""

    def __init__(self, name: str, command: Sequence[str], *, files: Sequence[int] = (), **environment: str) -> None:
        self.name = name
        values = os.environ | environment
        self.began = time.monotonic()
        # The signals that the supervisor waits for would stay blocked in the child.
        self.running = subprocess.Popen(command, cwd=settings.BASE_DIR, env=values, preexec_fn=_unblock, pass_fds=files)

    def ended_with(self) -> int | None:
        """The exit code where it has ended by itself; ``None`` where it runs."""
        return self.running.poll()

    def stop(self) -> None:
        """Ask it to end, wait until it has, and kill it where it does not."""
        self.running.terminate()
        try:
            self.running.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            log.error("The %s did not end within %d seconds and is killed.", self.name, SECONDS_TO_END)
            self.running.kill()
            self.running.wait()


class WebServer(Process):
    """gunicorn on a socket that the supervisor holds, so that two of them can overlap."""

    def __init__(self, listening: socket.socket) -> None:
        self._ready, ready_end = os.pipe()
        command = (
            *(sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_SETTINGS)),
            *("--bind", f"fd://{listening.fileno()}", "--graceful-timeout", str(SECONDS_FOR_REQUESTS)),
            *("--workers", str(settings.WEB_PROCESSES), "--threads", str(settings.WEB_THREADS)),
            "apta.wsgi",
        )
        environment = {
            # Where each of its processes says that it answers.
            "APTA_READY_FD": str(ready_end),
            # Where they add up what each has counted (apta.health.metrics).
            "PROMETHEUS_MULTIPROC_DIR": str(METRICS_FOLDER),
        }
        super().__init__("web server", command, files=(listening.fileno(), ready_end), **environment)
        os.close(ready_end)

    def is_ready(self) -> bool:
        """Wait until all its processes answer; ``False`` where it ends before, takes too long, or all is to stop."""
        ready, until = 0, time.monotonic() + SECONDS_TO_BEGIN
        try:
            while ready < settings.WEB_PROCESSES and time.monotonic() < until and not STOPPING & signal.sigpending():
                if select.select([self._ready], [], [], 0.2)[0]:
                    said = os.read(self._ready, 64)
                    if not said:
                        return False
                    ready += len(said)
            return ready >= settings.WEB_PROCESSES
        finally:
            os.close(self._ready)


class Supervisor:
    """Runs the web server and, if wanted, the worker, until SIGTERM.

    - SIGTERM or SIGINT: the web server finishes what it answers and ends; then the worker, which by then has been
      handed all there is.
    - SIGHUP: the database and static files are brought to the version that stands on the disk; a second web server
      begins with it on the same socket; once that answers, the first one finishes what it answers and ends, and the
      worker starts anew. Where any of it fails, everything runs on as before.
    - The web server ends by itself: the worker is stopped, and the exit code handed on, for systemd to start again.
    - The worker ends by itself: it is started again.

    Raises:
        ImproperlyConfigured: nothing can listen on ``APTA_BIND``.
    """

    def __init__(self, *, with_worker: bool = True) -> None:
        self.with_worker = with_worker
        host, _, port = settings.BIND.rpartition(":")
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        try:
            self.listening = socket.create_server((host.strip("[]"), int(port)), family=family, backlog=BACKLOG)
        except OSError as problem:
            raise ImproperlyConfigured(
                f"APTA_BIND is {settings.BIND}, where nothing can listen: {problem}"
            ) from problem

    def run(self) -> int:
        """Start everything and stay until the end; the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        # Figures begin anew with the installation, and stay when it is reloaded.
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
        METRICS_FOLDER.mkdir(mode=0o700)
        self.web = WebServer(self.listening)
        self.worker = self._new_worker()
        if self.web.is_ready():
            (settings.DATA_DIR / "serve.pid").write_text(f"{os.getpid()}\n")
            log.info("apta is served on %s by the process %d.", settings.BIND, os.getpid())
        while True:
            received = signal.sigtimedwait(SIGNALS, 1.0)
            number = received.si_signo if received else None
            if number in STOPPING:
                self.stop()
                return 0
            if number == signal.SIGHUP:
                self.reload()
            code = self.web.ended_with()
            if code is not None:
                log.error("The web server has ended with %d.", code)
                self.stop()
                return code if code > 0 else 1
            self._restart_worker()

    def stop(self) -> None:
        log.info("Stopping: first the web server, then the worker.")
        self.web.stop()
        if self.worker:
            self.worker.stop()
        log.info("Stopped.")

    def reload(self) -> None:
        """Take over the code that stands on the disk, without a failed request."""
        log.info("Reloading.")
        done = subprocess.run((*MANAGE, "serve", "--prepare-only"), cwd=settings.BASE_DIR, preexec_fn=_unblock)
        if done.returncode:
            log.error("The preparation failed with %d, so everything runs on as before.", done.returncode)
            return
        new = WebServer(self.listening)
        if not new.is_ready():
            new.stop()
            log.error("The new web server did not begin, so everything runs on as before.")
            return
        self.web.stop()
        self.web = new
        if self.worker:
            self.worker.stop()
            self.worker = self._new_worker()
        log.info("Reloaded.")

    def _new_worker(self) -> Process | None:
        return Process("worker", (*MANAGE, "worker")) if self.with_worker else None

    def _restart_worker(self) -> None:
        worker = self.worker
        if worker is None or worker.ended_with() is None:
            return
        if time.monotonic() >= worker.began + SECONDS_BEFORE_RESTART:
            log.error("The worker has ended with %s and is started again.", worker.ended_with())
            self.worker = self._new_worker()


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
