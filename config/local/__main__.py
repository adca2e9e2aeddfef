"""`python -m config.local COMMAND`: what the Makefile calls."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from config.local import checks, environment, errors, servers
from config.local.errors import SetupError, StartInterruptedError
from config.local.supervisor import say
from config.local.up import up

ROOT = Path(__file__).resolve().parents[2]


def show_environment(root: Path, command: Sequence[str]) -> int:
    """Print var/local.env's values, or run a command with them."""
    values = environment.read(root / "var" / environment.FILE)
    if not values:
        raise SetupError("There is no var/local.env yet: run make up first.")
    if command:
        os.execvpe(command[0], list(command), {**values, **os.environ})  # noqa: S606 - the very purpose
    for name, value in values.items():
        say(f"{name}={os.environ.get(name) or value}")
    return 0


def serve_tests(root: Path) -> int:
    """Keep the test servers up, for pytest by hand."""
    with servers.serving(root / "var" / "test", os.environ, durable=False) as values:
        say(f"DATABASE_URL={values['DATABASE_URL']}\nREDIS_URL={values['REDIS_URL']}\nCtrl-C stops them.")
        while True:
            time.sleep(3600)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything, watch over it, stop it on Ctrl-C")
    commands.add_parser("env", help=show_environment.__doc__).add_argument("rest", nargs=argparse.REMAINDER)
    commands.add_parser("lint", help="run the linters")
    commands.add_parser("test", help="run the linters and pytest").add_argument("rest", nargs=argparse.REMAINDER)
    commands.add_parser("test-servers", help=serve_tests.__doc__)
    return parser.parse_args(arguments)


def run(options: argparse.Namespace, root: Path) -> int:
    rest = [word for number, word in enumerate(getattr(options, "rest", [])) if number or word != "--"]
    if options.command == "env":
        return show_environment(root, rest)
    if options.command == "test":
        return checks.test(root, rest)
    if options.command == "lint":
        return min(checks.lint(root), 1)
    if options.command == "test-servers":
        return serve_tests(root)
    up(root)
    return 0


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run a command and return the exit status; what the person can put right is a line on standard error."""
    try:
        return run(parse(arguments), root)
    except (StartInterruptedError, KeyboardInterrupt):
        return 0
    except SetupError as failure:
        return tell(failure)
    except OSError as error:
        return tell(errors.from_os(error))


def tell(failure: SetupError) -> int:
    print(f"sayso: {failure}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
