"""Keys and passphrases of backups, for whoever composes them."""

from zalo_alert.backup.age_keys import Key, Lock, identities_in, lock_of, make_key, passphrase_of, recipient_of, recipients_in

__all__ = ["Key", "Lock", "identities_in", "lock_of", "make_key", "passphrase_of", "recipient_of", "recipients_in"]
