"""`python -m config.local COMMAND`: what the Makefile calls."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from config.local import checks, environment, errors, servers
from config.local.errors import SetupError, StartInterruptedError
from config.local.supervisor import say
from config.local.up import up

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 128 + signal.SIGINT  # as a shell would say it


def show_environment(root: Path, command: Sequence[str]) -> int:
    """Print var/local.env's values, or become a command that has them in its environment."""
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
        with suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
    return 0


# command → what does it, with the checkout's folder and the further arguments; returns the exit status
COMMANDS: dict[str, Callable[[Path, Sequence[str]], int]] = {
    "up": lambda root, _: up(root),
    "env": show_environment,
    "lint": lambda root, _: checks.lint(root),
    "test": checks.test,
    "screenshots": checks.screenshots,
    "test-servers": lambda root, _: serve_tests(root),
}


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run a command and return the exit status; what the person can put right is a line on standard error."""
    if not arguments or arguments[0] not in COMMANDS:
        return tell(SetupError(f"Usage: python -m config.local {'|'.join(COMMANDS)}"))
    try:
        for name in environment.ours(os.environ, environment.read(root / "var" / environment.FILE)):
            del os.environ[name]
        return COMMANDS[arguments[0]](root, arguments[1:])
    except StartInterruptedError:
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except SetupError as failure:
        return tell(failure)
    except OSError as error:
        return tell(errors.from_os(error))


def tell(failure: SetupError) -> int:
    print(f"sayso: {failure}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
