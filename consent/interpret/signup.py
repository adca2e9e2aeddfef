"""Sign-up forms: a request, which its address has to confirm."""

from consent.addresses import contact
from consent.configuration import Snapshot
from consent.decision import Arrived, Decision
from consent.models import Notice
from consent.requesting import Wish, decision_of
from consent.signing_up import SignUp, decode


def interpret_signup(arrived: Arrived, snapshot: Snapshot) -> Decision:
    """What a form asks for. A topic that went since is left out."""
    told = decode(arrived.envelope.body)
    found = [
        (topic, name)
        for slug, name in zip(told.topics, told.names, strict=True)
        if (topic := snapshot.topics_by_slug.get((arrived.controller_id, slug))) and arrived.channel in topic.channels
    ]
    topics, names = [topic for topic, _ in found], [name for _, name in found]
    wish = Wish(contact("email", told.address), topics, names, told.language, _notice(arrived.controller_id, told))
    return decision_of(arrived, wish, snapshot, arrived.source.replace(":", "."))


def _notice(controller_id: int, told: SignUp) -> tuple[int, str, int] | None:
    seen = told.notice
    if seen is None:
        return None
    versions = Notice.objects.filter(controller_id=controller_id, slug=seen.slug, version=seen.version)
    notice = versions.filter(language=seen.language).first()
    return (notice.pk, notice.slug, notice.version) if notice else None
