"""Both adapters of the storage port: a folder, and a bucket of the fake service on a free local port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from market.media.adapters.disk import DiskStorage
from market.media.adapters.s3 import S3Storage, open_s3
from market.media.storage import Storage
from tests.contract.storage.fake_s3 import FakeS3

REGION, BUCKET, ACCESS, SECRET = "kupang-1", "media", "AKIDTEST", "a secret / with + signs"


@dataclass
class Bucket:
    service: FakeS3
    endpoint: str
    storage: S3Storage


@asynccontextmanager
async def served(app: FakeS3) -> AsyncIterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="session")
async def opened() -> AsyncIterator[Bucket]:
    service = FakeS3(BUCKET, REGION, ACCESS, SECRET)
    async with (
        served(service) as endpoint,
        open_s3(
            endpoint=endpoint,
            bucket=BUCKET,
            region=REGION,
            access_key=ACCESS,
            secret_key=SECRET,
            base_url="/media/",
            read_timeout=2,
        ) as storage,
    ):
        yield Bucket(service, endpoint, storage)


@pytest.fixture
def bucket(opened: Bucket) -> Bucket:
    opened.service.objects.clear()
    opened.service.fail_with.clear()
    opened.service.seen.clear()
    return opened


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return DiskStorage(tmp_path / "kept", "/media/")
    found: Bucket = request.getfixturevalue("bucket")
    return found.storage
