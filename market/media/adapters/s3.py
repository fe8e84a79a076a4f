"""Objects in a bucket of any S3-compatible service. The client library loads only when a bucket is opened.

Everything is an explicit argument; nothing is taken from the process environment. The bucket stays private:
pages read with `get` and serve the bytes themselves under `base_url`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, cast
from urllib.parse import quote

from market.media.storage import NoSuchFile, Stat, StorageDown, check_key, is_key

_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class _Client(Protocol):
    """The few calls used of the untyped client."""

    async def put_object(self, **facts: object) -> dict[str, Any]: ...
    async def get_object(self, **facts: object) -> dict[str, Any]: ...
    async def head_object(self, **facts: object) -> dict[str, Any]: ...
    async def delete_object(self, **facts: object) -> dict[str, Any]: ...
    async def list_objects_v2(self, **facts: object) -> dict[str, Any]: ...


class S3Storage:
    """Keeps objects in one bucket. Made by `open_s3`, which owns the connection.

    `before_call` runs ahead of every request: the wiring passes the check that no transaction is open.
    """

    def __init__(
        self, client: _Client, *, bucket: str, base_url: str, deadline: float, before_call: Callable[[], None]
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._base_url = base_url.rstrip("/")
        self._deadline = deadline
        self._before_call = before_call

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        check_key(key)
        async with self._asking(key):
            await self._client.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)

    async def get(self, key: str) -> bytes:
        _known(key)
        async with self._asking(key):
            answer = await self._client.get_object(Bucket=self._bucket, Key=key)
            async with answer["Body"] as body:
                return cast("bytes", await body.read())

    async def delete(self, key: str) -> None:
        if is_key(key):
            async with self._asking(key):
                await self._client.delete_object(Bucket=self._bucket, Key=key)

    async def exists(self, key: str) -> bool:
        try:
            await self.stat(key)
        except NoSuchFile:
            return False
        return True

    async def stat(self, key: str) -> Stat:
        _known(key)
        async with self._asking(key):
            answer = await self._client.head_object(Bucket=self._bucket, Key=key)
            return Stat(key, int(answer["ContentLength"]), answer["LastModified"])

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        more: dict[str, str] = {}
        while True:
            async with self._asking(prefix):
                page = await self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **more)
            for found in page.get("Contents", ()):
                if is_key(found["Key"]):
                    yield Stat(found["Key"], int(found["Size"]), found["LastModified"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    @asynccontextmanager
    async def _asking(self, key: str) -> AsyncGenerator[None]:
        """One request: within the deadline, with the service's failures in our words."""
        from aiohttp import ClientError as ConnectionProblem  # noqa: PLC0415 - loaded with the bucket
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded with the bucket

        self._before_call()
        try:
            async with asyncio.timeout(self._deadline):
                yield
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                raise NoSuchFile(key=key) from error
            raise StorageDown(key=key) from error
        except (BotoCoreError, ConnectionProblem, TimeoutError, OSError) as error:
            raise StorageDown(key=key) from error


@asynccontextmanager
async def open_s3(
    *,
    endpoint: str,
    bucket: str,
    region: str,
    access_key: str,
    secret_key: str,
    base_url: str,
    connect_timeout: float = 3,
    read_timeout: float = 20,
    attempts: int = 3,
    deadline: float = 60,
    before_call: Callable[[], None] = lambda: None,
) -> AsyncGenerator[S3Storage]:
    """A bucket, open until the block ends. Times are seconds; `deadline` bounds one call with its retries."""
    from aiobotocore.config import AioConfig  # noqa: PLC0415 - costs half a second, and only this adapter needs it
    from aiobotocore.session import get_session  # noqa: PLC0415 - same

    config = AioConfig(
        signature_version="s3v4",
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"total_max_attempts": attempts, "mode": "standard"},
        s3={"addressing_style": "path"},
        # Trailing checksums are an Amazon addition that other services refuse.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    opening = get_session().create_client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=config,
    )
    async with cast("AbstractAsyncContextManager[_Client]", opening) as client:
        yield S3Storage(client, bucket=bucket, base_url=base_url, deadline=deadline, before_call=before_call)


def _known(key: str) -> None:
    if not is_key(key):
        raise NoSuchFile(key=key)
