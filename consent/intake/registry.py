"""Every SMS gateway that may call us, by its name in the URL. A provider that is not here does not exist."""

from consent.intake.contract import Provider
from consent.intake.providers import generic, twilio

PROVIDERS: dict[str, Provider] = {
    "generic": generic,
    "twilio": twilio,
}
