"""What only a bucket can do wrong: a wrong signature, a service that fails, answers late or is not there."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from market.media.adapters.s3 import open_s3
from market.media.storage import StorageDown
from tests.contract.storage.conftest import ACCESS, BUCKET, REGION, SECRET, Bucket

ACCOUNT = {"bucket": BUCKET, "region": REGION, "access_key": ACCESS, "base_url": "/media"}


async def test_the_type_goes_along(bucket: Bucket) -> None:
    await bucket.storage.put("a/b.avif", b"x", "image/avif")
    assert bucket.service.objects["a/b.avif"].content_type == "image/avif"


async def test_a_passing_fault_is_tried_again(bucket: Bucket) -> None:
    bucket.service.fail_with += [500, 503]
    await bucket.storage.put("a/b.avif", b"x", "image/avif")
    assert bucket.service.seen == ["PUT", "PUT", "PUT"]
    assert await bucket.storage.get("a/b.avif") == b"x"


async def test_a_lasting_fault_is_our_error(bucket: Bucket) -> None:
    bucket.service.fail_with += [500] * 3
    with pytest.raises(StorageDown):
        await bucket.storage.get("a/b.avif")


async def test_a_wrong_secret_is_not_an_absent_file(bucket: Bucket) -> None:
    async with open_s3(endpoint=bucket.endpoint, secret_key="wrong", **ACCOUNT) as storage:
        with pytest.raises(StorageDown):
            await storage.get("a/b.avif")
        with pytest.raises(StorageDown):
            await storage.exists("a/b.avif")


async def test_no_service_is_our_error() -> None:
    async with open_s3(
        endpoint="http://127.0.0.1:9", secret_key=SECRET, connect_timeout=0.5, attempts=1, **ACCOUNT
    ) as storage:
        with pytest.raises(StorageDown):
            await storage.put("a/b.avif", b"x", "image/avif")


async def test_a_silent_service_meets_the_deadline() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        open_s3(endpoint=f"http://127.0.0.1:{port}", secret_key=SECRET, deadline=0.3, **ACCOUNT) as storage,
    ):
        with pytest.raises(StorageDown):
            await storage.get("a/b.avif")


async def test_the_check_runs_before_every_request(bucket: Bucket) -> None:
    def refuse() -> None:
        raise RuntimeError("a transaction is open")

    async with open_s3(endpoint=bucket.endpoint, secret_key=SECRET, before_call=refuse, **ACCOUNT) as storage:
        for call in (
            storage.get("a.webp"),
            storage.put("a.webp", b"", "image/webp"),
            storage.delete("a.webp"),
            storage.stat("a.webp"),
        ):
            with pytest.raises(RuntimeError, match="transaction"):
                await call
    assert bucket.service.seen == []


def test_the_client_library_loads_only_with_a_bucket() -> None:
    code = "import sys, market.media.adapters.s3 as s3; sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
