"""Every SMS gateway that may call us, by its name in the URL. A provider that is not here does not exist."""

from consent.intake.contract import Provider
from consent.intake.providers import (
    bandwidth,
    generic,
    infobip,
    messagebird,
    plivo,
    sinch,
    sns,
    telnyx,
    twilio,
    vonage,
)

PROVIDERS: dict[str, Provider] = {
    "bandwidth": bandwidth,
    "generic": generic,
    "infobip": infobip,
    "messagebird": messagebird,
    "plivo": plivo,
    "sinch": sinch,
    "sns": sns,
    "telnyx": telnyx,
    "twilio": twilio,
    "vonage": vonage,
}
