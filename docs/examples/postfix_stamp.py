#!/usr/bin/env python3
"""A content filter of Postfix: checks and stamps each message with Sayso, and hands it back over SMTP.

    postfix_stamp.py /etc/sayso-stamp.json SENDER RECIPIENT < message

The file holds {"url", "api_key", "back": "127.0.0.1:10026"}, for messages without X-Sayso-Topic a "topic", and
"return_path": false where bounces are to go to SENDER. Copy this file and sayso_sender.py into one folder.
docs/RECIPES.md shows the lines of Postfix.

Exit codes are those of sysexits.h, which Postfix understands: 0 it went on, 75 it is to be tried again (Sayso or
Postfix was down), 69 it is returned to its sender (the recipient refuses).
"""

import json
import smtplib
import sys
from email import message_from_bytes, policy
from typing import Any

from sayso_sender import Sayso, SaysoError, check_and_stamp

EX_OK, EX_UNAVAILABLE, EX_TEMPFAIL = 0, 69, 75


def main(arguments: list[str], raw: bytes) -> int:
    """Deliver one message to one recipient, and tell Postfix how it went."""
    path, sender, recipient = arguments
    try:
        with open(path, encoding="utf-8") as file:
            return deliver(json.load(file), sender, recipient, raw)
    except smtplib.SMTPResponseException as error:
        return say(str(error), EX_TEMPFAIL if error.smtp_code < 500 else EX_UNAVAILABLE)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, said)] = error.recipients.values()
        return say(f"{code} {said!r}", EX_TEMPFAIL if code < 500 else EX_UNAVAILABLE)
    except Exception as error:  # whatever it is: the message stays in the queue until somebody has seen to it
        return say(f"4.3.0 {error}", EX_TEMPFAIL)


def deliver(config: dict[str, Any], sender: str, recipient: str, raw: bytes) -> int:
    """Raise `SaysoError` where nothing can be known, and what `smtplib` raises."""
    message = message_from_bytes(raw, policy=policy.compat32)
    topic = message["X-Sayso-Topic"] or config.get("topic")
    if not topic:
        raise SaysoError("the message has no X-Sayso-Topic, and the configuration no topic", temporary=False)
    sayso = Sayso(config["url"], config["api_key"])
    [one] = check_and_stamp(message, topic.strip(), sayso, (message["X-Sayso-Campaign"] or "").strip(), [recipient])
    if one.message is None:
        return say(f"5.7.1 {recipient} must not get this: {one.reason}", EX_UNAVAILABLE)
    host, _, port = config["back"].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as client:
        client.ehlo()
        options = ["BODY=8BITMIME"] if client.has_extn("8bitmime") else []
        envelope = one.return_path if config.get("return_path", True) else None
        client.sendmail(envelope or sender, [recipient], one.message.as_bytes(), options)
    return EX_OK


def say(text: str, code: int) -> int:
    """Postfix logs what is written, and puts it into the report to the sender."""
    print(" ".join(text.split())[:900])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.buffer.read()))
