"""The public script: run as a stranger would, alone in a folder, against files as the log serves them."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.transparency import verify_script
from market.transparency.checkpoint import Checkpoint, InclusionProof, sign_checkpoint
from market.transparency.entries import canonical, new_leaf
from market.transparency.merkle import consistency_proof, inclusion_proof
from market.transparency.tiles import encode_bundle
from market.transparency.verify_script import Wrong, check_consistency, check_inclusion
from tests.unit.transparency.builders import OTHER, SIGNER, Log

LOG = Log(300)
AT = datetime(2026, 9, 1, tzinfo=UTC)
KEY = str(SIGNER.verifier)


def note(size, signer=SIGNER):
    return sign_checkpoint(Checkpoint(signer.name, size, LOG.root(size)), signer)


NOTES = [note(size) for size in range(70)]


def consistency_text(old, new):
    return "".join(base64.b64encode(h).decode() + "\n" for h in consistency_proof(old, new, LOG.hash_of))


def inclusion_text(index, size):
    return str(InclusionProof(index, tuple(inclusion_proof(index, size, LOG.hash_of)), NOTES[size]))


@pytest.fixture
def folder(tmp_path):
    salt, facts = bytes(range(32)), {"award": 8_000_000}
    entry = new_leaf("claim.decided", "claim:12", 1, AT, salt=salt, facts=facts).encode()
    files = {
        "key": KEY + "\n",
        "old": note(200),
        "new": note(300),
        "grown": consistency_text(200, 300),
        "entry": LOG.entries[41],
        "proof": str(InclusionProof(41, tuple(inclusion_proof(41, 300, LOG.hash_of)), note(300))),
        "bundle-0": encode_bundle(LOG.entries[:256]),
        "bundle-1": encode_bundle(LOG.entries[256:]),
        "decided": entry,
        "salt": salt.hex() + "\n",
        "facts": canonical(facts),
        "other": b"something else",
        "forged": note(300, OTHER),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    shutil.copy(verify_script.__file__, tmp_path / "verify.py")
    return tmp_path


RIGHT = [
    (["checkpoint", "key", "new"], f"signed: 300 entries, root {LOG.root(300).hex()}"),
    (["checkpoint", KEY, "new"], "signed: 300 entries"),
    (["inclusion", "key", "entry", "proof"], "included: entry 41 of 300"),
    (["consistency", "key", "old", "new", "grown"], "consistent: 200 entries became 300, none changed"),
    (["log", "key", "new", "bundle-0", "bundle-1"], "complete: all 300 entries"),
    (["log", "key", "old", "bundle-0"], "complete: all 200 entries"),
    (["commitment", "decided", "salt", "facts"], "committed: the entry stands for exactly these facts"),
]
WRONG = [
    (["checkpoint", "key", "forged"], "did not sign this checkpoint"),
    (["checkpoint", str(OTHER.verifier), "new"], "did not sign this checkpoint"),
    (["checkpoint", "nonsense", "new"], "not an Ed25519 verifier key"),
    (["checkpoint", "key", "no such file"], "No such file"),
    (["inclusion", "key", "other", "proof"], "does not hold this entry"),
    (["inclusion", "key", "entry", "new"], "not a proof file"),
    (["consistency", "key", "new", "old", "grown"], "the older checkpoint is the larger one"),
    (["consistency", "key", "new", "new", "grown"], "two histories"),
    (["consistency", "key", "old", "new", "proof"], "base64"),
    (["log", "key", "new", "bundle-0"], "the files hold 256"),
    (["log", "key", "new", "bundle-1", "bundle-0"], "do not make up this checkpoint"),
    (["log", "key", "new", "other"], "cut off"),
    (["commitment", "decided", "salt", "other"], "does not commit to these facts"),
    (["commitment", "other", "salt", "facts"], "not a log entry"),
]


def run(argv, monkeypatch, folder, capsys):
    monkeypatch.chdir(folder)
    code = verify_script.main(argv)
    return code, capsys.readouterr()


@pytest.mark.parametrize(("argv", "said"), RIGHT)
def test_what_checks_out(argv, said, monkeypatch, folder, capsys):
    code, printed = run(argv, monkeypatch, folder, capsys)
    assert (code, printed.err) == (0, "")
    assert printed.out.startswith(said)


@pytest.mark.parametrize(("argv", "said"), WRONG)
def test_what_does_not(argv, said, monkeypatch, folder, capsys):
    code, printed = run(argv, monkeypatch, folder, capsys)
    assert (code, printed.out) == (1, "")
    assert printed.err.startswith("WRONG: ")
    assert said in printed.err


@pytest.mark.parametrize("argv", [[], ["help"], ["checkpoint", "key"], ["inclusion", "a", "b", "c", "d"]])
def test_called_wrongly(argv, monkeypatch, folder, capsys):
    code, printed = run(argv, monkeypatch, folder, capsys)
    assert code == 2
    assert "verify_script.py checkpoint" in printed.err


def test_it_needs_nothing_of_ours(folder):
    command = [sys.executable, "-I", "verify.py", "inclusion", "key", "entry", "proof"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "included: entry 41 of 300\n")


@pytest.mark.parametrize("new", range(0, 70, 3))
def test_it_agrees_with_the_server_on_small_trees(new):
    for old in range(new + 1):
        assert check_consistency(KEY, NOTES[old], NOTES[new], consistency_text(old, new)) == (old, new)
    for index in range(new):
        assert check_inclusion(KEY, LOG.entries[index], inclusion_text(index, new)) == (index, new)


@given(st.integers(1, 69), st.data())
def test_tampering_is_found(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_text(index, size).encode()
    at = data.draw(st.integers(0, len(proof) - 1))
    broken = bytearray(proof)
    broken[at] ^= 1 << data.draw(st.integers(0, 6))
    try:
        text = bytes(broken).decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(Wrong):
        check_inclusion(KEY, LOG.entries[index], text)


@given(st.integers(1, 69), st.data())
def test_no_proof_joins_two_histories(new, data):
    old = data.draw(st.integers(1, new))
    other = Log(300)
    other.leaves[data.draw(st.integers(0, old - 1))] = bytes(32)
    forged = sign_checkpoint(Checkpoint(SIGNER.name, new, other.root(new)), SIGNER)
    path = consistency_proof(old, new, other.hash_of)
    text = "".join(base64.b64encode(h).decode() + "\n" for h in path)
    with pytest.raises(Wrong):
        check_consistency(KEY, NOTES[old], forged, text)
