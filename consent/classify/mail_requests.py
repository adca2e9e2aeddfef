"""What a person's own words ask for: the tables for any text and the phrases of letters, taken together."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from consent.classify.mail_phrases import Scope, read_phrases
from consent.classify.mail_post import bare_subject, has_reply_prefix
from consent.classify.mail_sentences import fold, unwrap
from consent.classify.text import match_request

COMMANDS: Final = {
    # what is written alone, as list software taught people: language by language
    "en": "unsubscribe|unsub|unsubscribed|unsubscribe me|unsubscribe please|please unsubscribe|please unsubscribe me|leave|stop|remove|"
    "remove me|please remove|please remove me|signoff|sign off|sign me off|off|opt out|optout|opt me out|take me off|delete me|cancel|"
    "cancel subscription|cancel my subscription|quit|end|no more emails|stop emails|stop emailing me|stop it|unsubscribe all|"
    "unsubscription|unsubscribe request|removal|removal request|opt out request|do not email|do not contact",
    "de": "abmelden|abmeldung|bitte abmelden|abbestellen|bitte abbestellen|austragen|bitte austragen|stopp|stop bitte|stopp bitte|kuendigen|"
    "newsletter abmelden|newsletter abbestellen|abbestellung|austragung|entfernen|loschen|bitte loschen",
    "fr": "desabonnement|desabonner|me desabonner|desinscription|desinscrire|me desinscrire|arret|desabonnez moi|desinscrivez moi|se desabonner",
    "es": "baja|dar de baja|darme de baja|darse de baja|cancelar|cancelar suscripcion|desuscribir|desuscribirme|anular suscripcion|salir",
    "it": "cancellami|cancellatemi|disiscrizione|disiscrivimi|disiscrivere|cancellazione|rimuovimi|annulla iscrizione|cancella iscrizione",
    "nl": "afmelden|uitschrijven|afmelding|graag afmelden|graag uitschrijven|uitschrijving|opzeggen",
    "pt": "descadastrar|descadastro|cancelar inscricao|remover|sair|cancelar assinatura|cancelamento|desinscrever",
    "sv": "avregistrera|avprenumerera|avsluta prenumeration|avanmal",
    "da": "afmeld|frameld|afmelding",
    "pl": "wypisz|wypisz mnie|rezygnuje|rezygnacja|anuluj",
    "tr": "abonelikten cik|listeden cik|listeden cikar|iptal|cikis",
    "ru": "отписаться|отпишите|отписка|стоп",
}
COMMAND_LANGUAGE: Final = {command: language for language, commands in COMMANDS.items() for command in commands.split("|")}
LIST_COMMAND: Final = re.compile(r"(?:unsubscribe|unsub|signoff|leave|remove|set)\s+[\w.+-]*[-_.@\d][\w.+@-]*(?:\s+\S+@\S+)?\W*", re.IGNORECASE)
"""The commands of Majordomo, LISTSERV and their kind: `unsubscribe garden-l jane@home.example`."""
COMMAND_CHARS: Final = 200


class Wishes(msgspec.Struct, frozen=True):
    """What a text asks to be free of. `everything` is e-mail and post; `doubt` is a request that a person should look at.

    `names_email` says that the words name e-mail, or leave no channel out: more than "unsubscribe" alone.
    """

    email: bool = False
    post: bool = False
    everything: bool = False
    names_email: bool = False
    doubt: bool = False
    row: str = ""
    language: str | None = None

    @property
    def any(self) -> bool:
        return self.email or self.post or self.everything


NO_WISHES: Final = Wishes()


def read_words(text: str) -> Wishes:
    """Read a person's own words."""
    return _joined([read_command(text), _from_phrases(text), _from_tables(unwrap(text))])


def read_subject_words(subject: str) -> Wishes:
    """Read a subject. Behind `Re:` it is ours, and only a bare command counts, which no campaign has for a subject."""
    if has_reply_prefix(subject):
        return read_command(bare_subject(subject))
    return read_words(subject)


def read_command(text: str) -> Wishes:
    """Read a command that stands alone, in the whole text or in its only line but for a greeting."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or len(lines[0]) > COMMAND_CHARS:
        return NO_WISHES
    language = COMMAND_LANGUAGE.get(fold(lines[0])) if len(lines) <= 2 else None
    if language:
        return Wishes(email=True, row=f"{language}.command", language=language)
    if LIST_COMMAND.fullmatch(lines[0].strip()):
        return Wishes(email=True, row="en.command.list", language="en")
    return NO_WISHES


def _from_phrases(text: str) -> Wishes:
    found = read_phrases(text)
    scopes: set[Scope] = {phrase.scope for phrase in found}
    if not found:
        return NO_WISHES
    everything = "everything" in scopes
    return Wishes(
        email=everything or bool(scopes & {"email", "data"}),
        post=everything or "post" in scopes,
        everything=everything,
        names_email=everything or "email" in scopes,
        row=found[0].row,
        language=found[0].language,
    )


def _joined(wishes: Iterable[Wishes]) -> Wishes:
    """Take several readings together: what any of them finds is asked, the first that finds something names the row."""
    listed = list(wishes)
    first = next((wish for wish in listed if wish.any), None) or next((wish for wish in listed if wish.doubt), NO_WISHES)
    return Wishes(
        email=any(wish.email for wish in listed),
        post=any(wish.post for wish in listed),
        everything=any(wish.everything for wish in listed),
        names_email=any(wish.names_email for wish in listed),
        doubt=not first.any and any(wish.doubt for wish in listed),
        row=first.row,
        language=first.language,
    )


def together(first: Wishes, second: Wishes) -> Wishes:
    return _joined([first, second])
