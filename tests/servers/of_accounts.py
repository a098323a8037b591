"""Personal Eventing on accounts, of whoever provides it: peppy, or the server itself."""
import base64
import hashlib
import os
import random
import struct
import time
import zlib
from xml.etree import ElementTree

from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0048.stanza import Bookmarks

from program import wait_until
from second_client import SecondClient
from servers import HOST, NS_DISCO_ITEMS, NS_PUBSUB
from stage import (
    BOOKMARK_OPTIONS, MUST_HAVE, NS_AVATAR, NS_AVATAR_DATA, NS_BOOKMARKS, NS_BUNDLES, NS_DEVICES,
    NS_FENCE, NS_MICROBLOG, NS_MOOD, NS_TUNE, PROFILES, SILENCE, FirstClient, Stage, brief,
    canonical, check, check_equal, check_features, check_refused, conference, entry, item_ids,
    own_rule, tune, unlike)
from third_client import ThirdClient

NS_RSM = "http://jabber.org/protocol/rsm"


def png(width):
    """A square picture of noise."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))
    noise = random.Random(width)
    lines = b"".join(b"\0" + noise.randbytes(3 * width) for _ in range(width))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, width, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


class OfAccounts(Stage):
    # -- what an account tells

    def test_an_account_advertises_its_features(self):
        info = self.romeo.does("disco", "info")
        check("identity pubsub pep" in info, f"no identity pubsub/pep in {info}")
        check_features(info, [*MUST_HAVE, "filtered-notifications"])

    @unlike(ejabberd="disco#info with a node is not delegated")
    def test_a_contact_can_query_what_a_node_is(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            romeo.publish("urn:example:open", "i", entry("x"), {"access_model": "open"})
            info = juliet.ask(juliet.xmpp["xep_0030"].get_info, self.romeo.jid, "urn:example:open")
            kinds = {identity[:2] for identity in info["disco_info"]["identities"]}
            check(("pubsub", "leaf") in kinds, f"identities: {kinds}")

    def test_nodes_are_listed_for_those_who_may_see_them(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            for node, model in (("shown", "presence"), ("hidden", "whitelist")):
                romeo.publish("urn:example:" + node, "i", entry("x"), {"access_model": model})
            answer = juliet.ask(juliet.xmpp["xep_0030"].get_items, self.romeo.jid)
            nodes = {item.get("node")
                     for item in answer.xml.iter(f"{{{NS_DISCO_ITEMS}}}item")}
            check("urn:example:shown" in nodes, f"nodes: {nodes}")
            check("urn:example:hidden" not in nodes, "a private node is listed")

    @own_rule
    def test_a_stranger_does_not_learn_that_there_is_a_node_or_an_account(self):
        nobody = "nobody@" + HOST
        with SecondClient(self.romeo) as romeo, SecondClient(self.tybalt) as tybalt:
            romeo.publish("urn:example:hidden", "i", entry("x"), {"access_model": "whitelist"})
            romeo.publish(NS_TUNE, "current", tune("private"))
            for function in (tybalt.pubsub.get_items, tybalt.pubsub.subscribe):
                errors = {(account, node): tybalt.error_of(function, account, node)
                          for account in (self.romeo.jid, nobody)
                          for node in ("urn:example:hidden", NS_TUNE, "urn:example:none")}
                check(len(set(errors.values())) == 1 and None not in errors.values(),
                      f"different errors: {errors}")

    # -- who hears of what

    def test_every_profile_reaches_every_resource_of_both_exactly_once(self):
        """Two accounts with three clients each; what slixmpp publishes with its own calls."""
        wanted = [*PROFILES, NS_FENCE]
        romeos, one = self.all_clients(self.romeo, wanted)
        juliets, other = self.all_clients(self.juliet, wanted)
        with one, other:
            publisher = romeos[1]
            self.settle(publisher, [*romeos, *juliets])
            digest = publisher.publish_profiles("slixmpp")
            expected = [("item", node, "current") for node in PROFILES[:-1]]
            expected.append(("item", NS_AVATAR, digest))
            ids = {NS_AVATAR: digest}
            for client, got in zip([*romeos, *juliets],
                                   self.fence(publisher, [*romeos, *juliets], exact=True)):
                check_equal(sorted(event.node for event in got), sorted(PROFILES),
                            f"events of {client.owner}")
                for event in got:
                    check_equal((event.sender, event.type, event.late),
                                (self.romeo.jid, "headline", False), f"event of {event.node}")
                    check(event.node not in ids or event.id == ids[event.node], "wrong item")

    def test_a_client_of_an_unknown_kind_gets_new_items_exactly_once(self):
        node = "urn:example:just-then"
        wanted = [f"urn:example:{time.monotonic()}", node, NS_FENCE]
        with SecondClient(self.romeo) as romeo:
            romeo.forget(node)
            with SecondClient(self.juliet, wanted) as juliet:
                romeo.publish(node, "i", entry("once"))
                got = [event for event in self.settle(romeo, [juliet], exact=True)[0]
                       if event.node == node]
                check_equal(brief(got), [("item", node, "i")], "events")

    def test_what_gajim_publishes_with_its_own_calls_arrives(self):
        wanted = [*PROFILES, NS_DEVICES, NS_FENCE]
        with ThirdClient(self.romeo, wanted) as gajim, SecondClient(self.romeo) as romeo, \
                ThirdClient(self.juliet, wanted) as juliet:
            self.settle(romeo, [gajim, juliet])
            gajim.publish_profiles("nbxmpp")
            for got in self.fence(romeo, [gajim, juliet]):
                check_equal(sorted(event.node for event in got if event.node in wanted),
                            sorted([*PROFILES, NS_DEVICES]), "events")
            wait_until("the bookmark is there", lambda: any(
                str(room.jid) == "nbxmpp@rooms.test"
                for room in gajim.ask("NativeBookmarks", "request_bookmarks")))
            devices = juliet.ask("OMEMO", "request_devicelist", jid=self.romeo.jid)
            check_equal(list(devices), [1, 2], "devices")
            bundle = juliet.ask("OMEMO", "request_bundle", self.romeo.jid, 1)
            check_equal(len(bundle.otpks), 100, "keys in the bundle")

    def test_a_publisher_is_named_to_those_who_see_the_presence(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet, [NS_FENCE]) as juliet:
            self.settle(romeo, [juliet])
            romeo.publish(NS_FENCE, "named", f"<fence xmlns='{NS_FENCE}'/>")
            check_equal(juliet.await_event(NS_FENCE, "named").replyto, romeo.jid, "replyto")

    def test_a_resource_without_notify_gets_nothing(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet, [NS_FENCE]) as juliet:
            self.settle(romeo, [juliet])
            romeo.publish(NS_TUNE, "current", tune("unheard"))
            check_equal(brief(self.fence(romeo, [juliet])[0]), [], "events")

    def test_whoever_comes_online_gets_the_last_item_with_its_time(self):
        self.romeo.does("publish", "tune", "title=last")
        with self.juliet.watches("tune") as watch:
            watch.expect(f"^item {self.romeo.jid} {NS_TUNE} current .*since 20")
            watch.expect("<title>last</title>")
            check_equal(watch.count("^item", SILENCE), 0, "more events")

    def test_whoever_becomes_interested_while_online_gets_the_last_item_at_once(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet, [NS_FENCE]) as juliet:
            romeo.publish(NS_MOOD, "current", f"<mood xmlns='{NS_MOOD}'><calm/></mood>")
            self.settle(romeo, [juliet])
            juliet.ask(juliet.wish, [NS_FENCE, NS_MOOD])
            juliet.await_event(NS_MOOD, "current", seconds=5)

    def test_the_last_item_of_an_owner_who_is_offline_is_sent(self):
        self.romeo.does("publish", "tune", "title=from one who left")
        with FirstClient(self.juliet, ["tune"]) as juliet:
            juliet.await_event(NS_TUNE, "current", seconds=5)

    def test_retract_purge_delete_and_configure_are_notified(self):
        node = "urn:example:short-lived"
        options = {"notify_retract": "true", "notify_delete": "true", "notify_config": "true"}
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.juliet, [node, NS_FENCE]) as juliet:
            self.settle(romeo, [juliet])
            romeo.create(node, options)
            romeo.publish(node, "i", entry("x"))
            romeo.ask(romeo.pubsub.retract, None, node, "i", notify=True)
            romeo.ask(romeo.pubsub.set_node_config, None, node,
                      romeo.form({"title": "y"}, "node_config"))
            romeo.ask(romeo.pubsub.purge, None, node)
            romeo.ask(romeo.pubsub.delete_node, None, node)
            kinds = [event.kind for event in self.fence(romeo, [juliet])[0] if event.node == node]
            check_equal(kinds, ["item", "retract", "configuration", "purge", "delete"], "events")

    def test_an_explicit_subscription_beside_an_implicit_one_makes_one_event(self):
        node = "urn:example:both"
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.juliet, [node, NS_FENCE]) as juliet:
            romeo.publish(node, "i1", entry("1"))
            juliet.ask(juliet.pubsub.subscribe, self.romeo.jid, node)
            self.settle(romeo, [juliet])
            romeo.publish(node, "i2", entry("2"))
            check_equal(brief(self.fence(romeo, [juliet], exact=True)[0]), [("item", node, "i2")],
                        "events")

    # -- access

    def test_a_contact_reads_and_a_stranger_does_not(self):
        self.romeo.does("publish", "tune", "title=private")
        account = ("--service", self.romeo.jid, "--node", "tune")
        check_equal(item_ids(self.juliet.does("items", *account)), ["current"], "items")
        for verb in ("items", "subscribe"):
            check_equal(self.tybalt.run(verb, *account).status, 1, f"exit status of {verb}")

    def test_a_stranger_gets_nothing(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.tybalt, PROFILES) as tybalt:
            romeo.publish(NS_TUNE, "current", tune("still private"))
            check_equal(brief(tybalt.during(SILENCE)), [], "events")

    def test_nobody_publishes_on_another_account(self):
        account = ("--service", self.romeo.jid, "--node", "tune")
        check_refused(self.juliet.run("publish", "tune", "title=forged", *account[:2]),
                      "auth forbidden")
        check_refused(self.juliet.run("node", "delete", *account), "auth forbidden")

    def test_a_new_contact_is_admitted_soon(self):
        account = ("--service", self.romeo.jid, "--node", "tune")
        self.romeo.does("publish", "tune", "title=for friends")
        benvolio = self.world.newcomer("benvolio")
        check_equal(benvolio.run("items", *account).status, 1, "exit status of items")
        self.world.make_contacts(self.romeo, benvolio)
        wait_until("the new contact may read", lambda: benvolio.run("items", *account).status == 0)
        with FirstClient(benvolio, ["tune"]) as watch:
            watch.await_event(NS_TUNE)

    def test_a_whitelist_admits_its_members_alone(self):
        node = "urn:example:members"
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.juliet, [node, NS_FENCE]) as juliet, \
                SecondClient(self.paris, [node, NS_FENCE]) as paris:
            romeo.publish(node, "i1", entry("1"), {"access_model": "whitelist"})
            romeo.ask(romeo.pubsub.modify_affiliations, None, node,
                      affiliations=[(self.juliet.jid, "member")])
            self.settle(romeo, [juliet, paris])
            romeo.publish(node, "i2", entry("2"))
            heard, unheard = self.fence(romeo, [juliet, paris])
            check_equal(brief(heard), [("item", node, "i2")], "events of a member")
            check_equal(brief(unheard), [], "events of a contact")
            check_equal(list(juliet.items(node, self.romeo.jid))[-1:], ["i2"], "items of a member")
            check(paris.error_of(paris.pubsub.get_items, self.romeo.jid, node) is not None,
                  "a contact may read")

    def test_a_roster_group_is_admitted_and_others_are_not(self):
        node = "urn:example:group"
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet, \
                SecondClient(self.paris) as paris:
            romeo.ask(romeo.xmpp.get_roster)
            romeo.ask(romeo.xmpp.update_roster, self.juliet.jid, groups=["Friends"])
            romeo.create(node, {"access_model": "roster", "roster_groups_allowed": ["Friends"]})
            romeo.publish(node, "i", entry("x"))
            wait_until("the group is known", lambda: juliet.error_of(
                juliet.pubsub.get_items, self.romeo.jid, node) is None, 15)
            check(paris.error_of(paris.pubsub.get_items, self.romeo.jid, node) is not None,
                  "another contact may read")

    def test_a_request_to_subscribe_is_approved_by_the_owner(self):
        node = "urn:example:approved"
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            romeo.publish(node, "i", entry("x"), {"access_model": "authorize"})
            answer = juliet.ask(juliet.pubsub.subscribe, self.romeo.jid, node)
            check_equal(answer["pubsub"]["subscription"]["subscription"], "pending", "state")
            check(juliet.error_of(juliet.pubsub.get_items, self.romeo.jid, node) is not None,
                  "items are shown while the subscription is pending")
            romeo.ask(romeo.pubsub.modify_subscriptions, None, node,
                      subscriptions=[(self.juliet.jid, "subscribed")])
            check_equal(list(juliet.items(node, self.romeo.jid)), ["i"], "items")

    def test_whoever_loses_access_gets_nothing_more(self):
        node = "urn:example:closed"
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.juliet, [node, NS_FENCE]) as juliet:
            romeo.forget(node)
            romeo.publish(node, "i1", entry("1"))
            juliet.ask(juliet.pubsub.subscribe, self.romeo.jid, node)
            self.settle(romeo, [juliet])
            romeo.ask(romeo.pubsub.set_node_config, None, node,
                      romeo.form({"access_model": "whitelist"}, "node_config"))
            romeo.publish(node, "i2", entry("2"))
            got = [event for event in self.fence(romeo, [juliet])[0] if event.kind == "item"]
            check_equal(brief(got), [], "events after the node was closed")

    @unlike(ejabberd="delivers what a component sends for an account to those whom it blocks")
    def test_a_blocked_contact_gets_nothing(self):
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.paris, [NS_TUNE, NS_FENCE]) as paris:
            self.settle(romeo, [paris])
            romeo.ask(romeo.xmpp["xep_0191"].block, self.paris.jid)
            try:
                romeo.publish(NS_TUNE, "current", tune("not for you"))
                check_equal(brief(paris.during(SILENCE)), [], "events")
            finally:
                romeo.ask(romeo.xmpp["xep_0191"].unblock, self.paris.jid)

    # -- remote contacts

    def test_a_contact_at_another_server_gets_events_once_and_last_items(self):
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.mercutio, [NS_TUNE, NS_FENCE]) as mercutio:
            self.settle(romeo, [mercutio])
            romeo.publish(NS_TUNE, "current", tune("far away"))
            check_equal(brief(self.fence(romeo, [mercutio], exact=True)[0]),
                        [("item", NS_TUNE, "current")], "events")
            check_equal(list(mercutio.items(NS_TUNE, self.romeo.jid)), ["current"], "items")

    @unlike(ejabberd="tells of a remote contact only while the account is online")
    def test_a_contact_at_another_server_gets_last_items_of_an_owner_who_is_offline(self):
        self.romeo.does("publish", "tune", "title=asleep")
        with FirstClient(self.mercutio, ["tune"]) as mercutio:
            mercutio.await_event(NS_TUNE, "current", seconds=5)

    def test_a_stranger_at_another_server_is_refused(self):
        rosaline = self.world.newcomer("rosaline", self.world.verona)
        account = ("--service", self.romeo.jid, "--node", "tune")
        check_equal(rosaline.run("items", *account).status, 1, "exit status of items")

    # -- what profiles want

    def test_an_avatar_is_data_and_metadata(self):
        path = os.path.join(self.world.folder, "avatar.png")
        with open(path, "wb") as file:
            file.write(png(64))
        with SecondClient(self.romeo) as romeo, \
                FirstClient(self.juliet, ["avatar", NS_FENCE]) as juliet:
            self.settle(romeo, [juliet])
            digest = self.romeo.does("publish", "avatar", path).strip()
            event = juliet.await_event(NS_AVATAR, digest)
            check_equal([info.get("width") for info in event.payload], ["64"], "width")
        data = self.juliet.does("items", "--service", self.romeo.jid, "--node", NS_AVATAR_DATA,
                                "--id", digest)
        check_equal(item_ids(data), [digest], "the picture")
        check("iVBORw0KGgo" in data, "the picture is no PNG")

    def test_avatar_data_are_not_sent_to_those_who_want_metadata(self):
        with SecondClient(self.romeo, [NS_AVATAR, NS_FENCE]) as romeo:
            self.settle(romeo, [romeo])
            romeo.publish(NS_AVATAR_DATA, "d", f"<data xmlns='{NS_AVATAR_DATA}'>AAAA</data>")
            check_equal(brief(self.fence(romeo, [romeo])[0]), [], "events of data")

    def test_bookmarks_are_private_many_and_reach_the_own_resources(self):
        rooms = ["one@rooms.test", "two@rooms.test"]
        with SecondClient(self.romeo) as romeo, \
                SecondClient(self.romeo, [NS_BOOKMARKS, NS_FENCE]) as other, \
                SecondClient(self.juliet, [NS_BOOKMARKS, NS_FENCE]) as juliet:
            romeo.forget(NS_BOOKMARKS)
            self.settle(romeo, [other, juliet])
            for room in rooms:
                romeo.publish(NS_BOOKMARKS, room, conference("x"), BOOKMARK_OPTIONS)
            romeo.ask(romeo.pubsub.retract, None, NS_BOOKMARKS, rooms[0], notify=True)
            own, foreign = self.fence(romeo, [other, juliet])
            check_equal(brief(own), [
                ("item", NS_BOOKMARKS, rooms[0]), ("item", NS_BOOKMARKS, rooms[1]),
                ("retract", NS_BOOKMARKS, rooms[0])], "events of another resource")
            check_equal(brief(foreign), [], "events of a contact")
            check_equal(list(romeo.items(NS_BOOKMARKS)), rooms[1:], "items")
            check(juliet.error_of(juliet.pubsub.get_items, self.romeo.jid, NS_BOOKMARKS)
                  is not None, "a contact reads bookmarks")

    @own_rule
    def test_bookmarks_published_without_options_are_private(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            romeo.forget(NS_BOOKMARKS)
            romeo.publish(NS_BOOKMARKS, "one@rooms.test", conference("x"))
            check(juliet.error_of(juliet.pubsub.get_items, self.romeo.jid, NS_BOOKMARKS)
                  is not None, "a contact reads bookmarks")

    def test_preconditions_hold(self):
        node = "urn:example:precondition"
        with SecondClient(self.romeo) as romeo:
            romeo.publish(node, "i", entry("x"), {"access_model": "whitelist"})
            romeo.publish(node, "i", entry("y"), {"access_model": "whitelist"})
            check_equal(romeo.publish_error(node, "i", entry("z"), {"access_model": "open"}),
                        "conflict", "error of another access model")

    def test_a_stranger_may_fetch_the_keys_of_omemo(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.tybalt) as tybalt:
            options = {"persist_items": "true", "access_model": "open"}
            romeo.publish(NS_DEVICES, "current", f"<list xmlns='{NS_DEVICES[:-11]}'/>", options)
            romeo.publish(NS_BUNDLES + ":7", "current",
                          f"<bundle xmlns='{NS_DEVICES[:-11]}'/>", options)
            for node in (NS_DEVICES, NS_BUNDLES + ":7"):
                check_equal(list(tybalt.items(node, self.romeo.jid)), ["current"], node)

    def test_a_blog_has_followers_who_are_strangers(self):
        with SecondClient(self.romeo) as romeo, SecondClient(self.tybalt) as tybalt:
            romeo.create(NS_MICROBLOG, {"access_model": "open", "max_items": "100"})
            for number in range(12):
                romeo.publish(NS_MICROBLOG, f"p{number}", entry(f"post {number}"))
            check_equal(len(tybalt.items(NS_MICROBLOG, self.romeo.jid)), 12, "posts")
            tybalt.ask(tybalt.pubsub.subscribe, self.romeo.jid, NS_MICROBLOG)
            romeo.publish(NS_MICROBLOG, "news", entry("news"))
            event = tybalt.await_event(NS_MICROBLOG, "news", seconds=5)
            check_equal(event.sender, self.romeo.jid, "sender")

    def test_the_newest_items_come_in_pages(self):
        node = "urn:example:pages"
        with SecondClient(self.romeo) as romeo:
            romeo.create(node, {"max_items": "100"})
            for number in range(10):
                romeo.publish(node, f"i{number}", entry(str(number)))
            check_equal(list(romeo.items(node, max_items=3)), ["i7", "i8", "i9"], "newest three")
            iq = romeo.xmpp.make_iq_get()
            iq["pubsub"]["items"]["node"] = node
            iq["pubsub"].xml.append(ElementTree.fromstring(
                f"<set xmlns='{NS_RSM}'><max>4</max><before/></set>"))
            answer = romeo.ask(iq.send).xml
            found = [item.get("id") for item in answer.iter(f"{{{NS_PUBSUB}}}item")]
            check_equal(found, ["i6", "i7", "i8", "i9"], "last page")
            count = answer.find(f".//{{{NS_RSM}}}count")
            check_equal(None if count is None else count.text, "10", "count")

    @own_rule
    def test_what_republishes_an_item_makes_it_the_newest(self):
        node = "urn:example:newest"
        with SecondClient(self.romeo) as romeo:
            romeo.create(node, {"max_items": "10"})
            for item_id in ("a", "b", "a"):
                romeo.publish(node, item_id, entry("x"))
            check_equal(list(romeo.items(node)), ["b", "a"], "order of the items")

    def test_items_expire_when_they_should(self):
        node = "urn:example:mayfly"
        with SecondClient(self.romeo) as romeo:
            romeo.create(node, {"item_expire": "1"})
            romeo.publish(node, "i", entry("x"))
            wait_until("the item is gone", lambda: list(romeo.items(node)) == [], 5)

    def test_an_owner_is_notified_of_new_subscribers(self):
        node = "urn:example:followed"
        with SecondClient(self.romeo) as romeo, SecondClient(self.tybalt) as tybalt:
            romeo.create(node, {"access_model": "open", "notify_sub": "true"})
            tybalt.ask(tybalt.pubsub.subscribe, self.romeo.jid, node)
            romeo.await_event(node, None, "subscription", seconds=5)

    def test_a_publisher_publishes_for_an_owner_who_is_offline(self):
        node = "urn:example:guest"
        with SecondClient(self.romeo) as romeo:
            romeo.publish(node, "i1", entry("1"))
            romeo.ask(romeo.pubsub.modify_affiliations, None, node,
                      affiliations=[(self.juliet.jid, "publisher")])
        with SecondClient(self.juliet) as juliet, SecondClient(self.paris, [node]) as paris:
            paris.await_event(node, "i1", seconds=5)
            juliet.publish(node, "i2", entry("2"), to=self.romeo.jid)
            paris.await_event(node, "i2", seconds=5)

    def test_a_payload_of_an_account_arrives_as_it_left(self):
        payload = ("<e xmlns='urn:example:e' xmlns:x='urn:example:x' x:a='1' b='&lt;&quot;'>"
                   "\n <none xmlns=''/><x:y xml:lang='de'>\u00fc\U0001f3b5 &amp;amp; ]]&gt;</x:y> </e>")
        with SecondClient(self.romeo) as romeo:
            self.romeo.does("publish", self.file(payload), "--node", "urn:example:exact",
                            "--id", "i")
            got = romeo.items("urn:example:exact")["i"]
            check_equal(canonical(got), canonical(payload), "the payload")

    def test_a_picture_of_200_kilobytes_passes(self):
        with SecondClient(self.romeo) as romeo:
            data = "A" * 200000
            romeo.publish(NS_AVATAR_DATA, "big", f"<data xmlns='{NS_AVATAR_DATA}'>{data}</data>")
            got = romeo.items(NS_AVATAR_DATA, item_ids=["big"])["big"]
            check_equal(len(got.text), len(data), "length")

    # -- what clients keep in two forms

    def test_bookmarks_in_private_xml_are_those_of_the_node(self):
        with SecondClient(self.romeo, [NS_BOOKMARKS, NS_FENCE]) as romeo:
            self.start_without_bookmarks(romeo)
            romeo.publish(NS_BOOKMARKS, "new@rooms.test", conference("New"), BOOKMARK_OPTIONS)
            self.check_old_bookmarks(romeo, "xep_0049", {"new@rooms.test": "New"})
            self.settle(romeo, [romeo])
            self.set_old_bookmarks(romeo, "xep_0049", {
                "new@rooms.test": "New", "old@rooms.test": "Old"})
            check_equal(brief(self.fence(romeo, [romeo])[0]),
                        [("item", NS_BOOKMARKS, "old@rooms.test")], "events of what is new")
            self.set_old_bookmarks(romeo, "xep_0049", {"old@rooms.test": "Old"})
            check_equal(list(romeo.items(NS_BOOKMARKS)), ["old@rooms.test"], "items")

    def test_bookmarks_in_a_list_are_those_of_the_node(self):
        with SecondClient(self.romeo) as romeo:
            self.start_without_bookmarks(romeo)
            romeo.publish(NS_BOOKMARKS, "new@rooms.test", conference("New"), BOOKMARK_OPTIONS)
            self.check_old_bookmarks(romeo, "xep_0223", {"new@rooms.test": "New"})
            self.set_old_bookmarks(romeo, "xep_0223", {
                "new@rooms.test": "New", "old@rooms.test": "Old"})
            check_equal(sorted(romeo.items(NS_BOOKMARKS)), ["new@rooms.test", "old@rooms.test"],
                        "items")

    def test_accounts_advertise_that_bookmarks_are_converted(self):
        info = self.romeo.does("disco", "info")
        for form in ("compat", "compat-pep"):
            check(f"feature {NS_BOOKMARKS}#{form}\n" in info, f"#{form} is not advertised")

    def test_other_private_xml_is_kept(self):
        with SecondClient(self.romeo) as romeo:
            for kind, text in (("set", "::"), ("get", "")):
                iq = romeo.xmpp.make_iq(itype=kind)
                iq["private"].xml.append(ElementTree.fromstring(
                    f"<roster xmlns='roster:delimiter'>{text}</roster>"))
                answer = romeo.ask(iq.send).xml
            found = answer.find(".//{roster:delimiter}roster")
            check_equal(None if found is None else found.text, "::", "what was stored")

    def test_an_avatar_is_the_picture_of_the_vcard(self):
        picture = b"\x89PNG" + b"x" * 2000
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            self.publish_avatar(romeo, picture)
            wait_until("the picture is there", lambda: self.picture_of(juliet) == picture, 5)

    def test_the_picture_of_a_vcard_is_the_avatar(self):
        picture = b"\x89PNG" + b"y" * 2000
        with SecondClient(self.romeo) as romeo, SecondClient(self.juliet) as juliet:
            vcard = romeo.xmpp["xep_0054"].make_vcard()
            vcard["FN"] = "Romeo"
            vcard["PHOTO"]["TYPE"] = "image/png"
            vcard["PHOTO"]["BINVAL"] = picture
            romeo.ask(romeo.xmpp["xep_0054"].publish_vcard, vcard)
            digest = hashlib.sha1(picture).hexdigest()
            wait_until("the avatar is there", lambda: digest in
                       juliet.items(NS_AVATAR, self.romeo.jid), 5)
            check_equal(list(juliet.items(NS_AVATAR_DATA, self.romeo.jid, item_ids=[digest])),
                        [digest], "data")

    @staticmethod
    def start_without_bookmarks(client):
        for node in (NS_BOOKMARKS, "storage:bookmarks"):
            client.forget(node)

    @staticmethod
    def set_old_bookmarks(client, method, rooms):
        bookmarks = Bookmarks()
        for jid, name in rooms.items():
            bookmarks.add_conference(jid, None, name=name)
        client.ask(client.xmpp["xep_0048"].set_bookmarks, bookmarks, method=method)

    @staticmethod
    def check_old_bookmarks(client, method, expected):
        answer = client.ask(client.xmpp["xep_0048"].get_bookmarks, method=method).xml
        rooms = answer.iter("{storage:bookmarks}conference")
        check_equal({room.get("jid"): room.get("name") for room in rooms}, expected, "bookmarks")

    @staticmethod
    def publish_avatar(client, picture):
        digest = hashlib.sha1(picture).hexdigest()
        data = base64.b64encode(picture).decode()
        client.publish(NS_AVATAR_DATA, digest, f"<data xmlns='{NS_AVATAR_DATA}'>{data}</data>")
        client.publish(NS_AVATAR, digest, f"<metadata xmlns='{NS_AVATAR}'><info id='{digest}' "
                                          f"bytes='{len(picture)}' type='image/png'/></metadata>")

    def picture_of(self, client):
        try:
            answer = client.ask(client.xmpp["xep_0054"].get_vcard, self.romeo.jid, cached=False)
        except IqError:
            return None
        text = answer.xml.findtext(".//{vcard-temp}BINVAL")
        return text and base64.b64decode(text)
