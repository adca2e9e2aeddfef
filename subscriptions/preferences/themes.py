"""How a controller shows itself on the pages: its name, colours, logo, texts and addresses."""

from typing import NamedTuple

from consent import configuration


class Sender(NamedTuple):
    """Who a page speaks for. `logo` and `style` are paths of ours; what nobody has set is empty."""

    name: str
    contact: str = ""
    postal_address: str = ""
    logo: str = ""
    style: str = ""
    intro: str = ""
    note: str = ""


def sender_of(controller_id: int | None, language: str) -> Sender | None:
    """The controller as people see it in a language; none where a page speaks for nobody."""
    if controller_id is None:
        return None
    snapshot = configuration.recent()
    return Sender(snapshot.controller_names[controller_id], snapshot.controller_contacts.get(controller_id, ""))
