"""Signed notes, checkpoints and proof files: by the letter of the format, refused when anything is off."""

from __future__ import annotations

import base64
import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.transparency.checkpoint import Checkpoint, InclusionProof, open_checkpoint, sign_checkpoint
from market.transparency.merkle import BadProof, inclusion_proof
from market.transparency.notes import BadNote, Signer, Verifier, open_note, sign_note
from tests.unit.transparency.builders import OTHER, SIGNER, Log

LOG = Log(11)
CHECKPOINT = Checkpoint(SIGNER.name, 11, LOG.root(11))
NOTE = sign_checkpoint(CHECKPOINT, SIGNER)
TRUSTED = [SIGNER.verifier]

# A public key and note that the Go implementation of signed notes is documented with.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXg"
    "KvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_opens():
    text, signers = open_note(PETER_NOTE, [Verifier.parse(PETER_KEY)])
    assert text.startswith("If you think")
    assert str(signers[0]) == PETER_KEY


def test_the_shape_of_a_checkpoint():
    origin, size, root, empty, signature, end = NOTE.split("\n")
    assert (origin, size, empty, end) == ("log.example/benang", "11", "", "")
    assert base64.b64decode(root) == LOG.root(11)
    dash, name, encoded = signature.split(" ")
    assert (dash, name) == ("—", SIGNER.name)
    data = base64.b64decode(encoded)
    key = hashlib.sha256(SIGNER.name.encode() + b"\n\x01" + SIGNER.verifier.public).digest()
    assert (data[:4], len(data)) == (key[:4], 68)


def test_signed_and_opened():
    assert open_checkpoint(NOTE, TRUSTED) == CHECKPOINT
    extended = dataclasses.replace(CHECKPOINT, extensions=("more",))
    assert open_checkpoint(sign_checkpoint(extended, SIGNER), TRUSTED) == extended
    empty = Checkpoint(SIGNER.name, 0, LOG.root(0))
    assert open_checkpoint(sign_checkpoint(empty, SIGNER), TRUSTED) == empty


def test_other_signatures_do_not_disturb():
    both = sign_checkpoint(CHECKPOINT, OTHER, SIGNER)
    assert open_checkpoint(both, TRUSTED) == CHECKPOINT
    assert open_note(both, [SIGNER.verifier, OTHER.verifier])[1] == (SIGNER.verifier, OTHER.verifier)


def test_keys_and_back():
    assert Verifier.parse(str(SIGNER.verifier)) == SIGNER.verifier
    assert "test" not in repr(SIGNER)
    assert SIGNER.seed.hex() not in repr(SIGNER)


@pytest.mark.parametrize(
    "vkey",
    [
        "", "name", "name+00000000", PETER_KEY[:-4], PETER_KEY.replace("c74f20a3", "c74f20a4"),
        PETER_KEY.replace("Peter", "Poter"), PETER_KEY.replace("+ARpc", "+AhPc"), PETER_KEY + "\n\n+",
    ],
)  # fmt: skip
def test_wrong_keys(vkey):
    with pytest.raises(ValueError, match=r"key|base64"):
        Verifier.parse(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\n", "a\x01"])
def test_impossible_key_names(name):
    with pytest.raises(ValueError, match="key name"):
        Signer(name, bytes(32))


@pytest.mark.parametrize(
    "note",
    [
        "", "\n", "text\n", "text\n\n", "text\n\n— name\n", "text\n\n— name !!\n", NOTE.removesuffix("\n"),
        NOTE + "\n", NOTE.replace("—", "-"), NOTE.replace("11\n", "11\r\n"), "\ud800" + NOTE,
        NOTE + "x" * 10**6,
        "a\n\n" + "— a AAAAAAA=\n" * 101, NOTE.replace("— ", "—  "),
    ],
)  # fmt: skip
def test_broken_notes(note):
    with pytest.raises(BadNote):
        open_checkpoint(note, TRUSTED)


def test_notes_that_nobody_trusted_signed():
    with pytest.raises(BadNote, match="no trusted key"):
        open_checkpoint(sign_checkpoint(CHECKPOINT, OTHER), TRUSTED)
    with pytest.raises(BadNote, match="no trusted key"):
        open_checkpoint(NOTE, [])
    with pytest.raises(BadNote, match="checkpoint of"):
        open_checkpoint(sign_checkpoint(dataclasses.replace(CHECKPOINT, origin="x"), SIGNER), TRUSTED)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found(at, bit):
    data = bytearray(NOTE.encode())
    data[at] ^= 1 << bit
    try:
        note = data.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(BadNote):
        open_checkpoint(note, TRUSTED)


@pytest.mark.parametrize(
    "text",
    [
        "log\n1\n", "log\n01\nroot\n", "log\n-1\nroot\n", "log\n1\nroot\n", "\n1\nroot\n",
        f"log\n{10**18}\n" + "A" * 43 + "=\n", "log\n1\n" + "A" * 43 + "=\n\n", "log\n1\n" + "A" * 43 + "=",
        "log\n1\n" + "A" * 42 + "B=\n",
    ],
)  # fmt: skip
def test_notes_that_are_no_checkpoints(text):
    with pytest.raises(ValueError, match=r".+"):
        Checkpoint.parse(text)
    if text.endswith("\n"):
        with pytest.raises(BadNote):
            open_checkpoint(sign_note(text, SIGNER), TRUSTED)


def test_a_note_needs_a_signature_and_plain_text():
    with pytest.raises(ValueError, match="at least one signature"):
        sign_note("text\n")
    for text in ("text", "a\tb\n", "\ud800\n"):
        with pytest.raises(ValueError, match="note"):
            sign_note(text, SIGNER)


# --- proof files -----------------------------------------------------------------------------------------


def proof_of(index):
    return InclusionProof(index, tuple(inclusion_proof(index, 11, LOG.hash_of)), NOTE)


@pytest.mark.parametrize("index", range(11))
def test_proof_files(index):
    text = str(proof_of(index))
    assert text.startswith(f"c2sp.org/tlog-proof@v1\nindex {index}\n")
    assert InclusionProof.parse(text) == proof_of(index)
    assert InclusionProof.parse(text).verify(LOG.entries[index], TRUSTED) == CHECKPOINT
    with pytest.raises(BadProof):
        InclusionProof.parse(text).verify(LOG.entries[index - 1], TRUSTED)


def test_extra_data_is_passed_over():
    text = str(proof_of(3)).replace("\nindex", "\nextra aGFsbG8=\nindex")
    assert InclusionProof.parse(text) == proof_of(3)


@pytest.mark.parametrize(
    "text",
    [
        "", "c2sp.org/tlog-proof@v1\n\n" + NOTE, str(proof_of(3)).replace("@v1", "@v2"),
        str(proof_of(3)).replace("index 3", "index 03"), str(proof_of(3)).replace("index 3", "index 3\nno"),
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "AAAA\n" * 65 + "\n" + NOTE,
    ],
)  # fmt: skip
def test_broken_proof_files(text):
    with pytest.raises(ValueError, match=r"proof|base64|digits"):
        InclusionProof.parse(text)
