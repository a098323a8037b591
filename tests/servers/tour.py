#!/usr/bin/python3 -B
"""What tools/try shows: two people, their events, a node, and a crash."""
import argparse
import os
import shlex
import signal
import sys
import time

from harness import World
from program import Trouble, exit_on_signals
from servers import COMPONENT, SERVERS

ENTRY = """<entry xmlns='http://www.w3.org/2005/Atom'>
  <title>{title}</title>
  <id>tag:localhost,2024:{id}</id>
  <updated>2024-05-01T12:00:00Z</updated>
</entry>
"""


def say(text):
    print(text, flush=True)


def step(text):
    say(f"\n== {text}")


class Tour:
    def __init__(self, world):
        self.world = world
        self.romeo = self.juliet = None

    def do(self, person, *words):
        """Runs the client and shows it as one would type it."""
        say(f"{person.name}$ peppy {' '.join(map(shlex.quote, words))}")
        out = person.does(*words)
        for line in out.splitlines():
            say(f"    {line}")
        return out

    def get(self, watch, pattern):
        """Shows what a person who watches receives."""
        line = watch.expect(pattern)
        say(f"    {watch.person.name} gets: {line}")
        return line

    def begin(self):
        world = self.world
        step(f"a private {world.server.kind} on 127.0.0.1:{world.server.client_port}, "
             f"with peppyd attached as {COMPONENT}")
        world.start()
        self.romeo = world.person("romeo")
        self.juliet = world.person("juliet")
        world.wait_for_peppyd(self.romeo)
        world.make_contacts(self.romeo, self.juliet)
        say("romeo@localhost and juliet@localhost have accounts and are contacts")

    def personal_events(self):
        step("romeo publishes a tune on his own account; juliet is online and wants tunes")
        with self.juliet.watches("tune") as watch:
            self.do(self.romeo, "publish", "tune", "artist=Nick Drake", "title=Pink Moon")
            self.get(watch, "^item romeo@localhost .*tune")
            self.get(watch, "Pink Moon")
        step("juliet was away and comes back: the last item waits for her")
        self.do(self.romeo, "publish", "tune", "artist=Nick Drake", "title=Northern Sky")
        with self.juliet.watches("tune") as watch:
            say("juliet$ peppy watch tune")
            self.get(watch, "^item romeo@localhost .*tune.* since ")
            self.get(watch, "Northern Sky")

    def publish_entry(self, item_id, title):
        path = os.path.join(self.world.folder, "entry.xml")
        with open(path, "w") as file:
            file.write(ENTRY.format(id=item_id, title=title))
        self.do(self.romeo, "publish", path, "--service", COMPONENT, "--node", "verses",
                "--id", item_id)

    def node(self):
        step(f"romeo makes a node on {COMPONENT}; juliet subscribes and gets what he publishes")
        self.do(self.romeo, "node", "create", "--service", COMPONENT, "--node", "verses",
                "-o", "title=Verses", "-o", "max_items=100")
        self.do(self.juliet, "subscribe", "--service", COMPONENT, "--node", "verses")
        with self.juliet.watches("--no-pep") as watch:
            self.publish_entry("1", "But, soft!")
            self.get(watch, f"^item {COMPONENT} verses 1")
            self.get(watch, "But, soft!")

    def crash(self):
        step("peppyd is killed with -9 and started again: everything is still there")
        self.world.peppyd.end(signal.SIGKILL)
        say("$ kill -9 peppyd")
        self.world.peppyd.start()
        self.world.wait_for_peppyd(self.romeo)
        self.do(self.juliet, "items", "--service", COMPONENT, "--node", "verses")
        self.do(self.juliet, "items", "--service", "romeo@localhost", "--node", "tune")
        with self.juliet.watches("--no-pep") as watch:
            self.publish_entry("2", "What light through yonder window breaks?")
            self.get(watch, f"^item {COMPONENT} verses 2")

    def keep(self):
        server = self.world.server
        step("it runs on until Ctrl-C; connect a client of your own")
        say(f"""
server       127.0.0.1, port {server.client_port}, domain localhost, STARTTLS
certificate  {server.certificate}, self-signed: let the client trust it
accounts     romeo@localhost, password '{self.romeo.password}'
             juliet@localhost, password '{self.juliet.password}'
service      {COMPONENT}; its log: {self.world.peppyd.log}

or here, in another shell:

export PEPPY_HOST=127.0.0.1 PEPPY_PORT={server.client_port} PEPPY_CA_FILE={server.certificate}
export PEPPY_JID=juliet@localhost PEPPY_PASSWORD='{self.juliet.password}'
{self.world.client} watch
""")
        try:
            while self.world.peppyd.is_running() and server.is_running():
                time.sleep(0.5)
            raise Trouble(f"something ended by itself:\n{self.world.peppyd.said()}\n"
                          f"{server.said()}")
        except KeyboardInterrupt:
            say("")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--server", choices=list(SERVERS), required=True)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    exit_on_signals()
    began = time.monotonic()
    with World(options.server, os.path.abspath(options.build),
               first_ports=(15222, 15347)) as world:
        tour = Tour(world)
        tour.begin()
        tour.personal_events()
        tour.node()
        tour.crash()
        step(f"all of it worked, in {time.monotonic() - began:.0f} seconds")
        if options.keep:
            tour.keep()
    say(f"{options.server} and peppyd have ended, and their folder is gone")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        sys.exit(f"try: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)
