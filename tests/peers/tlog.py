"""A reader that others wrote (PyPI `aics-tlog` 0.2.1, Python 3.12 or newer) takes what Amanah publishes.

    python3 -m pip install aics-tlog==0.2.1
    python3 tests/peers/tlog.py FOLDER LOG_KEY [COSIGNED_CHECKPOINT WITNESS_KEY] [PROOF]

FOLDER is what `amanah audit publish` wrote, LOG_KEY what it printed. Checks every tile and entry
bundle against the signed checkpoint, the log's signature, a witness's cosignature, and the hashes of
a proof file.
"""
import base64
import pathlib
import sys

from aics_tlog import parse_note, parse_vkey, verify_checkpoint
from aics_tlog.checkpoint import checkpoint_from_note
from aics_tlog.remote import HttpTileReader
from aics_tlog.tree import verify_leaf_inclusion, verify_consistency
from aics_tlog.tiles import consistency_proof_from_tiles, inclusion_proof_from_tiles, tree_root_from_tiles
from aics_tlog.verified import VerifiedTileReader, audit_tiles


def main(folder, log_key, cosigned=None, witness_key=None, proof=None):
    key = parse_vkey(log_key)
    note = parse_note(pathlib.Path(folder, "checkpoint").read_bytes())
    found = verify_checkpoint(note, key)
    assert found.ok, found
    head, _ = checkpoint_from_note(note)
    reader = HttpTileReader([pathlib.Path(folder).resolve().as_uri() + "/"])
    report = audit_tiles(reader, head.size, head.root)
    verified = VerifiedTileReader(reader, head.size, head.root)
    for index in range(head.size):
        entry = verified.entry(index)
        assert entry.startswith(b'{"v":1,"seq":%d,' % index), entry[:40]
        path = inclusion_proof_from_tiles(verified, index, head.size)
        assert verify_leaf_inclusion(entry, index, head.size, path, head.root)
    for old in range(1, head.size):
        root = tree_root_from_tiles(verified, old, head.size)
        path = consistency_proof_from_tiles(verified, old, head.size)
        assert verify_consistency(old, head.size, root, head.root, path)
    said = f"{head.size} entries, {report}"
    if cosigned:
        note = parse_note(pathlib.Path(cosigned).read_bytes())
        found = verify_checkpoint(note, key, [parse_vkey(witness_key)], quorum=1)
        assert found.ok, found
        said += ", cosigned"
    if proof:
        lines = pathlib.Path(proof).read_text().split("\n")
        assert lines[0] == "c2sp.org/tlog-proof@v1"
        end = lines.index("")
        entry = base64.b64decode(lines[1].removeprefix("extra "))
        index = int(lines[2].removeprefix("index "))
        hashes = [base64.b64decode(line) for line in lines[3:end]]
        note = parse_note("\n".join(lines[end + 1:]))
        assert verify_checkpoint(note, key).ok
        head, _ = checkpoint_from_note(note)
        assert verify_leaf_inclusion(entry, index, head.size, hashes, head.root)
        assert not verify_leaf_inclusion(entry + b" ", index, head.size, hashes, head.root)
        said += f", entry {index} proved"
    print(said)


if __name__ == "__main__":
    main(*sys.argv[1:])
