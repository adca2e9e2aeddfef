"""Every mail provider that hands a message out only when it is asked, by its name."""

from collections.abc import Mapping

from consent.incoming import amazon_ses, mailtrap, resend
from consent.incoming.contract import Holder

HOLDERS: dict[str, Holder] = {"amazon_ses": amazon_ses, "mailtrap": mailtrap, "resend": resend}


def lacking(provider: str, credentials: Mapping[str, str]) -> list[str]:
    """The names of the credentials that are missing for asking a provider for mail; none for one that is not asked."""
    holder = HOLDERS.get(provider)
    return [name for name in holder.CREDENTIALS if not credentials.get(name)] if holder else []
