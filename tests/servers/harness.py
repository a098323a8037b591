"""A private XMPP server on loopback with peppyd attached, and people who use it.

Shared by tools/try and by the tests beside this file. Everything lives in one temporary folder and
dies with the process that made it; nothing listens but on 127.0.0.1.
"""
import atexit
import ctypes
import glob
import os
import pwd
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HOST = "localhost"
COMPONENT = "pubsub.localhost"
SECRET = "only for a test"
PATIENCE = 30  # seconds until what should happen has not happened

NS_PUBSUB = "http://jabber.org/protocol/pubsub"
NS_TUNE = "http://jabber.org/protocol/tune"


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


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def die_with_parent():
    """Between fork and exec: whoever kills us, with -9 too, leaves nothing running."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


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


class Server(Program):
    """What Prosody and ejabberd have in common."""

    user = None  # the package's user; neither of them runs as root

    def __init__(self, folder, ports):
        self.folder = os.path.join(folder, self.kind)
        super().__init__(self.kind, os.path.join(folder, self.kind + ".log"))
        self.client_port, self.component_port = ports
        os.mkdir(self.folder)
        self.certificate = os.path.join(folder, "localhost.crt")
        self.key = os.path.join(self.folder, "localhost.key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "30", "-subj", "/CN=" + HOST, "-addext",
             "subjectAltName=DNS:" + HOST, "-keyout", self.key, "-out", self.certificate],
            check=True, stderr=subprocess.DEVNULL)
        self.configure()
        open(self.log, "w").close()
        if os.geteuid() == 0:
            for path in [self.folder, self.log, *glob.glob(self.folder + "/*")]:
                shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def configure(self):
        raise NotImplementedError

    def command(self):
        """argv and environment"""
        raise NotImplementedError

    def start(self):
        argv, environment = self.command()
        self.spawn(argv, self.user if os.geteuid() == 0 else None, cwd=self.folder,
                   env=dict(os.environ, HOME=self.folder, **environment))
        wait_until(f"{self.kind} listens", self.is_ready)

    def is_ready(self):
        if not self.is_running():
            raise Trouble(f"{self.kind} does not start:\n{self.said()}")
        return listens(self.client_port) and listens(self.component_port)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path


class Prosody(Server):
    kind = "prosody"
    user = "prosody"
    packages = "prosody"

    def configure(self):
        self.config = self.write("prosody.cfg.lua", f'''
run_as_root = false
daemonize = false
pidfile = "{self.folder}/prosody.pid"
data_path = "{self.folder}"
log = {{ info = "*console" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.client_port} }}
component_ports = {{ {self.component_port} }}
component_interfaces = {{ "127.0.0.1" }}
ssl = {{ certificate = "{self.certificate}"; key = "{self.key}" }}
modules_disabled = {{ "s2s"; "pep"; "offline" }}
modules_enabled = {{ "roster"; "saslauth"; "tls"; "disco"; "ping"; "register"; "component" }}
authentication = "internal_plain"
allow_registration = true
limits = {{}}

VirtualHost "{HOST}"
  modules_enabled = {{ "delegation"; "privilege" }}
  delegations = {{
    ["{NS_PUBSUB}"] = {{ jid = "{COMPONENT}" }};
    ["{NS_PUBSUB}#owner"] = {{ jid = "{COMPONENT}" }};
    ["urn:xmpp:delegation:2:bare:disco#info:*"] = {{ jid = "{COMPONENT}" }};
    ["urn:xmpp:delegation:2:bare:disco#items:*"] = {{ jid = "{COMPONENT}" }};
  }}
  privileged_entities = {{
    ["{COMPONENT}"] = {{ roster = "both"; message = "outgoing"; presence = "roster" }};
  }}

Component "{COMPONENT}"
  component_secret = "{SECRET}"
  modules_enabled = {{ "delegation"; "privilege" }}
''')

    def command(self):
        return ["prosody", "-F", "--config", self.config], {}


class Ejabberd(Server):
    kind = "ejabberd"
    user = "ejabberd"
    packages = "ejabberd"

    def configure(self):
        pem = self.write("localhost.pem", "".join(map(read_text, (self.certificate, self.key))))
        self.config = self.write("ejabberd.yml", f'''
hosts: [{HOST}]
loglevel: info
certfiles: ["{pem}"]
listen:
  - port: {self.client_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls: true
    max_stanza_size: 4194304
    shaper: none
  - port: {self.component_port}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper: none
    max_stanza_size: infinity
    hosts: {{ "{COMPONENT}": {{ password: "{SECRET}" }} }}
acl:
  pubsub_component: {{ server: "{COMPONENT}" }}
access_rules:
  pubsub_component: {{ allow: pubsub_component }}
  everyone: {{ allow: all }}
registration_timeout: infinity
modules:
  mod_disco: {{}}
  mod_ping: {{}}
  mod_roster: {{}}
  mod_register:
    access: everyone
    ip_access: all
    password_strength: 0
  mod_delegation:
    namespaces:
      "{NS_PUBSUB}": {{ access: pubsub_component }}
      "{NS_PUBSUB}#owner": {{ access: pubsub_component }}
  mod_privilege:
    roster: {{ both: pubsub_component }}
    presence: {{ roster: pubsub_component }}
    message: {{ outgoing: pubsub_component }}
''')

    def command(self):
        home = sorted(glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.beam"))
        if not home:
            raise Trouble("where is ejabberd's library folder?")
        environment = {
            "EJABBERD_CONFIG_PATH": self.config,
            "EJABBERD_LOG_PATH": self.folder + "/ejabberd.log",
            "ERL_LIBS": os.path.dirname(os.path.dirname(os.path.dirname(home[-1]))),
            "ERL_CRASH_DUMP_BYTES": "0",
        }
        return ["erl", "-noinput", "-mnesia", "dir", f'"{self.folder}/spool"', "-s", "ejabberd"], \
            environment


SERVERS = {server.kind: server for server in (Prosody, Ejabberd)}


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

    def configure(self, component_port, secret, limits=""):
        with open(self.config, "w", opener=private) as file:
            file.write(f'''component "{COMPONENT}" {{
    server  = "127.0.0.1"
    port    = {component_port}
    secret  = '{secret}'
    domains = {{"{HOST}"}}
}}
store {{ path = "{self.store}" }}
limits {{ {limits} }}
''')

    def start(self):
        self.spawn([self.program, "-c", self.config])


def read_text(path):
    with open(path) as file:
        return file.read()


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

    def __init__(self, world, name):
        self.name = name
        self.jid = f"{name}@{HOST}"
        self.program = world.client
        self.environment = dict(
            os.environ, PEPPY_JID=self.jid, PEPPY_PASSWORD="secret of " + name,
            PEPPY_HOST="127.0.0.1", PEPPY_PORT=str(world.server.client_port),
            PEPPY_CA_FILE=world.server.certificate)
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

    def __init__(self, person, words):
        self.person = person
        self.lines, said = queue.Queue(), queue.Queue()
        self.seen = []
        self.process = subprocess.Popen(
            [person.program, "watch", *words], env=person.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        for stream, lines in ((self.process.stdout, self.lines), (self.process.stderr, said)):
            threading.Thread(target=self.read, args=(stream, lines), daemon=True).start()
        try:  # apart from the lines of items, which may come before it
            first = said.get(timeout=PATIENCE)
        except queue.Empty:
            raise Trouble(f"{person.jid} is not online after {PATIENCE} seconds") from None
        if not first.startswith("watching as "):
            raise Trouble(f"{person.jid}: {first}")
        self.jid = first.split()[-1]

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.put(line.rstrip("\n"))

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
    """A server, peppyd, and the folder they live in."""

    def __init__(self, kind, build, first_ports=(None, None), limits=""):
        self.client = os.path.join(build, "peppy")
        self.folder = tempfile.mkdtemp(prefix=f"peppy-{kind}-")
        self.owner = os.getpid()
        os.chmod(self.folder, 0o755)  # the server's user has to pass through
        atexit.register(self.close)
        self.server = SERVERS[kind](self.folder, free_ports(first_ports))
        self.peppyd = Peppyd(
            self.folder, os.path.join(build, "peppyd"), self.server.component_port, limits)

    def person(self, name):
        """Somebody who has just made an account."""
        person = Person(self, name)
        person.does("register")
        return person

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
        wait_until("peppyd is attached", is_there)

    def close(self):
        if os.getpid() != self.owner or not os.path.exists(self.folder):
            return
        self.peppyd.end()
        self.server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def is_installed(kind):
    program = {"prosody": "prosody", "ejabberd": "erl"}[kind]
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin") and (
        kind != "ejabberd" or bool(glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.beam")))


def exit_on_signals():
    """So that what atexit has to clean up is cleaned up."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
