"""Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""

from collections.abc import Mapping

from consent.outgoing.contract import Call

CREDENTIALS = ("access_key_id", "secret_access_key", "region")


def signed(call: Call, service: str, credentials: Mapping[str, str]) -> dict[str, str]:
    """The call's headers with their signature. botocore dates it by its own clock."""
    # Only here: it takes a while to load.
    from botocore.auth import S3SigV4Auth, SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method=call.method, url=call.url, data=call.content, headers=dict(call.headers))
    token = credentials.get("session_token") or None
    keys = Credentials(credentials["access_key_id"], credentials["secret_access_key"], token)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(keys, service, credentials["region"]).add_auth(request)
    return dict(request.headers.items())
