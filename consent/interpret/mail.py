"""Mail to the opt-out mailboxes."""

from consent.configuration import Snapshot
from consent.decision import Arrived, Decision


def interpret_mail(arrived: Arrived, snapshot: Snapshot) -> Decision:
    raise ValueError("mail")
