"""From what arrived to what it means: one module a kind of source, by the whole source, else by its part before the
colon."""

from collections.abc import Callable

from consent.configuration import Snapshot
from consent.decision import Arrived, Decision
from consent.interpret.choices import interpret_choices
from consent.interpret.claim import interpret_claim
from consent.interpret.code import interpret_code
from consent.interpret.confirm import interpret_confirm
from consent.interpret.disconnected import interpret_disconnected
from consent.interpret.esp import interpret_esp
from consent.interpret.link import interpret_link
from consent.interpret.mail import interpret_mail
from consent.interpret.move import interpret_merge, interpret_move
from consent.interpret.reconcile import interpret_reconcile
from consent.interpret.reconsent import interpret_reconsent
from consent.interpret.signup import interpret_signup
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
    "signup": interpret_signup,
    "confirm": interpret_confirm,
    "reconsent": interpret_reconsent,
    "reconcile": interpret_reconcile,
    "disconnected": interpret_disconnected,
    "move": interpret_move,
    "merge": interpret_merge,
    "page:code": interpret_code,
    "page:rights": interpret_claim,
    "staff:rights": interpret_claim,
    "api:rights": interpret_claim,
    "page": interpret_choices,
}


def interpret(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """Decide what an inbound means. Raises for what cannot be read: it is tried again, then set aside."""
    interpreter = INTERPRETERS.get(arrived.source) or INTERPRETERS[arrived.source.partition(":")[0]]
    return interpreter(arrived, snapshot)
