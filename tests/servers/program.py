"""Processes in the background that die with us, ports, and waiting."""
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time

# seconds until what should happen has not happened
PATIENCE = float(os.environ.get("PEPPY_TEST_PATIENCE", 30))


class Trouble(Exception):
    """What went wrong, in a sentence for whoever reads it."""


def wait_until(what, test, seconds=PATIENCE):
    """Calls test until it returns something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        found = test()
        if found:
            return found
        if time.monotonic() > end:
            raise Trouble(f"{what}: not within {seconds} seconds")
        time.sleep(0.05)


def free_ports(firsts):
    """Ports nobody listens on: for each the first that is free from there on, None: any."""
    held = []
    try:
        for first in firsts:
            probe = socket.socket()
            held.append(probe)
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            for port in range(first, first + 100) if first else [0]:
                try:
                    probe.bind(("127.0.0.1", port))
                    break
                except OSError:
                    continue
        return [probe.getsockname()[1] for probe in held]
    finally:
        for probe in held:
            probe.close()


def listens(port, address="127.0.0.1"):
    try:
        socket.create_connection((address, port), 1).close()
        return True
    except OSError:
        return False


def die_with_parent():
    """Between fork and exec: whoever kills us, with -9 too, leaves nothing running."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def exit_on_signals():
    """So that what atexit has to clean up is cleaned up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


class Program:
    """A process of ours in the background, its output in a log."""

    def __init__(self, name, log):
        self.name = name
        self.log = log
        self.process = None

    def spawn(self, argv, user=None, **more):
        if user:
            entry = pwd.getpwnam(user)
            more.update(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent, **more)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def end(self, number=signal.SIGTERM):
        """Ends it and returns its exit status; negative if it was a signal."""
        if not self.is_running():
            return None if self.process is None else self.process.returncode
        self.process.send_signal(number)
        try:
            return self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def said(self, lines=20):
        """The end of its log, for whoever has to find out why."""
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])
