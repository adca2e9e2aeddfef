"""From what arrived to what it means: one module a kind of source, by the part of the source before the colon."""

from collections.abc import Callable

from consent.configuration import Snapshot
from consent.decision import Arrived, Decision
from consent.interpret.choices import interpret_choices
from consent.interpret.disconnected import interpret_disconnected
from consent.interpret.esp import interpret_esp
from consent.interpret.link import interpret_link
from consent.interpret.mail import interpret_mail
from consent.interpret.move import interpret_merge, interpret_move
from consent.interpret.reconcile import interpret_reconcile
from consent.interpret.sms import interpret_sms
from consent.interpret.statement import interpret_statement

Interpreter = Callable[[Arrived, Snapshot], Decision]

INTERPRETERS: dict[str, Interpreter] = {
    "sms": interpret_sms,
    "mail": interpret_mail,
    "esp": interpret_esp,
    "link": interpret_link,
    "api": interpret_statement,
    "staff": interpret_statement,
    "reconcile": interpret_reconcile,
    "disconnected": interpret_disconnected,
    "move": interpret_move,
    "merge": interpret_merge,
    "page": interpret_choices,
}


def interpret(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """Decide what an inbound means. Raises for what cannot be read: it is tried again, then set aside."""
    return INTERPRETERS[arrived.source.partition(":")[0]](arrived, snapshot)
