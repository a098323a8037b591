"""Ad-hoc commands as a client's library carries them out, with forms that a person fills in."""
import queue

from program import PATIENCE, Trouble
from second_client import SecondClient
from servers import COMPONENT
from stage import SERVICE, Stage, check, check_equal, check_refused

NS_COMMANDS = "http://jabber.org/protocol/commands"
ANNOUNCE = "http://jabber.org/protocol/admin#announce"


def names(client):
    items = client.ask(client.xmpp["xep_0050"].get_commands, COMPONENT)["disco_items"]["items"]
    return {name: node for _, node, name in items}


class OfCommands(Stage):
    def test_everybody_finds_the_commands_they_may_use(self):
        with SecondClient(self.tybalt) as tybalt, SecondClient(self.escalus) as escalus:
            info = tybalt.ask(tybalt.xmpp["xep_0030"].get_info, COMPONENT)
            check(NS_COMMANDS in info["disco_info"]["features"], "commands are not advertised")
            check("Show my nodes" in names(tybalt), f"tybalt finds {names(tybalt)}")
            check("List nodes" not in names(tybalt), f"tybalt finds {names(tybalt)}")
            check("List nodes" in names(escalus), f"escalus finds {names(escalus)}")
            error = tybalt.error_of(
                tybalt.carry_out, COMPONENT, names(escalus)["List nodes"], [])
            check_equal(error, "forbidden", "a command of admins")

    def test_an_admin_creates_shows_and_deletes_a_node(self):
        with SecondClient(self.escalus) as client:
            nodes = names(client)
            client.command(COMPONENT, nodes["Create a node"], {"node": "by command"},
                           {"pubsub#title": "Made of forms", "pubsub#access_model": "whitelist"})
            shown = client.command(COMPONENT, nodes["Show a node"], {"node": "by command"})
            values = shown["form"].get_values()
            check_equal(values["pubsub#title"], "Made of forms", "the title")
            check_equal(values["owners"], [self.escalus.jid], "the owners")
            listed = client.command(COMPONENT, nodes["List nodes"], {"pattern": "by *"})
            rows = listed["form"].get_items()
            check_equal([row["node"] for row in rows], ["by command"], "the nodes")
            check_equal(rows[0]["access_model"], "whitelist", "the access model")
            client.command(COMPONENT, nodes["Delete a node"],
                           {"node": "by command"}, {"confirm": "1"})
            check_refused(self.escalus.run("node", "configure", *SERVICE, "--node", "by command"),
                          "cancel item-not-found")

    def test_users_export_and_erase_what_is_theirs(self):
        self.paris.does("node", "create", *SERVICE, "--node", "paris")
        self.paris.does("publish", self.entry("mine"), *SERVICE, "--node", "paris", "--id", "1")
        self.juliet.does("subscribe", *SERVICE, "--node", "paris")
        with SecondClient(self.paris) as client, self.juliet.watches("--no-pep") as watch:
            nodes = names(client)
            rows = client.command(COMPONENT, nodes["Export what is mine"])["form"].get_items()
            check_equal([row["kind"] for row in rows], ["node", "affiliation", "item"], "rows")
            check("<title>mine</title>" in rows[2]["data"], f"the payload: {rows[2]}")
            client.command(COMPONENT, nodes["Erase what is mine"], {"confirm": "1"})
            watch.expect(f"^delete {COMPONENT} paris")
            shown = client.command(COMPONENT, nodes["Show my nodes"])
            check_equal(shown["form"].get_items(), [], "what is left")

    def test_an_announcement_reaches_everybody_online(self):
        with SecondClient(self.escalus) as escalus, SecondClient(self.juliet) as juliet:
            heard = queue.Queue()
            juliet.xmpp.add_event_handler(
                "message", lambda message: heard.put((str(message["from"]), message["body"])))
            names(juliet)  # answered behind her presence
            escalus.command(COMPONENT, ANNOUNCE, {"announcement": "Rebellious subjects"})
            try:
                got = heard.get(timeout=PATIENCE)
            except queue.Empty:
                raise Trouble("juliet has heard nothing") from None
            check_equal(got, (COMPONENT, "Rebellious subjects"), "the announcement")
