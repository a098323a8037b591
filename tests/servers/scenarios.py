"""What has to hold behind a real server, the same for each of them. Prints TAP.

tests/servers/prosody and tests/servers/ejabberd run it; names of scenarios, or parts of them, choose
some. Three clients that have nothing in common take part: peppy on libstrophe, slixmpp, nbxmpp.
"""
import importlib.util
import os
import sys
import traceback

from harness import World
from program import Trouble, exit_on_signals
from servers import is_installed


def comment(text):
    for line in text.splitlines():
        print(f"# {line}", flush=True)


def scenarios_of(world, cast, classes):
    """(name as a sentence, test) of each."""
    for one in classes:
        stage = one(world, cast)
        for name in vars(one):
            if name.startswith("test_"):
                yield name.removeprefix("test_").replace("_", " "), getattr(stage, name)


def run_one(world, test):
    """None, or what went wrong."""
    try:
        test()
        if world.peppyd and not world.peppyd.is_running():
            raise Trouble("peppyd has ended")
    except Trouble as trouble:
        return str(trouble)
    except Exception:
        return traceback.format_exc()
    return None


def revive(world):
    """After a failure the next scenario finds everything running."""
    world.link.mend()
    for program in filter(None, (world.server, world.peppyd)):
        if not program.is_running():
            comment(f"{program.name} has ended with {program.process.returncode}; started again")
            program.start()


def report(world, number, name, test, trouble):
    """A line of TAP; True if it counts as a failure."""
    reason = getattr(test, "unlike", {}).get(world.server.kind)
    todo = f" # TODO {reason}" if reason and not world.server.own_pep else ""
    print(f"{'not ok' if trouble else 'ok'} {number} - {world.server.kind}: {name}{todo}", flush=True)
    if trouble and not todo:
        comment(trouble)
        comment(world.peppyd.said())
    return bool(trouble) != bool(todo)


def run_all(kind):
    if os.environ.get("PEPPY_TEST_SERVERS") == "no":
        print("1..0 # SKIP not asked for")
        return 0
    if not is_installed(kind):
        print(f"1..0 # SKIP {kind} is not installed")
        return 0
    missing = [name for name in ("slixmpp", "nbxmpp") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"1..0 # SKIP {' and '.join(missing)} not installed: tools/packages clients")
        return 0
    from of_accounts import OfAccounts
    from of_breakage import OfBreakage, OfOutages
    from of_commands import OfCommands
    from of_component import OfComponent
    from stage import Cast

    exit_on_signals()
    failed = 0
    with World(kind, os.path.abspath(os.environ.get("builddir", "build"))) as world:
        try:
            world.start()
            cast = Cast(world)
        except Exception as error:  # whatever it was: nothing below can run
            comment(str(error) + "\n" + world.peppyd.said())
            print("Bail out! nothing to test", flush=True)
            return 1
        chosen = [(name, test) for name, test in
                  scenarios_of(world, cast, (OfComponent, OfCommands, OfAccounts, OfOutages,
                                             OfBreakage))
                  if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
        print(f"1..{len(chosen)}", flush=True)
        for number, (name, test) in enumerate(chosen, 1):
            trouble = run_one(world, test)
            failed += report(world, number, name, test, trouble)
            if trouble:
                revive(world)
    return 1 if failed else 0
