"""A private XMPP server on loopback with peppyd attached, and people who use it.

Shared by tools/try and by the tests beside this file. Everything lives in one temporary folder and
dies with the process that made it; nothing listens but on 127.0.0.1.
"""
import atexit
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time

from link import Link
from program import PATIENCE, Program, Trouble, die_with_parent, free_ports, wait_until
from servers import COMPONENT, HOST, SECRET, SERVERS, Verona


class Peppyd(Program):
    """The service under test."""

    def __init__(self, folder, program, component_port, limits=""):
        super().__init__("peppyd", os.path.join(folder, "peppyd.log"))
        self.program = program
        self.store = os.path.join(folder, "store")
        os.mkdir(self.store)
        self.config = os.path.join(folder, "peppy.conf")
        self.configure(component_port, SECRET, limits)
        open(self.log, "w").close()

    def configure(self, component_port, secret, limits="", stream=""):
        with open(self.config, "w", opener=private) as file:
            file.write(f'''component "{COMPONENT}" {{
    server  = "127.0.0.1"
    port    = {component_port}
    secret  = '{secret}'
    domains = {{"{HOST}"}}
    admins  = {{"escalus@{HOST}"}}
    {stream}
}}
store {{ path = "{self.store}" }}
limits {{ {limits} }}
''')

    def start(self):
        self.spawn([self.program, "-c", self.config])


def private(path, flags):
    return os.open(path, flags, 0o600)


class Answer:
    """What a run of the client came to."""

    def __init__(self, done):
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def __str__(self):
        return f"exit status {self.status}, {self.out!r}, {self.err!r}"


class Person:
    """Somebody with an account, at the command line."""

    def __init__(self, world, name, server):
        self.name = name
        self.jid = f"{name}@{server.host}"
        self.server = server
        self.program = world.client
        self.environment = dict(
            os.environ, PEPPY_JID=self.jid, PEPPY_PASSWORD="secret of " + name,
            PEPPY_HOST=server.address, PEPPY_PORT=str(server.client_port),
            PEPPY_CA_FILE=server.certificate)
        self.password = self.environment["PEPPY_PASSWORD"]

    def run(self, *words):
        """peppy WORDS..., whatever comes of it."""
        return Answer(subprocess.run(
            [self.program, *words], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120))

    def does(self, *words):
        """peppy WORDS..., which has to succeed; returns what it printed."""
        answer = self.run(*words)
        if answer.status != 0:
            raise Trouble(f"{self.jid}: peppy {' '.join(words)}: {answer}")
        return answer.out

    def watches(self, *words):
        return Watch(self, words)


class Watch:
    """peppy watch, running."""

    def __init__(self, person, words, on_line=None):
        """on_line: is given each line instead, in a thread."""
        self.person = person
        self.lines, said = queue.Queue(), queue.Queue()
        self.seen = []
        self.process = subprocess.Popen(
            [person.program, "watch", *words], env=person.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        for stream, take in ((self.process.stdout, on_line or self.lines.put),
                             (self.process.stderr, said.put)):
            threading.Thread(target=self.read, args=(stream, take), daemon=True).start()
        try:  # apart from the lines of items, which may come before it
            first = said.get(timeout=PATIENCE)
        except queue.Empty:
            raise Trouble(f"{person.jid} is not online after {PATIENCE} seconds") from None
        if not first.startswith("watching as "):
            raise Trouble(f"{person.jid}: {first}")
        self.jid = first.split()[-1]

    @staticmethod
    def read(stream, take):
        for line in stream:
            take(line.rstrip("\n"))

    def expect(self, pattern, seconds=PATIENCE):
        """The next line that matches."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise Trouble(f"{self.person.jid} has waited {seconds} seconds for {pattern!r}; "
                              f"seen: {self.seen[-8:]}") from None
            self.seen.append(line)
            if re.search(pattern, line):
                return line

    def count(self, pattern, seconds):
        """How many matching lines come within that time."""
        end = time.monotonic() + seconds
        found = 0
        while time.monotonic() < end:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            self.seen.append(line)
            found += re.search(pattern, line) is not None
        return found

    def end(self):
        """Goes offline in good manners; returns the exit status."""
        self.process.terminate()
        return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, trouble, *_):
        status = self.end()
        if trouble is None and status != 0:
            raise Trouble(f"{self.person.jid}: peppy watch ended with {status}")


class World:
    """A server, peppyd unless its own Personal Eventing is on, and the folder they live in."""

    def __init__(self, kind, build, first_ports=(None, None), limits="", own_pep=False):
        self.client = os.path.join(build, "peppy")
        self.folder = tempfile.mkdtemp(prefix=f"peppy-{kind}-")
        self.owner = os.getpid()
        os.chmod(self.folder, 0o755)  # the server's user has to pass through
        atexit.register(self.close)
        ports = free_ports([*first_ports, None, None, None, None])
        self.server = SERVERS[kind](self.folder, ports[:3], own_pep, ports[5])
        self.verona_ports = ports[3:]
        self.verona = None
        self.newcomers = 0
        self.link = Link(self.server.component_port)
        self.peppyd = None if own_pep else Peppyd(
            self.folder, os.path.join(build, "peppyd"), self.link.port, limits)

    def start(self):
        self.server.start()
        if self.peppyd:
            self.peppyd.start()

    def start_verona(self):
        """The other domain."""
        self.verona = Verona(self.folder, self.verona_ports, False, self.server.server_port)
        self.verona.start()

    def person(self, name, server=None):
        """Somebody who has just made an account."""
        person = Person(self, name, server or self.server)
        person.does("register")
        return person

    def newcomer(self, name, server=None):
        """Likewise, who was never there before."""
        self.newcomers += 1
        return self.person(f"{name}{self.newcomers}", server)

    def make_contacts(self, one, other):
        """Each has the other's presence."""
        one.does("contact", other.jid)
        other.does("contact", one.jid)
        wait_until("they are contacts", lambda: "both" in one.does("contact", other.jid))

    def wait_for_peppyd(self, person):
        """Until the component answers and accounts are delegated to it."""
        def is_there():
            if not self.peppyd.is_running():
                raise Trouble(f"peppyd does not run:\n{self.peppyd.said()}")
            return (person.run("ping", "--service", COMPONENT).status == 0 and
                    "unavailable" not in person.run("items", "--node", "nothing").err)
        if self.peppyd:
            wait_until("peppyd is attached", is_there)

    def close(self):
        if os.getpid() != self.owner or not os.path.exists(self.folder):
            return
        for program in (self.peppyd, self.server, self.verona):
            if program:
                program.end()
        self.link.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
