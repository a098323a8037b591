"""Events as a client received them, whichever client it was."""
import queue
import time
from collections import namedtuple
from xml.etree import ElementTree

from program import PATIENCE, Trouble

NS_EVENT = "http://jabber.org/protocol/pubsub#event"
NS_DELAY = "urn:xmpp:delay"
NS_ADDRESS = "http://jabber.org/protocol/address"

# kind: item, retract, purge, delete, configuration, subscription; payload: an Element or None;
# late: whether it has a <delay/>; replyto: of XEP-0033, or None
Event = namedtuple("Event", "sender type kind node id payload late replyto")


def local_name(element):
    return element.tag.rpartition("}")[2]


def events_of(message):
    """The events in a <message/> (an Element)."""
    event = message.find(f"{{{NS_EVENT}}}event")
    address = message.find(f"{{{NS_ADDRESS}}}addresses/{{{NS_ADDRESS}}}address[@type='replyto']")
    common = {
        "sender": message.get("from"), "type": message.get("type"),
        "late": message.find(f"{{{NS_DELAY}}}delay") is not None,
        "replyto": None if address is None else address.get("jid"),
    }
    for child in event if event is not None else ():
        entries = list(child) if local_name(child) == "items" else [child]
        for entry in entries:
            payload = entry[0] if len(entry) else None
            yield Event(kind=local_name(entry), node=child.get("node"), id=entry.get("id"),
                        payload=payload, **common)


class NothingCame(Trouble):
    """seen: what has come instead."""

    def __init__(self, what, seen):
        super().__init__(f"{what}; seen: {[event[1:5] for event in seen]}")
        self.seen = seen


class Inbox:
    """What has come for one resource, in order."""

    def __init__(self, owner):
        self.owner = owner
        self.queue = queue.Queue()

    def put(self, xml):
        """xml: text, or an Element. Called from any thread."""
        message = ElementTree.fromstring(xml) if isinstance(xml, str) else xml
        for event in events_of(message):
            self.queue.put(event)

    def drain(self):
        """What has come so far."""
        return list(self.until_empty(0))

    def during(self, seconds):
        """What comes in that time."""
        end = time.monotonic() + seconds
        found = []
        while (left := end - time.monotonic()) > 0:
            found.extend(self.until_empty(left))
        return found

    def until_empty(self, seconds):
        try:
            yield self.queue.get(timeout=seconds) if seconds else self.queue.get_nowait()
            while True:
                yield self.queue.get_nowait()
        except queue.Empty:
            pass

    def until(self, node, item_id=None, kind="item", seconds=PATIENCE):
        """The events up to the first one like this, which is the last of them."""
        found = []
        end = time.monotonic() + seconds
        while True:
            try:
                event = self.queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise NothingCame(f"{self.owner} has waited {seconds} seconds for {kind} "
                                  f"{item_id} of {node}", found) from None
            found.append(event)
            if (event.kind, event.node) == (kind, node) and item_id in (None, event.id):
                return found

    def await_event(self, node, item_id=None, kind="item", seconds=PATIENCE):
        return self.until(node, item_id, kind, seconds)[-1]
