"""A small S3: path-style PUT, GET, HEAD, DELETE and List v2 of one bucket, as an ASGI app.

It checks what a strict service checks: the signature (version 4, recomputed) and the hash of the body. It can
be told to fail. It keeps objects in memory and lists two a page, so that paging is always exercised.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

PAGE = 2
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass
class Kept:
    data: bytes
    content_type: str
    at: datetime


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeS3:
    bucket: str
    region: str
    access_key: str
    secret_key: str
    objects: dict[str, Kept] = field(default_factory=dict)
    fail_with: list[int] = field(default_factory=list)  # statuses for the next requests
    seen: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.seen.append(scope["method"])
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["raw_path"].decode()
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        answer = self._answer(scope["method"], path, query, headers, body)
        names = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": names})
        sent = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": sent})

    def _answer(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> Answer:
        if self.fail_with:
            return _problem(self.fail_with.pop(0), "InternalError")
        if not self._is_signed(method, path, query, headers, body):
            return _problem(403, "SignatureDoesNotMatch")
        bucket, _, key = path.lstrip("/").partition("/")
        if bucket != self.bucket:
            return _problem(404, "NoSuchBucket")
        if not key and method == "GET" and query.get("list-type") == "2":
            return self._listing(query)
        return self._object(method, key, headers, body)

    def _object(self, method: str, key: str, headers: dict[str, str], body: bytes) -> Answer:
        if method == "PUT":
            assert "aws-chunked" not in headers.get("content-encoding", "")
            self.objects[key] = Kept(body, headers.get("content-type", ""), datetime.now(UTC))
            return Answer(200, headers={"etag": '"x"'})
        if method == "DELETE":
            self.objects.pop(key, None)
            return Answer(204)
        if (kept := self.objects.get(key)) is None:
            return _problem(404, "NoSuchKey")
        facts = {
            "content-type": kept.content_type,
            "content-length": str(len(kept.data)),
            "last-modified": format_datetime(kept.at, usegmt=True),
        }
        return Answer(200, kept.data, facts)

    def _listing(self, query: dict[str, str]) -> Answer:
        after = query.get("continuation-token", "")
        found = [
            key for key in sorted(self.objects) if key.startswith(query.get("prefix", "")) and key > after
        ]
        page, more = found[:PAGE], len(found) > PAGE
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key].data)}</Size>"
            f"<LastModified>{self.objects[key].at:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        xml = (
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
        )
        return Answer(200, xml.encode(), {"content-type": "application/xml"})

    def _is_signed(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> bool:
        found = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        claimed = headers.get("x-amz-content-sha256", "")
        if found is None or found["key"] != self.access_key or found["region"] != self.region:
            return False
        if claimed != hashlib.sha256(body).hexdigest():
            return False
        names = found["names"].split(";")
        pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
        canonical = "\n".join(
            [
                method,
                path,
                "&".join(f"{name}={value}" for name, value in pairs),
                *[f"{name}:{headers[name].strip()}" for name in names],
                "",
                found["names"],
                claimed,
            ]
        )
        scope = f"{found['day']}/{self.region}/s3/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest])
        key = f"AWS4{self.secret_key}".encode()
        for part in (found["day"], self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), found["signature"])


def _problem(status: int, code: str) -> Answer:
    xml = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return Answer(status, xml.encode(), {"content-type": "application/xml"})
