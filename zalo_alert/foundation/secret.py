"""Strings that never show themselves in a repr, a log or a traceback, and what is proven with them."""

import hashlib
import hmac


class Secret:
    """A string that tells itself only to whoever asks `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself; for the wire and the token store only."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret(empty)"


def proof(app_secret: Secret, token: str) -> str:
    """Return the `appsecret_proof` of an access token: HMAC-SHA256 in lower-case hex."""
    return hmac.new(app_secret.reveal().encode(), token.encode(), hashlib.sha256).hexdigest()
