"""C2SP signed notes: a text and Ed25519 signatures under it, with keys that carry their own name.

`checkpoint` gives such a text its meaning. Private keys come in from outside and are never printed here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
_KEY_BYTES = 32
_KEY_ID_BYTES = 4
_DASH = "— "
_MOST_BYTES = 1_000_000
_MOST_SIGNATURES = 100


class BadNote(ValueError):
    """The note is not well formed, or no trusted key signed it, or a trusted key's signature is wrong."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name; written as `name+keyid+base64` (a "vkey")."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.public) != _KEY_BYTES:
            raise ValueError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, newline, signature type and public key."""
        whole = self.name.encode() + b"\n" + ED25519 + self.public
        return hashlib.sha256(whole).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a vkey. Raises ValueError unless its id fits its name and key."""
        name, key_id, encoded = (*vkey.strip().split("+", 2), "", "")[:3]
        key = unbase64(encoded)
        if key[:1] != ED25519:
            raise ValueError("this is not an Ed25519 verifier key")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            raise ValueError("the key does not fit its id")
        return verifier

    def signed(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over `text`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key with the name it signs under. Its `repr` holds nothing secret."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.seed) != _KEY_BYTES:
            raise ValueError("an Ed25519 private key has 32 bytes")

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Verifier(self.name, key.public_bytes_raw())

    def signature_line(self, text: str) -> str:
        """The line that goes under `text`, newline included."""
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        return f"{_DASH}{self.name} {_b64(self.verifier.key_id + signature)}\n"


def check_name(name: str) -> None:
    """Raise ValueError for a key name that a signature line could not carry."""
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise ValueError("a key name is not empty and holds no spaces, plus or control signs")


def sign_note(text: str, *signers: Signer) -> str:
    """A signed note. `text` ends with a newline and holds no other control signs."""
    _check_text(text)
    if not signers:
        raise ValueError("a note has at least one signature")
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def open_note(note: str, trusted: Sequence[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """The text of a note and the trusted keys that signed it, in the order of `trusted`.

    Signatures of unknown keys are passed over. Raises BadNote when a trusted key's signature is wrong or no
    trusted key signed.
    """
    text, lines = _split(note)
    signers: set[Verifier] = set()
    for line in lines:
        name, key_id, signature = _signature(line)
        for verifier in trusted:
            if (verifier.name, verifier.key_id) != (name, key_id):
                continue
            if not verifier.signed(text.encode(), signature):
                raise BadNote(f"the signature of {name} is wrong")
            signers.add(verifier)
    if not signers:
        raise BadNote("no trusted key signed this note")
    return text, tuple(verifier for verifier in trusted if verifier in signers)


def _split(note: str) -> tuple[str, list[str]]:
    if len(note.encode(errors="surrogatepass")) > _MOST_BYTES:
        raise BadNote("the note is too long")
    head, gap, tail = note.rpartition("\n\n")
    text = head + "\n"
    try:
        _check_text(text)
    except ValueError as error:
        raise BadNote(str(error)) from None
    if not gap or not tail.endswith("\n"):
        raise BadNote("a note is a text, an empty line and signature lines")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise BadNote("the note has too many signatures")
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        check_name(name)
        whole = unbase64(encoded)
    except ValueError:
        raise BadNote("a signature line is not well formed") from None
    if not line.startswith(_DASH) or len(whole) <= _KEY_ID_BYTES:
        raise BadNote("a signature line is not well formed")
    return name, whole[:_KEY_ID_BYTES], whole[_KEY_ID_BYTES:]


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a note is valid UTF-8") from None
    if not text.endswith("\n") or any(sign < " " and sign != "\n" for sign in text):
        raise ValueError("a note's text ends with a newline and holds no other control signs")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def unbase64(text: str) -> bytes:
    """Standard base64, strictly: padding in place, and the one spelling that encodes these bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is not base64") from None
    if _b64(data) != text:
        raise ValueError("this is not base64 in its one spelling")
    return data
