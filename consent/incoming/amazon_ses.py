"""Amazon SES, action *S3*: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html

    GET /{key} of {bucket}.s3.{region}.amazonaws.com, Signature Version 4
    (the credentials need s3:GetObject on the bucket, and s3:ListBucket for a missing object to be told as 404)

What SES encrypted itself with a key of KMS (*Message encryption* of the action) is ciphertext in the bucket, and is
refused: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-s3.html. The bucket's own encryption is no
matter.
"""

import re
from urllib.parse import quote, urlsplit

import msgspec

from consent.incoming.contract import Elsewhere, Fetched, Found
from consent.intake.mail_notice import MailNotice
from consent.outgoing.aws import CREDENTIALS as CREDENTIALS
from consent.outgoing.aws import signed
from consent.outgoing.contract import Access, Call, Refused

API_URL = "https://s3.{region}.amazonaws.com"
DOWNLOADS: re.Pattern[str] | None = None
ENCRYPTED = ("x-amz-meta-x-amz-key", "x-amz-meta-x-amz-key-v2", "x-amz-meta-x-amz-cek-alg", "x-amz-meta-x-amz-iv")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}")


def call(notice: MailNotice, access: Access) -> Call:
    if not _REGION.fullmatch(access.credentials["region"]):
        raise ValueError("not a region")
    url = f"{_bucket_url(notice.place, access)}/{quote(notice.id, safe='/-_.~')}"
    unsigned = Call("GET", url, {"Host": urlsplit(url).netloc}, b"")
    return msgspec.structs.replace(unsigned, headers=signed(unsigned, "s3", access.credentials))


def _bucket_url(bucket: str, access: Access) -> str:
    """Under the bucket's own host; in a path where a dot in its name has no certificate, or the API is elsewhere."""
    usual = API_URL.format(region=access.credentials["region"])
    if access.credentials["region"].startswith("cn-"):
        usual += ".cn"
    if access.url != API_URL.format(region=access.credentials["region"]):
        return f"{access.url}/{bucket}"
    return f"{usual}/{bucket}" if "." in bucket else usual.replace("https://", f"https://{bucket}.")


def read(notice: MailNotice, answer: Fetched) -> Found | Elsewhere | Refused:
    if any(name in answer.headers for name in ENCRYPTED):
        return Refused("encrypted with KMS: turn off message encryption")
    return Found(answer.body, cut=answer.cut)
