"""Private XMPP servers on loopback: Prosody and ejabberd, with peppy in the place of their own
Personal Eventing or with their own; and a Prosody of another domain, to which both can talk.
"""
import glob
import os
import pwd
import shutil
import subprocess

from program import Program, Trouble, listens, wait_until

HOST = "localhost"
COMPONENT = "pubsub.localhost"
REMOTE_HOST = "127.0.0.2"  # a domain that resolves everywhere, and is not ours
SECRET = "only for a test"

NS_PUBSUB = "http://jabber.org/protocol/pubsub"
NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items"


def read_text(path):
    with open(path) as file:
        return file.read()


def make_certificate(host, certificate, key):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "30", "-subj", "/CN=" + host, "-addext",
         "subjectAltName=DNS:" + host, "-keyout", key, "-out", certificate],
        check=True, stderr=subprocess.DEVNULL)


class Server(Program):
    """What they have in common."""

    host = HOST
    address = "127.0.0.1"
    user = None  # the package's user; neither of them runs as root

    def __init__(self, folder, ports, own_pep=False, remote_port=0):
        """ports: for clients, components and servers. remote_port: where the other domain listens."""
        self.folder = os.path.join(folder, self.host)
        super().__init__(self.kind, os.path.join(folder, self.host + ".log"))
        self.client_port, self.component_port, self.server_port = ports
        self.own_pep = own_pep
        self.remote_port = remote_port
        os.mkdir(self.folder)
        self.certificate = os.path.join(folder, self.host + ".crt")
        self.key = os.path.join(self.folder, self.host + ".key")
        make_certificate(self.host, self.certificate, self.key)
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
        return all(listens(port, self.address) for port in (self.client_port, self.component_port))

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path


# Prosody finds other servers by DNS; here they are where the configuration says.
LOOPBACK = '''
module:set_global();
local service = require "net.resolvers.service";
local manual = require "net.resolvers.manual";
local ports = module:get_option("loopback");
local new = service.new;
function service.new(host, name, kind, extra)
	if not ports[host] then return new(host, name, kind, extra); end
	local address = host:match("^%d") and host or "127.0.0.1";
	return manual.new({ { "tcp4", address, ports[host], extra } }, kind, extra);
end
'''

WITH_PEPPY = f'''
  modules_enabled = {{ "delegation"; "privilege" }}
  delegations = {{
    ["{NS_PUBSUB}"] = {{ jid = "{COMPONENT}" }};
    ["{NS_PUBSUB}#owner"] = {{ jid = "{COMPONENT}" }};
    ["jabber:iq:private"] = {{ jid = "{COMPONENT}" }};
    ["vcard-temp"] = {{ jid = "{COMPONENT}" }};
    ["urn:xmpp:delegation:2:bare:disco#info:*"] = {{ jid = "{COMPONENT}" }};
    ["urn:xmpp:delegation:2:bare:disco#items:*"] = {{ jid = "{COMPONENT}" }};
  }}
  privileged_entities = {{
    ["{COMPONENT}"] = {{ roster = "both"; message = "outgoing"; presence = "roster" }};
  }}

Component "{COMPONENT}"
  component_secret = "{SECRET}"
  modules_enabled = {{ "delegation"; "privilege" }}
'''

WITH_OWN_PEP = '''
  modules_enabled = { "pep"; "bookmarks"; "private"; "vcard4"; "vcard_legacy" }
'''


class Prosody(Server):
    kind = "prosody"
    user = "prosody"

    def configure(self):
        os.makedirs(self.folder + "/plugins")
        self.write("plugins/mod_loopback.lua", LOOPBACK)
        self.config = self.write("prosody.cfg.lua", f'''
run_as_root = false
daemonize = false
pidfile = "{self.folder}/prosody.pid"
data_path = "{self.folder}"
plugin_paths = {{ "{self.folder}/plugins" }}
log = {{ info = "*console" }}
interfaces = {{ "{self.address}" }}
c2s_ports = {{ {self.client_port} }}
s2s_ports = {{ {self.server_port} }}
component_ports = {{ {self.component_port} }}
component_interfaces = {{ "{self.address}" }}
ssl = {{ certificate = "{self.certificate}"; key = "{self.key}" }}
modules_disabled = {{ "offline"{'' if self.own_pep else '; "pep"'} }}
modules_enabled = {{ "roster"; "saslauth"; "tls"; "disco"; "ping"; "register"; "component";
  "blocklist"; "s2s"; "dialback"; "loopback" }}
loopback = {self.neighbours()}
authentication = "internal_plain"
allow_registration = true
limits = {{}}

VirtualHost "{self.host}"
{self.personal_eventing()}
''')

    def neighbours(self):
        return f'{{ ["{REMOTE_HOST}"] = {self.remote_port} }}'

    def personal_eventing(self):
        return WITH_OWN_PEP if self.own_pep else WITH_PEPPY

    def command(self):
        return ["prosody", "-F", "--config", self.config], {}


class Verona(Prosody):
    """Another domain, without Personal Eventing: its users are remote contacts."""

    host = address = REMOTE_HOST

    def neighbours(self):
        return f'{{ ["{HOST}"] = {self.remote_port}; ["{COMPONENT}"] = {self.remote_port} }}'

    def personal_eventing(self):
        return ""


EJABBERD_WITH_PEPPY = f'''
  mod_delegation:
    namespaces:
      "{NS_PUBSUB}": {{ access: pubsub_component }}
      "{NS_PUBSUB}#owner": {{ access: pubsub_component }}
      "{NS_DISCO_ITEMS}": {{ access: pubsub_component }}
      "jabber:iq:private": {{ access: pubsub_component }}
      "vcard-temp": {{ access: pubsub_component }}
  mod_privilege:
    roster: {{ both: pubsub_component }}
    presence: {{ roster: pubsub_component }}
    message: {{ outgoing: pubsub_component }}
'''

# as the configuration of the package has it, and what else it can be told to do better
EJABBERD_WITH_OWN_PEP = '''
  mod_avatar: {}
  mod_caps: {}
  mod_private: {}
  mod_pubsub:
    access_createnode: everyone
    ignore_pep_from_offline: false
    last_item_cache: true
    max_items_node: 1000
    plugins: [flat, pep]
    force_node_config:
      "eu.siacs.conversations.axolotl.*":
        access_model: open
      storage:bookmarks:
        access_model: whitelist
  mod_vcard: {search: false}
  mod_vcard_xupdate: {}
'''


class Ejabberd(Server):
    kind = "ejabberd"
    user = "ejabberd"

    def configure(self):
        pem = self.write("localhost.pem", "".join(map(read_text, (self.certificate, self.key))))
        self.config = self.write("ejabberd.yml", f'''
hosts: [{HOST}]
loglevel: info
certfiles: ["{pem}"]
s2s_use_starttls: optional
outgoing_s2s_port: {self.remote_port or 5269}
listen:
  - port: {self.client_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    starttls: true
    max_stanza_size: 4194304
    shaper: none
  - port: {self.server_port}
    ip: "127.0.0.1"
    module: ejabberd_s2s_in
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
  mod_blocking: {{}}
  mod_disco: {{}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_roster: {{}}
  mod_s2s_dialback: {{}}
  mod_register:
    access: everyone
    ip_access: all
    password_strength: 0
{EJABBERD_WITH_OWN_PEP if self.own_pep else EJABBERD_WITH_PEPPY}''')

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


def is_installed(kind):
    program = {"prosody": "prosody", "ejabberd": "erl"}[kind]
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin") and (
        kind != "ejabberd" or bool(glob.glob("/usr/lib/*/ejabberd-*/ebin/ejabberd.beam")))
