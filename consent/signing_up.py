"""What a sign-up form says: the evidence of who asked for what, having seen which words."""

import msgspec

from consent.statement import NoticeSeen

SOURCE = "signup:form"


class SignUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sign-up as it was sent. `names` are the topics' as they were shown, `shown` the SHA-256 (hex) of all words.

    `page` is the form's own URL, `embedded_in` the origin of the site that showed it or sent it. `gpc`: the browser
    said that nothing is to be sold or shared (Sec-GPC: 1).
    """

    address: str
    topics: tuple[str, ...]
    names: tuple[str, ...]
    language: str
    notice: NoticeSeen | None = None
    shown: str = ""
    page: str = ""
    embedded_in: str = ""
    gpc: bool = False
    nonce: str = ""  # ours: without it the evidence's digest could be tried against all addresses


decode = msgspec.json.Decoder(SignUp).decode
