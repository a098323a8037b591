"""A client that shares no line with ours: slixmpp, in a thread with a loop of its own.

What both clients agree on is what the service does, not what one of them makes of it.
"""
import asyncio
import inspect
import logging
import queue
import threading

logging.disable(logging.CRITICAL)  # what goes wrong shows in what does not arrive

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.matcher import StanzaPath
from slixmpp.xmlstream.handler import Callback

from harness import PATIENCE, Trouble, wait_until


class SecondClient:
    def __init__(self, world, person, interests=(), resource=""):
        self.events = queue.Queue()  # (from, node, item id, type of the message)
        self.person = person
        self.interests = interests
        self.loop = asyncio.new_event_loop()
        self.online = threading.Event()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.ask(self.connect, world, resource)
        if not self.online.wait(PATIENCE):
            raise Trouble(f"slixmpp could not log in as {person.jid}")

    def ask(self, function, *args, **more):
        """Calls a function of slixmpp in its loop and returns what it comes to."""
        async def run():
            result = function(*args, **more)
            return await result if inspect.isawaitable(result) else result
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(PATIENCE)

    async def connect(self, world, resource):
        jid = self.person.jid + ("/" + resource if resource else "")
        self.xmpp = slixmpp.ClientXMPP(jid, self.person.password)
        self.xmpp.ca_certs = world.server.certificate
        for plugin in ("xep_0030", "xep_0060", "xep_0092", "xep_0115", "xep_0199"):
            self.xmpp.register_plugin(plugin)
        self.xmpp.register_handler(Callback(
            "events", StanzaPath("message/pubsub_event"), self.on_event))
        self.xmpp.add_event_handler("session_start", self.on_session)
        self.xmpp.connect(address=("127.0.0.1", world.server.client_port))

    async def on_session(self, _):
        for node in self.interests:  # not earlier: features belong to the full JID
            self.xmpp["xep_0030"].add_feature(node + "+notify")
        await self.xmpp["xep_0115"].update_caps(broadcast=False)
        self.xmpp.send_presence()
        self.online.set()

    def on_event(self, message):
        items = message["pubsub_event"]["items"]
        for item in items["substanzas"] or [{"id": ""}]:
            self.events.put((str(message["from"]), items["node"], item["id"], message["type"]))

    def drain(self):
        """What has come so far."""
        found = []
        while not self.events.empty():
            found.append(self.events.get())
        return found

    def await_event(self, node):
        """The next event of that node."""
        found = []

        def look():
            found.extend(self.drain())
            return [event for event in found if event[1] == node]
        return wait_until(f"{self.person.jid} hears of {node}", look)[0]

    def error_of(self, function, *args, **more):
        """The condition it is refused with; None if it is not."""
        try:
            self.ask(function, *args, **more)
        except IqError as error:
            return error.condition
        return None

    def end(self):
        async def leave():
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
