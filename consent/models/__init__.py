"""The tables of the room `consent`."""

from consent.models.access import AccessCode, AccessProof, Asking
from consent.models.bounce import CountedBounce
from consent.models.contact import ContactPeriod, ContactPoint, Notice, Person
from consent.models.errand import Acknowledgement, Errand
from consent.models.inbound import Hold, Inbound, Part
from consent.models.ledger import ConsentEvent, LedgerHead
from consent.models.mail_run import MailPiece, MailRun, MailRunChunk
from consent.models.move import Move, MoveKind
from consent.models.neighbour import Neighbour, PostHome
from consent.models.outside import BadRow, ListChunk, ListMember, ListVersion, OutsideList
from consent.models.review import Decision, Review
from consent.models.rights import RightsRequest
from consent.models.scope import Configuration, Controller, ProviderAccount, Sender, Topic, TopicChannel
from consent.models.scrub import Scrub, ScrubChunk, ScrubPart
from consent.models.suppression import Change, Permission, Suppression

__all__ = [
    "AccessCode",
    "AccessProof",
    "Acknowledgement",
    "Asking",
    "BadRow",
    "Change",
    "Configuration",
    "ConsentEvent",
    "ContactPeriod",
    "ContactPoint",
    "Controller",
    "CountedBounce",
    "Decision",
    "Errand",
    "Hold",
    "Inbound",
    "LedgerHead",
    "ListChunk",
    "ListMember",
    "ListVersion",
    "MailPiece",
    "MailRun",
    "MailRunChunk",
    "Move",
    "MoveKind",
    "Neighbour",
    "Notice",
    "OutsideList",
    "Part",
    "Permission",
    "Person",
    "PostHome",
    "ProviderAccount",
    "Review",
    "RightsRequest",
    "Scrub",
    "ScrubChunk",
    "ScrubPart",
    "Sender",
    "Suppression",
    "Topic",
    "TopicChannel",
]
