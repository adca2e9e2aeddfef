"""A reply taken apart, in the ways of many mail programs; HTML turned into text."""

from consent.intake.mail_html import html_to_text
from consent.intake.mail_quotes import split_reply, tidy
from tests.each import each

QUOTED = [
    "On Mon, Aug 3, 2026 at 9:15 AM Acme <news@acme.example> wrote:\n> offers",
    "On Mon, Aug 3, 2026 at 9:15 AM Acme\n<news@acme.example> wrote:\n\noffers",
    "Am Mo., 3. Aug. 2026 um 09:15 Uhr schrieb Acme <news@acme.example>:\n> Angebote",
    "Le lun. 3 août 2026 à 09:15, Acme <news@acme.example> a écrit :\n> offres",
    "El lun, 3 ago 2026 a las 9:15, Acme (<news@acme.example>) escribió:\n> ofertas",
    "Il giorno lun 3 ago 2026 alle ore 09:15 Acme ha scritto:\n> offerte",
    "Op ma 3 aug. 2026 om 09:15 schreef Acme <news@acme.example>:\n> aanbiedingen",
    "Em seg., 3 de ago. de 2026 às 09:15, Acme <news@acme.example> escreveu:\n> ofertas",
    "3 Ağu 2026 Pzt 09:15 tarihinde Acme <news@acme.example> şunu yazdı:\n> teklif",
    "2026年8月3日(月) 9:15 Acme <news@acme.example>:\n> offers",
    "-----Original Message-----\nFrom: Acme",
    "-----Ursprüngliche Nachricht-----\nVon: Acme",
    "-------- Message d'origine --------\nDe: Acme",
    "---------- Forwarded message ---------\nFrom: Acme",
    "From: Acme <news@acme.example>\nSent: Monday\nTo: Jane\nSubject: Offers",
    "*Von:* Acme\n*Gesendet:* Montag\n*Betreff:* Angebote",
    "De : Acme\nEnvoyé : lundi\nObjet : Offres",
    "________________________________\nFrom: Acme\nSent: Monday",
    "Begin forwarded message:\n\noffers",
]


@each("quoted", QUOTED)
def test_quotation_is_split_off(quoted: str) -> None:
    mark = "> " if "\n> " in quoted else ""
    pieces = split_reply(tidy(f"My words.\n\n{quoted}\n{mark}unsubscribe"))
    assert pieces.own == "My words."
    assert "unsubscribe" in pieces.quoted + pieces.signature


@each(
    ("text", "own", "signature"),
    [
        ("> yours\n\nmine", "mine", ""),
        ("mine\n> yours\nmine too", "mine\nmine too", ""),
        ("On 3 Aug 2026 at 9:15 Acme wrote:\n> yours\n\nmine", "mine", ""),
        (f"> {'words ' * 12}and\nthe rest of them\n\nmine", "mine", ""),
        ("mine\n-- \nJane", "mine", "Jane"),
        ("mine\n--\nJane\n12 Elm St", "mine", "Jane\n12 Elm St"),
        ("mine\nSent from my iPhone", "mine", ""),
        ("On Friday I wrote:\nplease stop", "On Friday I wrote:\nplease stop", ""),
        ("Name: Jane\nAddress: 12 Elm St", "Name: Jane\nAddress: 12 Elm St", ""),
        ("From: Jane Roe\n12 Elm St", "From: Jane Roe\n12 Elm St", ""),
    ],
)
def test_own_words_and_signature(text: str, own: str, signature: str) -> None:
    pieces = split_reply(tidy(text))
    assert (pieces.own, pieces.signature) == (own, signature)


@each(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<td>a</td><td>b</td>", "a b"),
        ("a&nbsp;&amp;&#32;b&#x26;", "a & b&"),
        ("<style>p {}</style>x<script>if (a < b)</script>y<!-- z -->", "xy"),
        ("<head><title>t</title></head><header>shown</header>", "shown"),
        ("mine<blockquote type=cite>yours<br>too</blockquote>mine", "mine\n> yours\n> too\nmine"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\n\nc"),
        ('<blockquote style="margin:0 0 0 40px;border:none">mine</blockquote>', "mine"),
        ("a < b > c", "a < b > c"),
        ("&#99999999999999;x", "x"),
        ("", ""),
    ],
)
def test_html(source: str, text: str) -> None:
    assert html_to_text(source) == text
