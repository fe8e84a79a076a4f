#!/usr/bin/env python3
"""Check Benang's public log yourself. Needs Python 3.11 and the package `cryptography`, nothing of ours.

    verify_script.py checkpoint  KEY CHECKPOINT                      is this checkpoint signed by the log?
    verify_script.py inclusion   KEY ENTRY PROOF                     does the log hold this entry?
    verify_script.py consistency KEY OLD NEW PROOF                   did the log only grow between the two?
    verify_script.py log         KEY CHECKPOINT BUNDLE...            do these entries make up this checkpoint?
    verify_script.py commitment  ENTRY SALT FACTS                    does the entry commit to these facts?
    verify_script.py certificate KEY CERTIFICATE                     is this certificate (JSON) genuine?
    verify_script.py remote      KEY URL [OLD]                       fetch the whole log from URL and recompute it

KEY is the log's verifier key (name+id+base64) or a file that holds it; the others are files: checkpoints and
proofs as the log serves them (C2SP tlog-checkpoint and tlog-proof), a consistency proof as one base64 hash a
line, ENTRY and FACTS as exact bytes, SALT in hexadecimal, BUNDLE the files under tile/entries/ in order. URL is
such as https://benang.example/log/, OLD a checkpoint you kept: the log must still begin with what it covers.
Whether a certificate was superseded later is not in the certificate: look at its address, or at the log.
It prints what it found and exits 0, or says what is wrong and exits 1; 2 means it was called wrongly.

This file repeats on purpose what the server's own code does: it is meant to be read in one sitting and to
judge the server without trusting it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """Something does not check out."""


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Wrong(f"not base64: {text[:40]}") from None
    if base64.b64encode(data).decode() != text:
        raise Wrong(f"not proper base64: {text[:40]}")
    return data


def number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and str(int(text)) == text):
        raise Wrong(f"not a size or index: {text[:40]}")
    return int(text)


# --- the signed checkpoint -------------------------------------------------------------------------------


def read_key(key: str) -> tuple[str, bytes, bytes]:
    """Name, key id and public key of a verifier key."""
    name, _, rest = key.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    data = decoded(encoded)
    if len(data) != 33 or data[0] != 1:
        raise Wrong("this is not an Ed25519 verifier key")
    expected = sha256(name.encode(), b"\n", data)[:4]
    if expected.hex() != key_id:
        raise Wrong("the verifier key does not fit its id")
    return name, expected, data[1:]


def check_checkpoint(key: str, note: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint, once the log's signature over it is verified."""
    name, key_id, public = read_key(key)
    head, gap, signatures = note.rpartition("\n\n")
    text = head + "\n"
    ours = [
        decoded(line.rpartition(" ")[2])
        for line in signatures.split("\n")[:-1]
        if line.startswith(f"— {name} ")
    ]
    ours = [signature[4:] for signature in ours if signature[:4] == key_id]
    if not gap or not signatures.endswith("\n") or not ours:
        raise Wrong(f"{name} did not sign this checkpoint")
    for signature in ours:
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, text.encode())
        except InvalidSignature:
            raise Wrong(f"the signature of {name} is wrong") from None
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or lines[0] != name:
        raise Wrong("this is not a checkpoint of that log")
    return number(lines[1]), decoded(lines[2])


# --- the tree --------------------------------------------------------------------------------------------


def climb(start: bytes, index: int, last: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Hash upwards along `path`: with every sibling, and with the left ones alone (RFC 9162, 2.1)."""
    full = left_only = start
    for sibling in path:
        if last == 0 or len(sibling) != 32:
            raise Wrong("the proof has a hash too many or of the wrong length")
        if index & 1 or index == last:
            full, left_only = sha256(b"\1", sibling, full), sha256(b"\1", sibling, left_only)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            full = sha256(b"\1", full, sibling)
        index, last = index >> 1, last >> 1
    if last != 0:
        raise Wrong("the proof has too few hashes")
    return full, left_only


def check_inclusion(key: str, entry: bytes, proof: str) -> tuple[int, int]:
    """Index of the entry and size of the tree that a proof file shows it in."""
    head, _, note = proof.partition("\n\n")
    header, *lines = head.split("\n")
    lines = [line for line in lines if not line.startswith("extra ")]
    if header != "c2sp.org/tlog-proof@v1" or not lines or not lines[0].startswith("index "):
        raise Wrong("this is not a proof file")
    size, root = check_checkpoint(key, note)
    index = number(lines[0].removeprefix("index "))
    if index >= size:
        raise Wrong("the proof's index lies outside the tree")
    found, _ = climb(sha256(b"\0", entry), index, size - 1, [decoded(line) for line in lines[1:]])
    if found != root:
        raise Wrong("the log does not hold this entry there")
    return index, size


def check_consistency(key: str, old_note: str, new_note: str, proof: str) -> tuple[int, int]:
    """The two sizes, once the older tree is shown to be the beginning of the newer one."""
    old, old_root = check_checkpoint(key, old_note)
    new, new_root = check_checkpoint(key, new_note)
    path = [decoded(line) for line in proof.split()]
    if old > new:
        raise Wrong("the older checkpoint is the larger one")
    if old in {0, new}:
        if path or (old == new and old_root != new_root) or (old == 0 and old_root != sha256()):
            raise Wrong("the log signed two histories")
        return old, new
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise Wrong("the proof has too few hashes")
    index, last = old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    from_new, from_old = climb(path[0], index, last, path[1:])
    if (from_old, from_new) != (old_root, new_root):
        raise Wrong("the log signed two histories")
    return old, new


def check_log(key: str, note: str, bundles: list[bytes]) -> int:
    """The size, once all entries together hash to the signed root."""
    size, root = check_checkpoint(key, note)
    level = [sha256(b"\0", entry) for bundle in bundles for entry in entries_of(bundle)]
    if len(level) < size:
        raise Wrong(f"the checkpoint has {size} entries, the files hold {len(level)}")
    level = level[:size]
    while len(level) > 1:
        pairs = [sha256(b"\1", *level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    if (level[0] if level else sha256()) != root:
        raise Wrong("the entries do not make up this checkpoint")
    return size


def entries_of(bundle: bytes) -> list[bytes]:
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle):
            raise Wrong("a bundle of entries is cut off")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def check_commitment(entry: bytes, salt: str, facts: bytes) -> None:
    """Return if the entry's commitment is SHA-256 of salt and facts."""
    try:
        committed, found = str(json.loads(entry)["commitment"]), sha256(bytes.fromhex(salt), facts).hex()
    except (ValueError, KeyError, TypeError):
        raise Wrong("this is not a log entry, or the salt is not hexadecimal") from None
    if committed != found:
        raise Wrong("the entry does not commit to these facts")


def canonical(value: object) -> str:
    """JSON in its one canonical form (RFC 8785), as far as certificates use it: no fractions."""
    if isinstance(value, dict):
        pairs = sorted((str(name).encode("utf-16-be"), str(name), one) for name, one in value.items())
        return "{" + ",".join(f"{canonical(name)}:{canonical(one)}" for _, name, one in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        raise Wrong("a certificate holds no fractions")
    return json.dumps(value, ensure_ascii=False)


def check_certificate(key: str, text: str) -> tuple[int, int, dict[str, object]]:
    """Index, tree size and facts of a certificate, once facts, entry, proof and signature fit together."""
    try:
        found = json.loads(text)
        entry, facts = found["entry"].encode(), found["facts"]
        salt, proof = str(found["salt"]), str(found["proof"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Wrong("this is not a certificate") from None
    check_commitment(entry, salt, canonical(facts).encode())
    index, size = check_inclusion(key, entry, proof)
    return index, size, facts


# --- the log as it is served -----------------------------------------------------------------------------


def fetch(url: str) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise Wrong(f"not an address: {url[:60]}")
    request = urllib.request.Request(url, headers={"User-Agent": "verify.py"})  # noqa: S310 - checked above
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return answer.read()


def bundle_paths(size: int) -> list[str]:
    """Where the bundles of entries of a log of this size are (C2SP tlog-tiles)."""
    paths: list[str] = []
    for number_of in range(-(-size // 256)):
        digits = str(number_of)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        width = min(256, size - number_of * 256)
        name = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        paths.append(f"tile/entries/{name}" + (f".p/{width}" if width < 256 else ""))
    return paths


def check_remote(key: str, url: str, old_note: str | None) -> tuple[int, int | None]:
    """Sizes of the served log, recomputed from its entries, and of the old checkpoint it begins with."""
    base = url.rstrip("/") + "/"
    note = fetch(base + "checkpoint").decode()
    size, _ = check_checkpoint(key, note)
    bundles = [fetch(base + path) for path in bundle_paths(size)]
    check_log(key, note, bundles)
    if old_note is None:
        return size, None
    old, _ = check_checkpoint(key, old_note)
    if old > size:
        raise Wrong(f"the log has only {size} entries, your checkpoint covers {old}")
    check_log(key, old_note, bundles)
    return size, old


# --- the command line ------------------------------------------------------------------------------------


def text_of(name: str) -> str:
    return Path(name).read_bytes().decode()


def key_of(argument: str) -> str:
    return text_of(argument).partition("\n")[0] if Path(argument).is_file() else argument


def checkpoint(key: str, note: str) -> str:
    size, root = check_checkpoint(key_of(key), text_of(note))
    return f"signed: {size} entries, root {root.hex()}"


def inclusion(key: str, entry: str, proof: str) -> str:
    index, size = check_inclusion(key_of(key), Path(entry).read_bytes(), text_of(proof))
    return f"included: entry {index} of {size}"


def consistency(key: str, old: str, new: str, proof: str) -> str:
    before, after = check_consistency(key_of(key), text_of(old), text_of(new), text_of(proof))
    return f"consistent: {before} entries became {after}, none changed"


def log(key: str, note: str, *bundles: str) -> str:
    size = check_log(key_of(key), text_of(note), [Path(name).read_bytes() for name in bundles])
    return f"complete: all {size} entries make up this checkpoint"


def commitment(entry: str, salt: str, facts: str) -> str:
    check_commitment(Path(entry).read_bytes(), text_of(salt).strip(), Path(facts).read_bytes())
    return "committed: the entry stands for exactly these facts"


def certificate(key: str, name: str) -> str:
    index, size, facts = check_certificate(key_of(key), text_of(name))
    lines = [f"genuine: entry {index} of {size}", *(f"  {fact}: {value}" for fact, value in facts.items())]
    return "\n".join(lines)


def remote(key: str, url: str, old: str | None = None) -> str:
    size, before = check_remote(key_of(key), url, None if old is None else text_of(old))
    grown = "" if before is None else f"; the first {before} are those of your checkpoint"
    return f"complete: all {size} entries make up the signed checkpoint{grown}"


COMMANDS: dict[str, tuple[Callable[..., str], int]] = {
    "checkpoint": (checkpoint, 2),
    "inclusion": (inclusion, 3),
    "consistency": (consistency, 4),
    "log": (log, 2),
    "commitment": (commitment, 3),
    "certificate": (certificate, 2),
    "remote": (remote, 2),
}


def main(argv: list[str]) -> int:
    command, needed = COMMANDS.get(argv[0] if argv else "", (None, 0))
    given = len(argv) - 1
    more = {"log": given > needed, "remote": given == needed + 1}.get(argv[0] if argv else "", False)
    if command is None or (given != needed and not more):
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        sys.stdout.write(command(*argv[1:]) + "\n")
    except (Wrong, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"WRONG: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
