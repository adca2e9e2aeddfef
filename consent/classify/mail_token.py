"""Opaque tokens: the part of a mailto: opt-out that names its recipient, whoever sends it."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

OPT_OUT_MAILBOXES: Final = frozenset(
    {
        "unsubscribe", "unsub", "unsubscribes", "unsubscription", "optout", "opt-out", "opt_out", "remove", "removeme",
        "remove-me", "leave", "stop", "abmelden", "abmeldung", "desinscription", "désinscription", "baja", "cancelar",
        "cancelacion", "afmelden", "uitschrijven", "disiscrizione", "cancellami", "descadastrar", "avregistrera",
        "afmeld", "wypisz",
    }
)  # fmt: skip
"""Local parts of mailboxes to which one writes for nothing but to opt out."""

OPT_OUT_SUFFIXES: Final = ("-leave", "-unsubscribe", "-unsub", "-optout", "-opt-out")

LOCAL_PART_TOKEN: Final = re.compile(r"[A-Za-z0-9_.=~-]{4,300}")
SUBJECT: Final = re.compile(
    r"[\s\"'“”*]*(?:unsubscribe|unsub|opt[- ]?out|remove|"
    r"leave)(?:[\s:=]+[<\[(]?([A-Za-z0-9_.=~-]{5,300})[>\])]?)?[\s.!\"'“”*]*",
    re.IGNORECASE,
)
LINK: Final = re.compile(
    r"https?://[^\s<>,]{1,300}/u/([A-Za-z0-9_.=~-]{4,300})|"
    r"mailto:([^\s<>?,]{1,400}@[^\s<>?,]{1,255})(?:\?subject=([^\s<>&,]{1,400}))?"
)
BOUNCE_ID: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{56}(?![A-Za-z0-9])")
"""What an id of ours looks like (consent/bounces/ids.py)."""
SUBJECT_CHARS: Final = 400


def local_part(address: str) -> str:
    """Give the mailbox's name without its `+detail`, in lower case."""
    return address.rpartition("@")[0].partition("+")[0].casefold()


def is_opt_out_mailbox(address: str) -> bool:
    """List software names the mailbox after its list: `garden-leave@…`, `garden-unsubscribe@…`."""
    name = local_part(address)
    return name in OPT_OUT_MAILBOXES or name.endswith(OPT_OUT_SUFFIXES)


def token_in_addresses(recipients: Iterable[str]) -> str | None:
    """Find TOKEN in `unsubscribe+TOKEN@…`."""
    for address in recipients:
        detail = address.rpartition("@")[0].partition("+")[2]
        if is_opt_out_mailbox(address) and LOCAL_PART_TOKEN.fullmatch(detail):
            return detail
    return None


def is_bare_command(subject: str) -> bool:
    """Tell whether a subject is `unsubscribe`, alone or with a token, as a mail program fills it in."""
    found = SUBJECT.fullmatch(subject[:SUBJECT_CHARS])
    return found is not None and (found[1] is None or _is_opaque(found[1]))


def token_in_subject(subject: str) -> str | None:
    """Find TOKEN in `unsubscribe TOKEN`; an ordinary word (`unsubscribe please`) is none."""
    found = SUBJECT.fullmatch(subject[:SUBJECT_CHARS])
    return found[1] if found and found[1] and _is_opaque(found[1]) else None


def _is_opaque(word: str) -> bool:
    return len(word) >= 20 or any(letter.isdigit() for letter in word)


def token_in_links(header: str) -> str | None:
    """Find the token in a List-Unsubscribe field (RFC 2369): in our own https link or in the mailto: beside it."""
    return next(iter(tokens_in_links(header)), None)


def tokens_in_links(header: str) -> list[str]:
    """Find the tokens in List-Unsubscribe fields, also one in the subject of the mailto:."""
    tokens = (
        link[1] or token_in_addresses([link[2]]) or token_in_subject(unquote(link[3] or ""))
        for link in LINK.finditer(header[:4_000])
    )
    return [token for token in tokens if token][:50]
