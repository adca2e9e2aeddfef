"""The tables of the room `consent`."""

from consent.models.contact import ContactPeriod, ContactPoint, Notice, Person
from consent.models.errand import Errand
from consent.models.inbound import Hold, Inbound, Part
from consent.models.ledger import ConsentEvent, LedgerHead
from consent.models.outside import BadRow, ListChunk, ListMember, ListVersion, OutsideList
from consent.models.review import Decision, Review
from consent.models.scope import Configuration, Controller, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.suppression import Permission, Suppression

__all__ = [
    "BadRow",
    "Configuration",
    "ConsentEvent",
    "ContactPeriod",
    "ContactPoint",
    "Controller",
    "Decision",
    "Errand",
    "Hold",
    "Inbound",
    "LedgerHead",
    "ListChunk",
    "ListMember",
    "ListVersion",
    "Notice",
    "OutsideList",
    "Part",
    "Permission",
    "Person",
    "ProviderAccount",
    "Review",
    "Sender",
    "Suppression",
    "Topic",
    "TopicChannel",
]
