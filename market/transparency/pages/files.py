"""The log as files for machines and other people's programs: C2SP tlog-tiles, proofs, key and script.

Addresses below /log/ belong to no language and never change their meaning. What can never change is kept by
caches for ever. Everybody may read them from anywhere, other websites' programs included.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound
from market.transparency import log, stored_tree
from market.transparency.keys import LogKeys
from market.transparency.tiles import HEIGHT, WIDTH, Tile, encode_bundle
from market.web.guards import ANYONE, page
from market.web.request import tools

_SCRIPT = Path(__file__).parents[1] / "verify_script.py"
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=5"
_OPEN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


def _file(content: bytes, media_type: str, cache: str, *, name: str = "") -> Response:
    headers = {"cache-control": cache, **_OPEN}
    if name:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers=headers)


async def checkpoint(request: Request) -> Response:
    """The newest signed checkpoint."""
    newest = await log.current_checkpoint()
    if newest is None:
        raise NotFound
    return _file(newest.note.encode(), "text/plain", _BRIEFLY)


async def key(request: Request) -> Response:
    """The public key that checkpoints are signed with, and the one before it while both are in use."""
    verifiers = tools(request).of(LogKeys).verifiers
    return _file("".join(f"{verifier}\n" for verifier in verifiers).encode(), "text/plain", _BRIEFLY)


async def tile(request: Request) -> Response:
    """A tile of hashes, or a bundle of entries, of what was signed."""
    try:
        wanted = Tile.parse(f"tile/{request.path_params['path']}")
    except ValueError:
        raise NotFound from None
    newest = await log.current_checkpoint()
    if newest is None or not wanted.exists_in(newest.size):
        raise NotFound
    first = wanted.index * WIDTH
    if wanted.level is None:
        content = encode_bundle(await stored_tree.leaves(first, wanted.width))
    else:
        content = b"".join(await stored_tree.level_hashes(HEIGHT * wanted.level, first, wanted.width))
    return _file(content, "application/octet-stream", _FOREVER)


async def entry(request: Request) -> Response:
    """The exact bytes of an entry."""
    found = await log.get_entry(request.path_params["index"])
    if found is None:
        raise NotFound
    return _file(found.leaf_bytes, "application/json", _FOREVER, name=f"entry-{found.index}.json")


async def proof(request: Request) -> Response:
    """A file that shows, offline, that the newest checkpoint holds an entry."""
    found = await log.entry_with_proof(request.path_params["index"])
    if found is None:
        raise NotFound
    return _file(str(found[1]).encode(), "text/plain", _BRIEFLY, name=f"proof-{found[0].index}.txt")


async def consistency(request: Request) -> Response:
    """The proof that one tree is the beginning of another: a hash in base64 a line."""
    old, new = request.path_params["old"], request.path_params["new"]
    newest = await log.current_checkpoint()
    if newest is None or not 0 <= old <= new <= newest.size:
        raise NotFound
    hashes = await stored_tree.consistency(old, new)
    return _file(
        "".join(f"{base64.b64encode(h).decode()}\n" for h in hashes).encode(), "text/plain", _FOREVER
    )


@lru_cache(maxsize=1)
def _script() -> bytes:
    return _SCRIPT.read_bytes()


async def script(request: Request) -> Response:
    """The program with which anybody checks the log on their own machine."""
    return _file(_script(), "text/x-python; charset=utf-8", _BRIEFLY, name="verify.py")


routes = [
    page("/log/checkpoint", checkpoint, access=ANYONE, name="transparency:checkpoint"),
    page("/log/key", key, access=ANYONE, name="transparency:key"),
    page("/log/verify.py", script, access=ANYONE, name="transparency:script"),
    page("/log/tile/{path:path}", tile, access=ANYONE, name="transparency:tile"),
    page("/log/entry/{index:int}", entry, access=ANYONE, name="transparency:entry_file"),
    page("/log/proof/{index:int}", proof, access=ANYONE, name="transparency:proof_file"),
    page("/log/consistency/{old:int}/{new:int}", consistency, access=ANYONE, name="transparency:consistency"),
]
