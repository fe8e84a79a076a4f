"""The public log: a Merkle tree that anyone can check, its signed checkpoints, tiles and proofs."""
