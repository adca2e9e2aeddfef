"""The normal form of one address of any channel."""

from typing import Literal

from consent.normalise.email import normalise_email
from consent.normalise.errors import InvalidAddress
from consent.normalise.phone import normalise_phone
from consent.normalise.post import Address, parse_post

Channel = Literal["email", "sms", "post"]


def normal_form(channel: Channel, address: Address, region: str | None = None) -> str:
    """Give the normal form of an address on its channel; for post that of the household.

    `region` is the ISO 3166 country where the address names none. Raise `InvalidAddress`.
    """
    if channel == "post":
        return parse_post(address, region or "US").household
    if not isinstance(address, str):
        raise InvalidAddress("not_text", "Only a postal address has fields.")
    if channel == "email":
        return normalise_email(address)
    return normalise_phone(address, region)
