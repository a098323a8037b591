"""What has to hold when peppyd, the server or the link between them breaks, in the middle of what
people publish.
"""
import random
import re
import signal
import tempfile
import threading
import time
from xml.etree import ElementTree

from harness import Peppyd
from program import PATIENCE, wait_until
from second_client import SecondClient
from servers import COMPONENT
from stage import (
    BOOKMARK_OPTIONS, NS_ACTIVITY, NS_AVATAR, NS_AVATAR_DATA, NS_BOOKMARKS, NS_BUNDLES, NS_DEVICES,
    NS_FENCE, NS_GEOLOC, NS_MICROBLOG, NS_MOOD, NS_NICK, NS_TUNE, SERVICE, FirstClient, Stage,
    check, check_equal, conference, entry, item_ids)

OPEN = {"persist_items": "true", "access_model": "open"}
BLOG = {"max_items": "max", "send_last_published_item": "never"}

# what somebody publishes in one round: node, item id (None: a new one each time), payload, and what
# the node is created with, if it is not left to the service
ROUND = (
    (NS_TUNE, "current", f"<tune xmlns='{NS_TUNE}'><title>%s</title></tune>", None),
    (NS_MOOD, "current", f"<mood xmlns='{NS_MOOD}'><calm/><text>%s</text></mood>", None),
    (NS_ACTIVITY, "current", f"<activity xmlns='{NS_ACTIVITY}'><text>%s</text></activity>", None),
    (NS_GEOLOC, "current", f"<geoloc xmlns='{NS_GEOLOC}'><text>%s</text></geoloc>", None),
    (NS_NICK, "current", f"<nick xmlns='{NS_NICK}'>%s</nick>", None),
    (NS_AVATAR_DATA, "d", f"<data xmlns='{NS_AVATAR_DATA}'>%s</data>", None),
    (NS_AVATAR, "d", f"<metadata xmlns='{NS_AVATAR}'><info id='%s'/></metadata>", None),
    (NS_BOOKMARKS, "room@rooms.test", conference("%s"), BOOKMARK_OPTIONS),
    (NS_DEVICES, "current", f"<list xmlns='{NS_DEVICES}'><device id='%s'/></list>", OPEN),
    (NS_BUNDLES + ":1", "current", f"<bundle xmlns='{NS_BUNDLES}'>%s</bundle>", OPEN),
    (NS_MICROBLOG, None, entry("%s"), BLOG),
)
NOTIFIED = [NS_TUNE, NS_MOOD, NS_ACTIVITY, NS_GEOLOC, NS_NICK, NS_AVATAR, NS_DEVICES, NS_MICROBLOG]


class Diary(threading.Thread):
    """Publishes round after round, one request at a time, and notes what was acknowledged."""

    def __init__(self, client, name):
        super().__init__(daemon=True)
        self.client = client
        self.name_of_round = f"{name}-%d".__mod__
        self.acknowledged = []  # ids of entries in the blog
        self.rounds = 0
        self.is_over = threading.Event()
        for node, _, _, config in ROUND:
            client.forget(node)
            if config:
                client.create(node, config)

    def run(self):
        while not self.is_over.is_set():
            try:
                self.publish_round()
            except Exception:  # refused, no answer, no connection: whoever publishes tries again
                self.is_over.wait(0.05)

    def publish_round(self):
        mark = self.name_of_round(self.rounds + 1)
        for node, item_id, payload, _ in ROUND:
            self.client.publish(node, item_id or mark, payload % mark, timeout=2)
            if item_id is None:
                self.acknowledged.append(mark)
        self.rounds += 1

    def wait_for_rounds(self, more):
        wanted = self.rounds + more
        wait_until("publishing goes on", lambda: self.rounds >= wanted)

    def end(self):
        self.is_over.set()
        self.join(PATIENCE)


def check_blog(person, diary):
    """What was acknowledged is there."""
    there = set(item_ids(person.does("items", "--node", NS_MICROBLOG, "--all")))
    lost = set(diary.acknowledged) - there
    check(not lost, f"{len(lost)} of {len(diary.acknowledged)} lost: {sorted(lost)}")


class OfOutages(Stage):
    """Of the server itself, whoever provides Personal Eventing."""

    def test_what_is_published_survives_a_restart_of_the_server(self):
        self.lose_the_server("restart", self.world.server.end)

    def test_what_is_published_survives_a_crash_of_the_server(self):
        self.lose_the_server("crash", lambda: self.world.server.end(signal.SIGKILL))

    def lose_the_server(self, name, end):
        """Everything that was acknowledged is there, and who comes back gets last items."""
        peppyd = self.world.peppyd
        pid = peppyd and peppyd.process.pid
        romeo = SecondClient(self.romeo)
        diary = Diary(romeo, name)
        diary.start()
        diary.wait_for_rounds(2)
        end()
        diary.end()
        romeo.end(is_lost=True)
        self.world.server.start()
        self.world.wait_for_peppyd(self.romeo)
        check_equal(peppyd and peppyd.process.pid, pid, "process of peppyd")
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.juliet, [*NOTIFIED, NS_FENCE]) as juliet:
            check_blog(self.romeo, diary)
            last = {event.node for event in self.settle(romeo, [juliet])[0]}
            missing = set(NOTIFIED) - {NS_MICROBLOG} - last
            check(not missing, f"last items that did not come: {missing}")
            diary.client = romeo
            diary.publish_round()
            missing = set(NOTIFIED) - {event.node for event in self.fence(romeo, [juliet])[0]}
            check(not missing, f"events that did not come afterwards: {missing}")


class OfBreakage(Stage):
    def test_what_is_published_survives_a_crash_of_peppyd(self):
        def crash():
            self.world.peppyd.end(signal.SIGKILL)
            self.world.peppyd.start()
        self.break_in_the_middle("crash", crash)

    def test_what_is_published_survives_a_restart_of_peppyd(self):
        def restart():
            self.world.peppyd.end()
            self.world.peppyd.start()
        self.break_in_the_middle("restart", restart)

    def test_what_is_published_survives_a_link_that_is_cut(self):
        def cut():
            for _ in range(3):
                self.world.link.cut()
                time.sleep(0.2)
                self.world.link.mend()
                time.sleep(0.3)
        self.break_in_the_middle("cut", cut)

    def break_in_the_middle(self, name, breaks):
        """Clients stay online, three each of two contacts and one at another server; nothing that
        was acknowledged is lost, and afterwards everybody hears of everything once."""
        wanted = [*NOTIFIED, NS_FENCE]
        romeos, one = self.all_clients(self.romeo, wanted)
        juliets, other = self.all_clients(self.juliet, wanted)
        with one, other, SecondClient(self.mercutio, wanted) as mercutio:
            romeo = romeos[1]
            listeners = [*romeos, *juliets, mercutio]
            self.settle(romeo, listeners)
            diary = Diary(romeo, name)
            diary.start()
            diary.wait_for_rounds(2)
            breaks()
            diary.wait_for_rounds(2)
            diary.end()
            check_blog(self.romeo, diary)
            self.settle(romeo, listeners)
            diary.publish_round()
            for client, got in zip(listeners, self.fence(romeo, listeners, exact=True)):
                check_equal(sorted(event.node for event in got), sorted(NOTIFIED),
                            f"events of {client.owner} afterwards")

    def test_a_subscriber_of_the_service_gets_events_after_the_server_is_back(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "lasting", "-o", "max_items=10")
        self.juliet.does("subscribe", *SERVICE, "--node", "lasting")
        self.world.server.end()
        self.world.server.start()
        self.world.wait_for_peppyd(self.romeo)
        with FirstClient(self.juliet, ["tune"]) as juliet:
            self.romeo.does("publish", self.entry("again"), *SERVICE, "--node", "lasting",
                            "--id", "again")
            check_equal(juliet.await_event("lasting", "again").sender, COMPONENT, "sender")

    def test_sigterm_ends_it_in_good_manners(self):
        began = time.monotonic()
        check_equal(self.world.peppyd.end(), 0, "exit status")
        check(time.monotonic() - began < 5, "it took more than 5 seconds")
        self.world.peppyd.start()
        self.world.wait_for_peppyd(self.romeo)

    def test_a_wrong_secret_is_logged(self):
        with tempfile.TemporaryDirectory() as folder:
            other = Peppyd(folder, self.world.peppyd.program,
                                   self.world.server.component_port)
            other.configure(self.world.server.component_port, "wrong")
            other.start()
            try:
                wait_until("the log tells of the secret",
                           lambda: re.search("secret|not-authorized", other.said()))
                check(other.is_running(), "it has given up")
            finally:
                status = other.end()
            check_equal(status, 0, "exit status after SIGTERM")

    def test_what_was_acknowledged_survives_twenty_kills(self):
        kills = 20
        self.romeo.does("node", "create", *SERVICE, "--node", "kills", "-o", "max_items=max")
        chance = random.Random(20)  # the same moments each time
        with SecondClient(self.romeo) as client:
            publisher = Publisher(client, "kills")
            for _ in range(kills):
                before = len(publisher.acknowledged)
                publisher.go()
                wait_until("publishes are acknowledged",
                           lambda: len(publisher.acknowledged) >= before + 5)
                time.sleep(chance.random() / 10)
                self.world.peppyd.end(signal.SIGKILL)
                publisher.stop()
                self.world.peppyd.start()
                self.world.wait_for_peppyd(self.romeo)
        there = set(item_ids(self.romeo.does("items", *SERVICE, "--node", "kills", "--all")))
        lost = publisher.acknowledged - there
        check(not lost, f"{len(lost)} of {len(publisher.acknowledged)} items lost: {sorted(lost)}")


class Publisher:
    """Publishes without waiting, eight requests under way, and notes what was acknowledged."""

    WINDOW = 8

    def __init__(self, client, node):
        self.client = client
        self.node = node
        self.acknowledged = set()
        self.number = 0
        self.is_going = False

    def go(self):
        self.is_going = True
        for _ in range(self.WINDOW):
            self.client.loop.call_soon_threadsafe(self.send)

    def stop(self):
        self.is_going = False

    def send(self):
        self.number += 1
        item_id = f"k{self.number:06}"
        iq = self.client.xmpp.make_iq_set(ito=COMPONENT)
        iq["pubsub"]["publish"]["node"] = self.node
        item = iq["pubsub"]["publish"]["item"]
        item["id"] = item_id
        item["payload"] = ElementTree.Element("{urn:example:kills}n")

        def answered(answer):
            if answer["type"] == "result":
                self.acknowledged.add(item_id)
                if self.is_going:
                    self.send()
        iq.send(callback=answered, timeout=60, timeout_callback=lambda _: None)
