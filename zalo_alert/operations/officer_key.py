"""The door to an officer's key for the shell and for Python callers."""

from zalo_alert.approval.signer import Signer, open_signer

__all__ = ["Signer", "open_signer"]
