"""Mailtrap: https://docs.mailtrap.io/developers/inbound/messages

GET /inbound/inboxes/{inbox_id}/messages/{id}, Bearer
200 {"id": "18…", "from": "…", "to": ["…"], "headers": {"return-path": "<…>"}, "text_body": "…", "html_body": "…",
     "raw_message_url": "https://….s3.amazonaws.com/….eml?X-Amz-Signature=…"}   (for an hour)
"""

import re

from consent.incoming import fields
from consent.incoming.contract import Elsewhere, Fetched, Found
from consent.intake.mail_notice import MailNotice
from consent.outgoing.contract import Access, Call, Refused, members

CREDENTIALS = ("api_token",)
API_URL = "https://mailtrap.io/api"
DOWNLOADS = re.compile(r"([a-z0-9.-]+\.)?s3([.-][a-z0-9]+)*\.amazonaws\.com|([a-z0-9-]+\.)*mailtrap\.io")


def call(notice: MailNotice, access: Access) -> Call:
    headers = {"Authorization": f"Bearer {access.credentials['api_token']}", "Accept": "application/json"}
    return Call("GET", f"{access.url}/inbound/inboxes/{notice.place}/messages/{notice.id}", headers, b"")


def read(notice: MailNotice, answer: Fetched) -> Found | Elsewhere | Refused:
    return fields.read(answer, members(answer.body).get("raw_message_url"), ("text_body", "html_body"))
