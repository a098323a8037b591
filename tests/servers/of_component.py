"""The component as such: nodes of the service."""
import re
from xml.etree import ElementTree

from program import wait_until
from second_client import SecondClient
from servers import COMPONENT, NS_PUBSUB
from stage import (
    MUST_HAVE, NS_TUNE, SERVICE, Stage, canonical, check, check_equal, check_features,
    check_refused, item_ids)


class OfComponent(Stage):
    def test_the_component_advertises_what_it_is(self):
        info = self.romeo.does("disco", "info", *SERVICE)
        check("identity pubsub service" in info, f"no identity pubsub/service in {info}")
        check_features(info, MUST_HAVE)
        self.romeo.does("ping", *SERVICE)

    def test_a_second_client_sees_the_same_component(self):
        with SecondClient(self.tybalt) as client:
            version = client.ask(client.xmpp["xep_0092"].get_version, COMPONENT)
            check_equal(version["software_version"]["name"], "peppy", "name of the software")
            info = client.ask(client.xmpp["xep_0030"].get_info, COMPONENT)
            kinds = {identity[:2] for identity in info["disco_info"]["identities"]}
            check(("pubsub", "service") in kinds, f"identities: {kinds}")
            error = client.error_of(
                client.xmpp["xep_0060"].get_items, COMPONENT, "no such node")
            check_equal(error, "item-not-found", "an unknown node")

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

    def test_what_a_terminal_would_obey_is_shown_as_a_reference(self):
        self.romeo.does("node", "create", *SERVICE, "--node", "odd")
        self.romeo.does("publish", self.entry("a\u009b31mb"), *SERVICE, "--node", "odd",
                        "--id", "c\u202ed")
        said = self.juliet.does("items", *SERVICE, "--node", "odd")
        check("a&#155;31mb" in said and "c&#8238;d" in said, f"no references: {said}")
        check("\u009b" not in said and "\u202e" not in said, f"still there: {said!r}")

    def test_only_owners_delete_and_everybody_is_notified(self):
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

    def test_a_second_client_trusts_our_capabilities(self):
        with SecondClient(self.romeo) as client, self.juliet.watches("tune") as watch:
            found = wait_until("the capabilities are verified", lambda: client.ask(
                client.xmpp["xep_0115"].get_caps, jid=watch.jid))
            check(NS_TUNE + "+notify" in found["features"], f"features: {found['features']}")

    def test_a_payload_arrives_as_it_left(self):
        payload = ("<e xmlns='urn:example:e' xmlns:x='urn:example:x' x:a='1' b='&lt;&quot;&#x9;'>"
                   "\n <none xmlns=''/><x:y xml:lang='de'>\u00fc\U0001f3b5 &amp;amp; ]]&gt;</x:y> </e>")
        self.romeo.does("node", "create", *SERVICE, "--node", "exact")
        self.romeo.does("publish", self.file(payload), *SERVICE, "--node", "exact", "--id", "1")
        with SecondClient(self.romeo) as client:
            answer = client.ask(client.xmpp["xep_0060"].get_item, COMPONENT, "exact", "1")
            item = answer.xml.find(f".//{{{NS_PUBSUB}}}item")
            got = ElementTree.tostring(item[0], encoding="unicode")
        expected = payload
        if self.world.server.kind == "prosody":  # it writes attributes' tabs as they are
            expected = payload.replace("&#x9;", " ")
        check_equal(canonical(got), canonical(expected), "the payload")

    def links_seen(self):
        """How often the server has seen a component connect."""
        with open(self.world.server.log, errors="replace") as log:
            return len(re.findall("component connection|Accepted external component", log.read()))
