"""A Postfix of one's own: Debian's programs, our folders, and the lines that docs/MAIL.md shows."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.local import ports
from tests.instance import ROOT

SERVICES: Final = """
{port}    inet  n  -  n  -     -  smtpd
pickup    unix  n  -  n  60    1  pickup
cleanup   unix  n  -  n  -     0  cleanup
qmgr      unix  n  -  n  300   1  qmgr
tlsmgr    unix  -  -  n  1000? 1  tlsmgr
rewrite   unix  -  -  n  -     -  trivial-rewrite
bounce    unix  -  -  n  -     0  bounce
defer     unix  -  -  n  -     0  bounce
trace     unix  -  -  n  -     0  bounce
verify    unix  -  -  n  -     1  verify
flush     unix  n  -  n  1000? 0  flush
proxymap  unix  -  -  n  -     -  proxymap
smtp      unix  -  -  n  -     -  smtp
lmtp      unix  -  -  n  -     -  lmtp
relay     unix  -  -  n  -     -  smtp
showq     unix  n  -  n  -     -  showq
error     unix  -  -  n  -     -  error
retry     unix  -  -  n  -     -  error
discard   unix  -  -  n  -     -  discard
anvil     unix  -  -  n  -     1  anvil
scache    unix  -  -  n  -     1  scache
postlog   unix-dgram n - n -   1  postlogd
"""
SETTINGS: Final = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file_prefixes = {folder}
maillog_file = {folder}/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.acme.example
mydestination =
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
alias_maps =
alias_database =
"""
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def documented(page: str) -> dict[str, str]:
    """The files that a page shows, by the comment above their lines; lines of the same file together."""
    found: dict[str, str] = {}
    for kind, block in FENCE.findall((ROOT / "docs" / page).read_text()):
        if kind == "sh" and block.startswith("#!/bin/sh"):
            found["script"] = block
        elif not kind and block.startswith("# "):
            _sort(block, found)
    return found


def _sort(block: str, found: dict[str, str]) -> None:
    name = ""
    for line in block.splitlines():
        if line.startswith("# "):
            name = line[2:].partition(" (")[0]
        else:
            found[name] = f"{found.get(name, '')}{line}\n"


class Postfix:
    """An instance on a port of its own. `changes` are what of the documented lines is different here; `more` is a page
    whose lines are added to those of docs/MAIL.md."""

    def __init__(self, folder: Path, changes: Mapping[str, str], more: str = "") -> None:
        self.folder, self.port = folder, ports.anywhere()
        self._changes = {"/etc/postfix/": f"{folder}/", **changes}
        self._docs, self.started = documented("MAIL.md"), False
        for name, text in documented(more).items() if more else ():
            self._docs[name] = self._docs.get(name, "") + text
        for name, owner in (("spool", "root"), ("data", "postfix")):
            (folder / name).mkdir(mode=0o755)
            shutil.chown(folder / name, owner)
        self._write("main.cf", SETTINGS.format(folder=folder) + self._docs["main.cf"])
        self._write("master.cf", SERVICES.format(port=f"127.0.0.1:{self.port}") + self._docs["master.cf"])
        self.route("SMTP")

    def script(self, path: Path) -> None:
        """Write down the documented program of the pipe."""
        path.write_text(self._changed(self._docs["script"]))
        path.chmod(0o755)

    def route(self, way: str) -> None:
        """Use the documented transport lines for a way: SMTP, LMTP, a pipe."""
        self.table(self._docs[f"transport: {way}"])

    def table(self, text: str) -> None:
        """Replace the transport table. By itself Postfix sees that after some seconds."""
        self._write("transport", text)
        self._run("postmap", f"hash:{self.folder}/transport")
        if self.started:
            self._run("postfix", "-c", str(self.folder), "reload")

    def start(self) -> None:
        self._run("postfix", "-c", str(self.folder), "start")
        self.started = True

    def stop(self) -> None:
        self._run("postfix", "-c", str(self.folder), "stop")

    def deliver_now(self) -> None:
        """Try again what waits, as Postfix does by itself after some minutes."""
        self._run("postqueue", "-c", str(self.folder), "-f")

    def log(self) -> str:
        file = self.folder / "postfix.log"
        return file.read_text() if file.exists() else ""

    def waits_for(self, words: str, seconds: float = 30.0) -> None:
        """Wait until the log says so."""
        deadline = time.monotonic() + seconds
        while words not in self.log():
            assert time.monotonic() < deadline, f"{words!r} is not in the log:\n{self.log()[-3_000:]}"
            time.sleep(0.05)

    def hands_on(self, sender: str) -> None:
        """Wait until the message of a sender has left, and have what waits tried again meanwhile."""
        self.waits_for(f"from=<{sender}>")
        [number] = set(re.findall(rf"(\w+): from=<{re.escape(sender)}>", self.log()))
        deadline = time.monotonic() + 30.0
        while not re.search(rf"{number}: to=.*status=sent", self.log()):
            assert time.monotonic() < deadline, self.log()[-3_000:]
            time.sleep(0.2)
            self.deliver_now()

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(self._changed(text))

    def _changed(self, text: str) -> str:
        for old, new in self._changes.items():
            text = text.replace(old, new)
        return text

    def _run(self, program: str, *arguments: str) -> None:
        path = f"/usr/sbin:/usr/bin:{os.environ['PATH']}"
        command = [shutil.which(program, path=path) or program, *arguments]
        environment = {"PATH": path, "MAIL_CONFIG": str(self.folder)}  # never the machine's own
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}{self.log()[-2_000:]}"


def python_of(user: str) -> str | None:
    """A Python that a user may run; None where there is none, as of a checkout in somebody's home."""
    found = pwd.getpwnam(user)
    for path in (sys.executable, "/usr/bin/python3"):
        command = [path, "-c", "import sys; sys.exit(sys.version_info < (3, 10))"]
        try:
            done = subprocess.run(
                command,
                cwd="/",
                user=found.pw_uid,
                group=found.pw_gid,
                extra_groups=[],
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if done.returncode == 0:
            return path
    return None


def may_run_us(user: str) -> bool:
    """Whether a user may enter this checkout and run its Python: a pipe is never run as root."""
    found = pwd.getpwnam(user)
    command = [str(ROOT / ".venv" / "bin" / "python"), "manage.py", "--version"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, user=found.pw_uid, group=found.pw_gid, extra_groups=[], capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0
