"""Resend: https://resend.com/docs/api-reference/emails/retrieve-received-email

GET /emails/receiving/{email_id}?html_format=cid, Bearer (an API key with full access)
200 {"id": "…", "from": "…", "to": ["…"], "headers": {…}, "text": "…", "html": "…",
     "raw": {"download_url": "https://inbound-cdn.resend.com/…?signature=…", "expires_at": "…"}}
"""

import re

from consent.incoming import fields
from consent.incoming.contract import Elsewhere, Fetched, Found
from consent.intake.mail_notice import MailNotice
from consent.outgoing.contract import Access, Call, Refused, members

CREDENTIALS = ("api_key",)
API_URL = "https://api.resend.com"
DOWNLOADS = re.compile(r"([a-z0-9-]+\.)+resend\.com")


def call(notice: MailNotice, access: Access) -> Call:
    headers = {"Authorization": f"Bearer {access.credentials['api_key']}", "Accept": "application/json"}
    # cid: otherwise each picture stands in the HTML a second time.
    return Call("GET", f"{access.url}/emails/receiving/{notice.id}?html_format=cid", headers, b"")


def read(notice: MailNotice, answer: Fetched) -> Found | Elsewhere | Refused:
    raw = members(answer.body).get("raw")
    return fields.read(answer, raw.get("download_url") if isinstance(raw, dict) else None, ("text", "html"))
