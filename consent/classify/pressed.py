"""Who pressed an unsubscribe link: a person on our page, a mail provider for its user, perhaps a scanner.

An ordered table; the first row that fits names who it was. It is evidence and decides nothing: every POST to a good
link is a no (RFC 8058 §3.2), for a name is easily claimed and a no is never lost. docs/ONE_CLICK.md says where the
names are known from.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Press(NamedTuple):
    """A POST to a link. Names of headers in lower case; `ours`: it brings the fields of a form of our pages."""

    headers: Mapping[str, str]
    body: bytes = b""
    ours: bool = False


class Row(NamedTuple):
    """`id` begins with who it was: person, provider, scanner or unknown."""

    id: str
    name: str
    fits: Callable[[Press], bool]
    example: Press

    @property
    def who(self) -> str:
        return self.id.partition(".")[0]

    @property
    def words(self) -> str:
        """For staff: `a mail provider's one-click (Gmail)`."""
        return _WORDS[self.who] + (f" ({self.name})" if self.name else "")


_WORDS = {
    "person": "a person",
    "provider": "a mail provider's one-click",
    "scanner": "perhaps a scanner",
    "unknown": "not known",
}

# The headers that tell; what is kept of a request is these.
TELLING = (
    "user-agent",
    "content-type",
    "origin",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-user",
    "sec-purpose",
    "purpose",
    "x-purpose",
    "x-moz",
    "list-unsubscribe-post",
)

ONE_CLICK = b"List-Unsubscribe=One-Click"
# In a form of either kind, and in the RFC's own example of one, whose delimiters no parser takes.
_SAYS_ONE_CLICK = re.compile(rb"List-Unsubscribe\b.{0,80}?\bOne-Click\b", re.IGNORECASE | re.DOTALL)
_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD = ("prefetch", "prerender", "preview")
_CRAWLERS = ("bot", "crawler", "spider", "slurp", "urlscan", "virustotal", "fetcher")


def _agent(press: Press) -> str:
    return press.headers.get("user-agent", "").lower()


def _ahead_of_a_click(press: Press) -> bool:
    """Sec-Purpose (developer.mozilla.org, Reference/Headers), and its forerunners Purpose and X-Moz."""
    return any(press.headers.get(name, "").strip().lower().startswith(_AHEAD) for name in _PURPOSES)


def _in_a_browser(press: Press) -> bool:
    return "sec-fetch-mode" in press.headers or "sec-fetch-site" in press.headers


def _on_our_page(press: Press) -> bool:
    return press.ours and press.headers.get("sec-fetch-site") == "same-origin"


def _on_our_page_of_old(press: Press) -> bool:
    """Safari before 16.4 sends no Sec-Fetch-Site. Origin is `null` there: our pages send no referrer."""
    return press.ours and not _in_a_browser(press) and _agent(press).startswith("mozilla/")


def _says_one_click(press: Press) -> bool:
    claimed = press.headers.get("list-unsubscribe-post", "").encode("utf-8", "replace")
    return not press.ours and bool(_SAYS_ONE_CLICK.search(press.body) or _SAYS_ONE_CLICK.search(claimed))


def _crawls(press: Press) -> bool:
    return not press.ours and not _says_one_click(press) and any(name in _agent(press) for name in _CRAWLERS)


def _scanner(row: str, name: str, agent: str, *parts: str) -> Row:
    """A scanner by what it calls itself, whatever it sends. `agent` is the example."""
    return Row(
        f"scanner.{row}",
        name,
        lambda press: any(part in _agent(press) for part in parts),
        Press({"user-agent": agent}, ONE_CLICK),
    )


def _provider(row: str, name: str, agent: str, *parts: str) -> Row:
    """A provider or mail program by what it calls itself: it has no form of ours. `agent` is the example."""
    return Row(
        f"provider.{row}",
        name,
        lambda press: not press.ours and any(part in _agent(press) for part in parts),
        Press({"user-agent": agent}, ONE_CLICK),
    )


GMAIL = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/1.0 (KHTML, like Gecko; Gmail Actions)"
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
_FORM = b"page=unsubscribe"

ROWS = (
    Row("scanner.prefetch", "a prefetch", _ahead_of_a_click, Press({"sec-purpose": "prefetch"}, _FORM, ours=True)),
    _scanner("barracuda", "Barracuda", "Mozilla/5.0 (compatible; BarracudaSentinel/1.0)", "barracuda"),
    _scanner("proofpoint", "Proofpoint", "Proofpoint URL Defense", "proofpoint", "urldefense", "url defense"),
    _scanner("mimecast", "Mimecast", "Mimecast Link Protection", "mimecast"),
    _scanner("safelinks", "Microsoft Safe Links", "OutlookSafeLinksScanner", "safelinks", "safe links"),
    _scanner("google", "Google Safety", "Google-Safety", "google-safety"),
    _scanner("cisco", "Cisco", "Cisco IronPort Email Security", "ironport", "ciscosecure", "cisco secure"),
    _scanner("trendmicro", "Trend Micro", "TrendMicro TMES", "trendmicro", "trend micro"),
    _scanner("sophos", "Sophos", "Sophos Email Scanner", "sophos"),
    _scanner("symantec", "Symantec", "Symantec MessageLabs", "symantec", "messagelabs"),
    _scanner("fortinet", "Fortinet", "FortiMail", "fortimail", "fortinet"),
    _scanner("headless", "an automated browser", "Mozilla/5.0 HeadlessChrome/130.0", "headlesschrome", "phantomjs"),
    Row(
        "person.form",
        "on our page",
        _on_our_page,
        Press({"user-agent": _BROWSER, "sec-fetch-site": "same-origin", "origin": "null"}, _FORM, ours=True),
    ),
    Row(
        "person.old_browser",
        "on our page, in a browser that tells little",
        _on_our_page_of_old,
        Press({"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X)"}, _FORM, ours=True),
    ),
    Row(
        "unknown.form",
        "our form, sent from elsewhere",
        lambda press: press.ours,
        Press({"user-agent": _BROWSER, "sec-fetch-site": "cross-site"}, _FORM, ours=True),
    ),
    Row("scanner.crawler", "a crawler", _crawls, Press({"user-agent": "Mozilla/5.0 (compatible; Yahoo! Slurp)"})),
    _provider("gmail", "Gmail", GMAIL, "gmail actions"),
    _provider("nextcloud", "Nextcloud Mail", "Nextcloud-Server-Crawler/33.0.1", "nextcloud"),
    _provider("thunderbird", "Thunderbird", f"{_BROWSER} Thunderbird/140.0", "thunderbird"),
    _provider("yahoo", "Yahoo", "YahooMailProxy", "yahoo"),
    _provider("microsoft", "Microsoft", "Microsoft Outlook", "outlook", "microsoft"),
    _provider("apple", "Apple", "iCloud Mail", "icloud", "apple mail", "applemail"),
    _provider("proton", "Proton", "ProtonMail", "proton"),
    _provider("fastmail", "Fastmail", "Fastmail", "fastmail"),
    Row(
        "provider.browser",
        "in a browser",
        lambda press: _says_one_click(press) and _in_a_browser(press),
        Press({"user-agent": _BROWSER, "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site"}, ONE_CLICK),
    ),
    Row("provider.one_click", "unnamed", _says_one_click, Press({}, ONE_CLICK)),
    Row("unknown.post", "", lambda _: True, Press({"user-agent": "curl/8.14.1"})),
)
_BY_ID = {row.id: row for row in ROWS}


def who_pressed(press: Press) -> Row:
    """The first row that fits; the last one always does."""
    return next(row for row in ROWS if row.fits(press))


def words_of(row: str) -> str:
    """A row's id for staff; `""` for none, and the id itself where the table no longer has it."""
    known = _BY_ID.get(row)
    return known.words if known else row


NO = "link.no"  # what the pipeline calls a no by link; the row that says who pressed may follow


def rule_of(row: str) -> str:
    """The `rule` of a no by link: `link.no.provider.gmail`."""
    return f"{NO}.{row}" if row else NO


def row_in(rule: str) -> str:
    """The id of the row in the `rule` of an inbound; `""` where nobody pressed a link."""
    return rule.removeprefix(f"{NO}.") if rule.startswith(f"{NO}.") else ""
