"""Every gateway that can be called to send a text, by its name; one that is not here cannot have `answers` as `api`."""

from consent.outgoing import (
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
from consent.outgoing.contract import Gateway

GATEWAYS: dict[str, Gateway] = {
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
