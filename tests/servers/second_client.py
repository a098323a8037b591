"""A client that shares no line with ours: slixmpp, in a thread with a loop of its own.

What all clients agree on is what the service does, not what one of them makes of it.
"""
import asyncio
import inspect
import logging
import threading
from xml.etree import ElementTree

logging.disable(logging.CRITICAL)  # what goes wrong shows in what does not arrive

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.matcher import MatchXPath
from slixmpp.xmlstream.handler import Callback

from inbox import NS_EVENT, Inbox
from program import PATIENCE, Trouble

PLUGINS = """xep_0004 xep_0030 xep_0048 xep_0049 xep_0050 xep_0054 xep_0060 xep_0092 xep_0115 xep_0191
xep_0199 xep_0223""".split()
PROFILES = """xep_0080 xep_0084 xep_0107 xep_0108 xep_0118 xep_0172""".split()  # want their events


class SecondClient(Inbox):
    name = "slixmpp"

    def __init__(self, person, interests=(), resource=""):
        super().__init__(f"{person.jid} ({self.name})")
        self.person = person
        self.interests = interests
        self.loop = asyncio.new_event_loop()
        self.online = threading.Event()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.ask(self.connect, resource)
        if not self.online.wait(PATIENCE):
            raise Trouble(f"slixmpp could not log in as {person.jid}")

    def ask(self, function, *args, **more):
        """Calls a function of slixmpp in its loop and returns what it comes to."""
        async def run():
            result = function(*args, **more)
            return await result if inspect.isawaitable(result) else result
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(PATIENCE)

    async def connect(self, resource):
        jid = self.person.jid + ("/" + resource if resource else "")
        self.xmpp = slixmpp.ClientXMPP(jid, self.person.password)
        self.xmpp.ca_certs = self.person.server.certificate
        for plugin in PLUGINS:
            self.xmpp.register_plugin(plugin)
        self.pubsub = self.xmpp["xep_0060"]
        self.xmpp.register_handler(Callback(
            "events", MatchXPath(f"{{jabber:client}}message/{{{NS_EVENT}}}event"),
            lambda message: self.put(message.xml)))
        self.xmpp.add_event_handler("session_start", self.on_session)
        self.xmpp.connect(address=(self.person.server.address, self.person.server.client_port))

    async def on_session(self, _):
        interests, self.interests = self.interests, ()
        await self.wish(interests)
        self.online.set()

    async def wish(self, interests):
        """From now on events of those nodes alone are wanted."""
        disco = self.xmpp["xep_0030"]
        for node in self.interests:
            await disco.del_feature(feature=node + "+notify")
        self.interests = interests
        for node in interests:  # not before the session: features belong to the full JID
            disco.add_feature(node + "+notify")
        await self.xmpp["xep_0115"].update_caps(broadcast=False)
        self.xmpp.send_presence()

    @property
    def jid(self):
        return self.xmpp.boundjid.full

    def form(self, fields, kind="publish-options"):
        form = self.xmpp["xep_0004"].make_form("submit")
        form.add_field("FORM_TYPE", "hidden", value="http://jabber.org/protocol/pubsub#" + kind)
        for key, value in fields.items():
            form.add_field("pubsub#" + key, value=value)
        return form

    def publish(self, node, item_id=None, payload=None, options=None, to=None, timeout=PATIENCE):
        """payload: text. Returns the id of the item."""
        answer = self.ask(
            self.pubsub.publish, to, node, item_id,
            None if payload is None else ElementTree.fromstring(payload),
            self.form(options) if options else None, timeout=timeout)
        return answer["pubsub"]["publish"]["item"]["id"]

    def create(self, node, fields):
        """On the own account, anew, configured so."""
        self.forget(node)
        self.ask(self.pubsub.create_node, None, node, config=self.form(fields, "node_config"))

    def forget(self, node):
        self.error_of(self.pubsub.delete_node, None, node)

    def items(self, node, to=None, **more):
        """{id: payload}, in order."""
        answer = self.ask(self.pubsub.get_items, to, node, **more)
        found = answer.xml.iter("{http://jabber.org/protocol/pubsub}item")
        return {item.get("id"): item[0] if len(item) else None for item in found}

    def command(self, to, node, *forms):
        """Carries out an ad-hoc command, filling in one form after the other. Its last answer."""
        return self.ask(self.carry_out, to, node, list(forms))

    async def carry_out(self, to, node, forms):
        send = self.xmpp["xep_0050"].send_command
        answer = (await send(to, node))["command"]
        while answer["status"] == "executing":
            form = answer["form"]
            form["type"] = "submit"
            form["values"] = forms.pop(0)
            action = "next" if "next" in answer["actions"] else "complete"
            answer = (await send(to, node, action=action, payload=form,
                                 sessionid=answer["sessionid"]))["command"]
        return answer

    def error_of(self, function, *args, **more):
        """The condition it is refused with; None if it is not."""
        try:
            self.ask(function, *args, **more)
        except IqError as error:
            return error.condition
        return None

    def publish_error(self, *args, **more):
        try:
            self.publish(*args, **more)
        except IqError as error:
            return error.condition
        return None

    def publish_profiles(self, mark):
        """With the functions that slixmpp has for it. Returns the id of the avatar."""
        for plugin in PROFILES:
            self.ask(self.xmpp.register_plugin, plugin)
        avatar = b"\x89PNG" + mark.encode() * 999
        digest = self.xmpp["xep_0084"].generate_id(avatar)
        metadata = {"id": digest, "type": "image/png", "bytes": len(avatar)}
        calls = (
            ("xep_0118", "publish_tune", (), {"title": mark}),
            ("xep_0107", "publish_mood", ("calm", mark), {}),
            ("xep_0108", "publish_activity", ("working", "coding", mark), {}),
            ("xep_0080", "publish_location", (), {"locality": mark}),
            ("xep_0172", "publish_nick", (mark,), {}),
            ("xep_0084", "publish_avatar", (avatar,), {}),
            ("xep_0084", "publish_avatar_metadata", (metadata,), {}),
        )
        for plugin, function, args, more in calls:
            self.ask(getattr(self.xmpp[plugin], function), *args, **more)
        return digest

    def end(self, is_lost=False):
        async def leave():
            if not is_lost:
                await self.xmpp.disconnect()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.ask(leave)
        self.loop.call_soon_threadsafe(self.loop.stop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
