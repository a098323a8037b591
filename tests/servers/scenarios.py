"""What has to hold behind a real server, the same for each of them. Prints TAP.

tests/servers/prosody and tests/servers/ejabberd run it. Two clients that have nothing in common
take part: peppy, on libstrophe, and slixmpp.
"""
import os
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from xml.etree import ElementTree

import harness
from harness import COMPONENT, HOST, NS_PUBSUB, NS_TUNE, Trouble, wait_until

SILENCE = 1.0  # seconds in which nothing must come
SERVICE = ("--service", COMPONENT)

# what clients look for before they use a service, or an account's events
MUST_HAVE = """publish-options publish subscribe create-nodes delete-items delete-nodes
persistent-items retrieve-items auto-create item-ids multi-items config-node-max""".split()


def check(condition, what):
    if not condition:
        raise Trouble(what)


def check_equal(got, expected, what):
    check(got == expected, f"{what}: expected {expected!r}, got {got!r}")


def check_refused(answer, error):
    check(answer.status == 1 and answer.err.startswith(f"error: {error}"),
          f"expected 'error: {error}', got {answer}")


def check_features(info, features):
    for feature in features:
        check(f"feature {NS_PUBSUB}#{feature}\n" in info, f"{feature} is not advertised")


def canonical(xml):
    """Without what the streams on the way may add: an inherited xml:lang."""
    root = ElementTree.fromstring(xml)
    root.attrib.pop("{http://www.w3.org/XML/1998/namespace}lang", None)
    return ElementTree.canonicalize(ElementTree.tostring(root, encoding="unicode"))


def item_ids(out):
    return re.findall(r"^item \S+ \S+ (\S+)", out, re.MULTILINE)


class Scenarios:
    def __init__(self, world):
        self.world = world
        self.romeo = world.person("romeo")
        self.juliet = world.person("juliet")
        self.tybalt = world.person("tybalt")  # nobody's contact
        world.wait_for_peppyd(self.romeo)
        world.make_contacts(self.romeo, self.juliet)

    def file(self, text):
        path = os.path.join(self.world.folder, "payload.xml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def entry(self, title, size=0):
        return self.file(f"<entry xmlns='http://www.w3.org/2005/Atom'><title>{title}</title>"
                         f"<content>{'x' * size}</content></entry>")

    # -- the component as such

    def test_the_component_tells_what_it_is(self):
        info = self.romeo.does("disco", "info", *SERVICE)
        check("identity pubsub service" in info, f"no identity pubsub/service in {info}")
        check_features(info, MUST_HAVE)
        self.romeo.does("ping", *SERVICE)

    def test_a_second_client_sees_the_same_component(self):
        with self.second(self.tybalt) as client:
            version = client.ask(client.xmpp["xep_0092"].get_version, COMPONENT)
            check_equal(version["software_version"]["name"], "peppy", "name of the software")
            info = client.ask(client.xmpp["xep_0030"].get_info, COMPONENT)
            kinds = {identity[:2] for identity in info["disco_info"]["identities"]}
            check(("pubsub", "service") in kinds, f"identities: {kinds}")
            error = client.error_of(
                client.xmpp["xep_0060"].get_items, COMPONENT, "no such node")
            check_equal(error, "item-not-found", "an unknown node")

    # -- nodes

    def test_a_subscriber_gets_what_is_published(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "news", "-o", "max_items=10")
        check("news" in self.romeo.does("disco", "items", *SERVICE), "the node is not listed")
        check_equal(self.juliet.does("subscribe", *SERVICE, "--node", "news").split()[0],
                    "subscribed", "state of the subscription")
        with self.juliet.watches("--no-pep", "--xml") as watch:
            self.romeo.does("publish", self.entry("It is the &lt;east&gt;"), *SERVICE,
                            "--node", "news", "--id", "1")
            message = watch.expect("<message")
            check("type='headline'" in message, f"no headline: {message}")
            check(f"from='{COMPONENT}'" in message, f"not from the service: {message}")
            check("<title>It is the &lt;east&gt;</title>" in message, f"payload: {message}")
            self.romeo.does("retract", *SERVICE, "--node", "news", "--id", "1", "--notify")
            check("<retract id='1'/>" in watch.expect("<message"), "no retraction")
        check_equal(item_ids(self.juliet.does("items", *SERVICE, "--node", "news")), [], "items")

    def test_only_owners_delete_and_everybody_hears_of_it(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "gone")
        self.juliet.does("subscribe", *SERVICE, "--node", "gone")
        check_refused(self.juliet.run("node", "delete", *SERVICE, "--node", "gone"),
                      "auth forbidden")
        check_refused(self.tybalt.run("publish", self.entry("no"), *SERVICE, "--node", "gone"),
                      "auth forbidden")
        with self.juliet.watches("--no-pep") as watch:
            self.romeo.does("node", "delete", *SERVICE, "--node", "gone")
            watch.expect(f"^delete {COMPONENT} gone")
        check_refused(self.juliet.run("items", *SERVICE, "--node", "gone"),
                      "cancel item-not-found")

    def test_a_megabyte_of_items_comes_in_pages_and_the_stream_lives(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "heavy", "-o", "max_items=100")
        path = self.entry("heavy", 50000)
        published = [str(number) for number in range(22)]
        for item_id in published:
            self.romeo.does("publish", path, *SERVICE, "--node", "heavy", "--id", item_id)
        links = self.links_seen()
        answer = self.romeo.run("items", *SERVICE, "--node", "heavy")
        got = item_ids(answer.out)
        check(0 < len(got) < len(published), f"{len(got)} of {len(published)} items in one stanza")
        check(answer.err.startswith(f"{len(published)} items"), f"the set says: {answer.err}")
        whole = item_ids(self.romeo.does("items", *SERVICE, "--node", "heavy", "--all"))
        check_equal(whole, published, "all pages together")
        self.romeo.does("ping", *SERVICE)
        check_equal(self.links_seen(), links, "streams opened")
        self.romeo.does("node", "delete", *SERVICE, "--node", "heavy")

    # -- accounts

    def test_an_account_tells_what_it_can(self):
        info = self.romeo.does("disco", "info")
        check("identity pubsub pep" in info, f"no identity pubsub/pep in {info}")
        check_features(info, [*MUST_HAVE, "filtered-notifications"])

    def test_a_tune_reaches_the_contact_who_wants_it_once(self):
        with self.juliet.watches("tune") as watch:
            self.romeo.does("publish", "tune", "title=once")
            watch.expect(f"^item {self.romeo.jid} {NS_TUNE} current")
            watch.expect("<title>once</title>")
            check_equal(watch.count("^item", SILENCE), 0, "more events")

    def test_who_comes_online_gets_the_last_item_with_its_time(self):
        self.romeo.does("publish", "tune", "title=last")
        with self.juliet.watches("tune") as watch:
            watch.expect(f"^item {self.romeo.jid} {NS_TUNE} current .*since 20")
            watch.expect("<title>last</title>")
            check_equal(watch.count("^item", SILENCE), 0, "more events")

    def test_a_contact_without_notify_gets_nothing(self):
        with self.juliet.watches("mood") as other, \
                self.second(self.juliet, ["urn:example:else"]) as silent:
            self.romeo.does("publish", "mood", "calm")
            other.expect("^item .*mood")  # by now it is known who wants what
            self.romeo.does("publish", "tune", "title=unheard")
            check_equal(other.count("^item .*tune", SILENCE), 0, "events to one who wants moods")
            check_equal(silent.drain(), [], "events to one who wants none")

    def test_a_second_client_gets_events_as_well(self):
        with self.second(self.juliet, [NS_TUNE]) as client:
            client.await_event(NS_TUNE)  # the last item: its interest is known
            client.drain()
            self.romeo.does("publish", "tune", "title=second")
            event = client.await_event(NS_TUNE)
            check_equal(event, (self.romeo.jid, NS_TUNE, "current", "headline"), "the event")
            time.sleep(SILENCE)
            check_equal(client.drain(), [], "more events")

    def test_a_second_client_trusts_our_capabilities(self):
        with self.second(self.romeo) as client, self.juliet.watches("tune") as watch:
            found = wait_until("the capabilities are verified", lambda: client.ask(
                client.xmpp["xep_0115"].get_caps, jid=watch.jid))
            check(NS_TUNE + "+notify" in found["features"], f"features: {found['features']}")

    def test_every_resource_gets_it_once_and_the_own_ones_too(self):
        with self.juliet.watches("tune") as one, self.juliet.watches("tune") as two, \
                self.romeo.watches("tune") as own:
            for watch in (one, two, own):
                watch.expect("^item .*tune current")
            self.romeo.does("publish", "tune", "title=everywhere")
            for watch in (one, two, own):
                watch.expect("<title>everywhere</title>")
            for watch in (one, two, own):
                check_equal(watch.count("^item", SILENCE / 3), 0, "more events")

    def test_a_stranger_does_not_learn_that_there_is_a_node_or_an_account(self):
        error = "cancel item-not-found"
        self.romeo.does("publish", "tune", "title=private")
        account = ("--service", self.romeo.jid, "--node", "tune")
        nobody = ("--service", "nobody@" + self.romeo.jid.split("@")[1], "--node", "tune")
        for which in (account, nobody):
            check_refused(self.tybalt.run("items", *which), error)
            check_refused(self.tybalt.run("subscribe", *which), error)
        check_equal(item_ids(self.juliet.does("items", *account)), ["current"], "items")
        with self.tybalt.watches("tune") as watch:
            self.romeo.does("publish", "tune", "title=still private")
            check_equal(watch.count("^item", SILENCE), 0, "events to a stranger")

    def test_nobody_publishes_on_another_account(self):
        account = ("--service", self.romeo.jid, "--node", "tune")
        check_refused(self.juliet.run("publish", "tune", "title=forged", *account[:2]),
                      "auth forbidden")
        check_refused(self.juliet.run("node", "delete", *account), "auth forbidden")

    def test_a_new_contact_is_let_in_soon(self):
        account = ("--service", self.romeo.jid, "--node", "tune")
        self.romeo.does("publish", "tune", "title=for friends")
        mercutio = self.world.person("mercutio")
        check_refused(mercutio.run("items", *account), "cancel item-not-found")
        self.world.make_contacts(self.romeo, mercutio)
        wait_until("the new contact may read", lambda: mercutio.run("items", *account).status == 0)
        with mercutio.watches("tune") as watch:
            watch.expect("<title>for friends</title>")

    def test_an_avatar_is_data_and_metadata(self):
        path = os.path.join(self.world.folder, "avatar.png")
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40" + b"\x07" * 30000)
        with self.juliet.watches("avatar") as watch:
            digest = self.romeo.does("publish", "avatar", path).strip()
            watch.expect(f"^item {self.romeo.jid} urn:xmpp:avatar:metadata {digest}")
            watch.expect("<info .*width='64'")
        data = self.juliet.does("items", "--service", self.romeo.jid, "--node",
                                "urn:xmpp:avatar:data", "--id", digest)
        check_equal(item_ids(data), [digest], "the picture")
        check("iVBORw0KGgo" in data, "the picture is no PNG")

    def test_private_nodes_stay_private_and_preconditions_hold(self):
        node = ("--node", "urn:xmpp:bookmarks:1")
        conference = self.file("<conference xmlns='urn:xmpp:bookmarks:1' name='x'/>")
        wishes = ("-o", "persist_items=true", "-o", "max_items=max",
                  "-o", "send_last_published_item=never", "-o", "access_model=whitelist")
        for room in ("one@rooms", "two@rooms"):
            self.romeo.does("publish", conference, *node, "--id", room, *wishes)
        check_equal(item_ids(self.romeo.does("items", *node)), ["one@rooms", "two@rooms"], "items")
        check(self.juliet.run("items", *node, "--service", self.romeo.jid).status == 1,
              "a contact reads the bookmarks")
        check_refused(self.romeo.run("publish", conference, *node, "-o", "access_model=open"),
                      "cancel conflict (precondition-not-met)")

    def test_a_payload_arrives_as_it_left(self):
        payload = ("<e xmlns='urn:example:e' xmlns:x='urn:example:x' x:a='1' b='&lt;&quot;&#x9;'>"
                   "\n <none xmlns=''/><x:y xml:lang='de'>\u00fc\U0001f3b5 &amp;amp; ]]&gt;</x:y> </e>")
        self.romeo.does("node", "create", *SERVICE, "--node", "exact")
        self.romeo.does("publish", self.file(payload), *SERVICE, "--node", "exact", "--id", "1")
        with self.second(self.romeo) as client:
            answer = client.ask(client.xmpp["xep_0060"].get_item, COMPONENT, "exact", "1")
            item = answer.xml.find(f".//{{{NS_PUBSUB}}}item")
            got = ElementTree.tostring(item[0], encoding="unicode")
        expected = payload
        if self.world.server.kind == "prosody":  # it writes attributes' tabs as they are
            expected = payload.replace("&#x9;", " ")
        check_equal(canonical(got), canonical(expected), "the payload")

    # -- when something breaks

    def test_who_stays_online_gets_events_after_a_crash(self):
        self.romeo.does("publish", "tune", "title=before")
        with self.juliet.watches("tune") as watch:
            watch.expect("<title>before</title>")
            time.sleep(2)  # once a second it is written who is online
            self.world.peppyd.end(signal.SIGKILL)
            self.world.peppyd.start()
            self.world.wait_for_peppyd(self.romeo)
            self.romeo.does("publish", "tune", "title=after")
            watch.expect("<title>after</title>")

    def test_sigterm_ends_it_in_good_manners(self):
        began = time.monotonic()
        check_equal(self.world.peppyd.end(), 0, "exit status")
        check(time.monotonic() - began < 5, "it took more than 5 seconds")
        self.world.peppyd.start()
        self.world.wait_for_peppyd(self.romeo)

    def test_a_wrong_secret_is_told_in_the_log(self):
        with tempfile.TemporaryDirectory() as folder:
            other = harness.Peppyd(folder, self.world.peppyd.program,
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

    def test_peppyd_comes_back_when_the_server_does(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "lasting", "-o", "max_items=10")
        self.juliet.does("subscribe", *SERVICE, "--node", "lasting")
        pid = self.world.peppyd.process.pid
        self.world.server.end()
        self.world.server.start()
        self.world.wait_for_peppyd(self.romeo)
        check_equal(self.world.peppyd.process.pid, pid, "process")
        with self.juliet.watches("tune") as watch:
            watch.expect("^item .*tune current")
            self.romeo.does("publish", "tune", "title=again")
            watch.expect("<title>again</title>")
            self.romeo.does("publish", self.entry("again"), *SERVICE, "--node", "lasting")
            watch.expect(f"^item {COMPONENT} lasting")

    def test_what_was_acknowledged_survives_twenty_kills(self):
        kills = 20
        self.romeo.does("node", "create", *SERVICE, "--node", "kills", "-o", "max_items=max")
        chance = random.Random(20)  # the same moments each time
        with self.second(self.romeo) as client:
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

    # -- what the scenarios share

    def second(self, person, interests=()):
        from second_client import SecondClient
        return SecondClient(self.world, person, interests)

    def links_seen(self):
        """How often the server has seen a component connect."""
        with open(self.world.server.log, errors="replace") as log:
            return len(re.findall("component connection|Accepted external component", log.read()))


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


def run_all(kind):
    names = [name for name in vars(Scenarios) if name.startswith("test_")]
    if os.environ.get("PEPPY_TEST_SERVERS") == "no":
        print("1..0 # SKIP not asked for")
        return 0
    if not harness.is_installed(kind):
        print(f"1..0 # SKIP {kind} is not installed")
        return 0
    build = os.environ.get("builddir", "build")
    wanted = sys.argv[1:] or names
    harness.exit_on_signals()
    print(f"1..{len(wanted)}", flush=True)
    failed = 0
    with harness.World(kind, os.path.abspath(build)) as world:
        try:
            world.server.start()
            world.peppyd.start()
            scenarios = Scenarios(world)
        except Exception as error:  # whatever it was: nothing below can run
            comment(str(error) + "\n" + world.peppyd.said())
            print("Bail out! nothing to test", flush=True)
            return 1
        for number, name in enumerate(wanted, 1):
            failed += run_one(world, getattr(scenarios, name), number, name)
    return 1 if failed else 0


def comment(text):
    for line in text.splitlines():
        print(f"# {line}", flush=True)


def run_one(world, test, number, name):
    title = f"{number} - {world.server.kind}: {name.removeprefix('test_').replace('_', ' ')}"
    try:
        test()
        check(world.peppyd.is_running(), "peppyd has ended")
    except Exception as error:
        print(f"not ok {title}")
        comment(str(error) if isinstance(error, Trouble) else traceback.format_exc())
        comment(world.peppyd.said())
        if not world.peppyd.is_running():
            comment(f"peppyd has ended with {world.peppyd.process.returncode}; started again")
            world.peppyd.start()
        return 1
    print(f"ok {title}", flush=True)
    return 0
