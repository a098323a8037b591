"""The people that all scenarios have in common, what they say, and what is held against it."""
import os
import re
import time
from contextlib import ExitStack
from xml.etree import ElementTree

from harness import Watch
from inbox import Inbox, NothingCame
from program import PATIENCE, Trouble
from second_client import SecondClient
from servers import COMPONENT, NS_PUBSUB
from third_client import ThirdClient

SILENCE = 1.0  # seconds in which nothing must come
SETTLE = 3.0  # seconds for an event to come if the service knows that it is wanted
SERVICE = ("--service", COMPONENT)

NS_TUNE = "http://jabber.org/protocol/tune"
NS_MOOD = "http://jabber.org/protocol/mood"
NS_ACTIVITY = "http://jabber.org/protocol/activity"
NS_GEOLOC = "http://jabber.org/protocol/geoloc"
NS_NICK = "http://jabber.org/protocol/nick"
NS_AVATAR_DATA = "urn:xmpp:avatar:data"
NS_AVATAR = "urn:xmpp:avatar:metadata"
NS_BOOKMARKS = "urn:xmpp:bookmarks:1"
NS_MICROBLOG = "urn:xmpp:microblog:0"
NS_DEVICES = "eu.siacs.conversations.axolotl.devicelist"
NS_BUNDLES = "eu.siacs.conversations.axolotl.bundles"
NS_FENCE = "urn:example:fence"  # published last: who gets it has got all that was before it

PROFILES = [NS_TUNE, NS_MOOD, NS_ACTIVITY, NS_GEOLOC, NS_NICK, NS_AVATAR]

# XEP-0402 4, XEP-0223 as clients send it
BOOKMARK_OPTIONS = {"persist_items": "true", "max_items": "max",
                    "send_last_published_item": "never", "access_model": "whitelist"}


def tune(title):
    return f"<tune xmlns='{NS_TUNE}'><title>{title}</title></tune>"


def entry(title):
    return f"<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title></entry>"


def conference(name):
    return f"<conference xmlns='{NS_BOOKMARKS}' name='{name}'/>"


def check(condition, what):
    if not condition:
        raise Trouble(what)


def check_equal(got, expected, what):
    check(got == expected, f"{what}: expected {expected!r}, got {got!r}")


def check_refused(answer, error):
    check(answer.status == 1 and answer.err.startswith(f"error: {error}"),
          f"expected 'error: {error}', got {answer}")


# what clients look for before they use a service, or an account's events
MUST_HAVE = """publish-options publish subscribe create-nodes delete-items delete-nodes
persistent-items retrieve-items auto-create item-ids multi-items config-node-max""".split()


def check_features(info, features):
    for feature in features:
        check(f"feature {NS_PUBSUB}#{feature}\n" in info, f"{feature} is not advertised")


def canonical(xml):
    """Without what the streams on the way may add: an inherited xml:lang."""
    root = ElementTree.fromstring(xml) if isinstance(xml, str) else xml
    root.attrib.pop("{http://www.w3.org/XML/1998/namespace}lang", None)
    return ElementTree.canonicalize(ElementTree.tostring(root, encoding="unicode"))


def item_ids(out):
    return re.findall(r"^item \S+ \S+ (\S+)", out, re.MULTILINE)


def brief(events):
    """What matters of events, in a form that compares."""
    return [(event.kind, event.node, event.id) for event in events]


def without_fences(events):
    return [event for event in events if event.node != NS_FENCE]


def without_repeats(events):
    return list({(event.sender, event.type, *one): event
                 for event, one in zip(events, brief(events))}.values())


def unlike(**why):
    """What a server's limits forbid even peppy, by kind of server: the scenario has to fail."""
    def mark(test):
        test.unlike = why
        return test
    return mark


def own_rule(test):
    """No XEP asks for it: only peppy has to keep it."""
    test.own_rule = True
    return test


class FirstClient(Inbox):
    """peppy watch, on libstrophe."""

    name = "peppy"

    def __init__(self, person, interests):
        super().__init__(f"{person.jid} ({self.name})")
        self.watch = Watch(person, [*interests, "--xml"], self.put)
        self.jid = self.watch.jid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watch.end()


CLIENTS = (FirstClient, SecondClient, ThirdClient)


class Cast:
    """Who takes part: romeo and juliet are contacts, tybalt is nobody's, paris is romeo's;
    mercutio, at another server, is romeo's too. escalus is an admin of the component."""

    def __init__(self, world):
        self.romeo, self.juliet, self.tybalt, self.paris, self.escalus = map(
            world.person, ("romeo", "juliet", "tybalt", "paris", "escalus"))
        world.wait_for_peppyd(self.romeo)
        world.start_verona()
        self.mercutio = world.person("mercutio", world.verona)
        for friend in (self.juliet, self.paris, self.mercutio):
            world.make_contacts(self.romeo, friend)


class Stage:
    """What scenarios are written with. Each class of them takes the same world and cast."""

    def __init__(self, world, cast):
        self.world = world
        self.is_own_pep = world.peppyd is None
        for name, person in vars(cast).items():
            setattr(self, name, person)

    def file(self, text):
        path = os.path.join(self.world.folder, "payload.xml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def entry(self, title, size=0):
        return self.file(f"<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title>"
                         f"<content>{'x' * size}</content></entry>")

    def all_clients(self, person, interests):
        """The same person with each of the clients, in an ExitStack."""
        with ExitStack() as stack:
            clients = [stack.enter_context(client(person, interests)) for client in CLIENTS]
            return clients, stack.pop_all()

    def settle(self, publisher, clients, exact=False):
        """Until the service knows what all of them want. What each has got until then, as by
        fence."""
        found = {client: [] for client in clients}
        waiting = list(clients)
        end = time.monotonic() + PATIENCE
        while waiting:  # what is published before their interest is known may pass them by
            mark = f"settle {time.monotonic()}"
            publisher.publish(NS_FENCE, mark, f"<fence xmlns='{NS_FENCE}'/>")
            for client in list(waiting):
                try:
                    found[client] += client.until(NS_FENCE, mark, seconds=SETTLE)
                    waiting.remove(client)
                except NothingCame as missed:
                    found[client] += missed.seen
                    if time.monotonic() > end:
                        raise
        for client, more in zip(clients, self.fence(publisher, clients, "settled", exact)):
            found[client] = without_fences(found[client]) + more
        return [found[client] if exact else without_repeats(found[client]) for client in clients]

    def fence(self, publisher, clients, mark="fence", exact=False):
        """What each of the clients got before an item that all of them want; exact: as often as it
        came, for else what has come twice counts once."""
        publisher.publish(NS_FENCE, mark, f"<fence xmlns='{NS_FENCE}'/>")
        found = [without_fences(client.until(NS_FENCE, mark)) for client in clients]
        return found if exact else [without_repeats(events) for events in found]
