"""A third one: nbxmpp, which is Gajim's, with the calls that Gajim makes."""
import threading
from types import SimpleNamespace

import gi
gi.require_version("Soup", "3.0")
from gi.repository import GLib

from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.errors import is_error
from nbxmpp.protocol import JID, Presence
from nbxmpp.structs import (
    ActivityData, BookmarkData, DiscoIdentity, LocationData, OMEMOBundle, TuneData)
from nbxmpp.modules.user_avatar import Avatar

from inbox import Inbox
from program import PATIENCE, Trouble

loop = GLib.MainLoop()
threading.Thread(target=loop.run, daemon=True).start()


class Refused(Trouble):
    """An error answer; condition and app_condition are nbxmpp's."""

    def __init__(self, error):
        super().__init__(str(error))
        self.condition = getattr(error, "condition", None)
        self.app_condition = getattr(error, "app_condition", None)


class ThirdClient(Inbox):
    name = "nbxmpp"

    def __init__(self, person, interests=()):
        super().__init__(f"{person.jid} ({self.name})")
        self.person = person
        self.interests = interests
        self.online = threading.Event()
        self.in_loop(self.connect)
        if not self.online.wait(PATIENCE):
            raise Trouble(f"nbxmpp could not log in as {person.jid}")

    @staticmethod
    def in_loop(function, *args, **more):
        """Calls it in the thread of nbxmpp and returns what it returns."""
        done, result = threading.Event(), []

        def run():
            try:
                result.append((function(*args, **more), None))
            except Exception as error:
                result.append((None, error))
            done.set()
        GLib.idle_add(run)
        if not done.wait(PATIENCE):
            raise Trouble("nbxmpp hangs")
        value, error = result[0]
        if error is not None:
            raise error
        return value

    def connect(self):
        self.xmpp = Client(log_context=self.person.name)
        self.xmpp.set_domain(self.person.server.host)
        self.xmpp.set_username(self.person.name)
        self.xmpp.set_password(self.person.password)
        self.xmpp.set_resource("gajim")
        self.xmpp.set_ignore_tls_errors(True)  # the certificate is of this very test
        self.xmpp.set_custom_host(
            f"{self.person.server.address}:{self.person.server.client_port}",
            ConnectionProtocol.TCP, ConnectionType.START_TLS)
        self.xmpp.subscribe("connected", lambda *_: self.wish())
        self.xmpp.subscribe("stanza-received", self.on_stanza)
        self.xmpp.connect()

    def on_stanza(self, _client, _signal, stanza):
        if stanza.getName() == "message":
            self.put(str(stanza))

    def wish(self):
        caps = self.xmpp.get_module("EntityCaps")
        caps.set_caps(
            [DiscoIdentity("client", "pc", "Gajim")],
            ["http://jabber.org/protocol/disco#info"] + [node + "+notify" for node in self.interests],
            "https://gajim.org")
        presence = Presence()
        presence.setTag("c", namespace="http://jabber.org/protocol/caps", attrs={
            "hash": "sha-1", "node": caps.caps.node, "ver": caps.caps.ver})
        self.xmpp.send_stanza(presence)
        self.online.set()

    def ask(self, module, function, *args, **more):
        """Calls a function of a module of nbxmpp and returns what it comes to."""
        done, result = threading.Event(), []

        def finished(task):
            try:
                result.append(task.finish())
            except Exception as error:
                result.append(error)
            done.set()

        def run():
            call = getattr(self.xmpp.get_module(module), function)
            call(*args, callback=finished, **more)
        self.in_loop(run)
        if not done.wait(PATIENCE):
            raise Trouble(f"{self.owner}: {function} is not answered")
        if isinstance(result[0], Exception) or is_error(result[0]):
            raise Refused(result[0])
        return result[0]

    def publish_profiles(self, mark):
        """What Gajim publishes."""
        avatar = Avatar()
        avatar.add_image_source(b"\x89PNG" + mark.encode() * 999, "image/png", 64, 64)
        bundle = OMEMOBundle(
            spk={"id": 1, "key": mark.encode()}, spk_signature=b"signature", ik=b"identity",
            otpks=[{"id": number, "key": b"key %d" % number} for number in range(100)])
        room = BookmarkData(jid=JID.from_string(f"{mark}@rooms.test"), name=mark, autojoin=True)
        calls = (
            ("Tune", "set_tune", TuneData(title=mark)),
            ("Mood", "set_mood", SimpleNamespace(mood="calm", text=mark)),  # its MoodData lacks text
            ("Activity", "set_activity", ActivityData("working", "coding", mark)),
            ("Location", "set_location", LocationData(locality=mark)),
            ("Nickname", "set_nickname", mark),
            ("UserAvatar", "set_avatar", avatar),
            ("OMEMO", "set_devicelist", [1, 2]),
            ("OMEMO", "set_bundle", bundle, 1),
            ("NativeBookmarks", "store_bookmarks", [room]),
        )
        for module, function, *args in calls:
            self.ask(module, function, *args)

    def end(self):
        self.in_loop(self.xmpp.disconnect)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
