"""How the files of the ledger and of claims are sealed: see `market.sealing`. Here is only their purpose."""

from __future__ import annotations

from typing import Final

from market.sealing import CannotOpen, Purpose, new_key, seal, unseal

__all__ = ["CannotOpen", "new_key", "rewrapped", "seal", "unseal", "unwrap", "wrap"]

_FILES: Final = Purpose("benang evidence key 1")
wrap, unwrap, rewrapped = _FILES.wrap, _FILES.unwrap, _FILES.rewrapped
