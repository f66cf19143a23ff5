"""The Zalo API served on this machine: running it, its bad days by name, a workspace that points at it, and what it counted."""

from contextlib import AbstractContextManager
from pathlib import Path

from zalo_alert.errors import UsageError
from zalo_alert.foundation.files import contents, create_file, create_open_file, open_folder
from zalo_alert.foundation.layout import CONFIG_NAME
from zalo_alert.language import _
from zalo_alert.sandbox.agreement import compare, read_states
from zalo_alert.sandbox.base import Options
from zalo_alert.sandbox.receipt_agreement import compare_receipts, read_arrived
from zalo_alert.sandbox.scenarios import SCENARIOS
from zalo_alert.sandbox.server import Counter, Sandbox, running
from zalo_alert.settings.load import MAX_CONFIG_BYTES

__all__ = [
    "SCENARIOS", "Counter", "Options", "Sandbox", "compare", "compare_receipts", "read_arrived", "read_states", "serve_sandbox",
    "write_workspace",
]  # fmt: skip

SECRETS_NAME = "sandbox.env"


def serve_sandbox(options: Options | None = None, *, port: int = 0, tls: bool = False) -> AbstractContextManager[Sandbox]:
    """Serve the Zalo API on this machine for as long as the block lasts; its `environs()` point a workspace at it.

    Args:
        options: Limits and faults.
        port: Where it listens; 0 chooses a free one.
        tls: Speak TLS, with a certificate of its own making.

    Raises:
        UsageError: The port is taken.
    """
    return running(options or Options(), port=port, tls=tls)


def write_workspace(sandbox: Sandbox, folder: Path, secrets: str) -> tuple[Path, Path]:
    """Write a config with a sandbox's accounts, unless it is there already, and their secrets of this time.

    Args:
        sandbox: Whose accounts.
        folder: Made when it is missing.
        secrets: What the file of secrets says.

    Returns:
        The config and the file of secrets, which has mode 0600.

    Raises:
        UsageError: There is another config, or nothing can be written.
    """
    config, secrets_file = folder / CONFIG_NAME, folder / SECRETS_NAME
    lines = "\n".join(account.line() for account in sandbox.accounts)
    text = f"profile: drill\nsecrets_file: {SECRETS_NAME}\naccounts:\n{lines}\n"
    try:
        open_folder(folder)
        if not config.exists():
            with create_open_file(config) as file:
                file.write(text.encode())
        elif contents(config, MAX_CONFIG_BYTES) != text.encode():
            raise UsageError(_("{path} says something else", path=config), hint=_("nothing was changed; name another folder"))
        with create_file(secrets_file) as file:
            file.write(f"{secrets}\n".encode())
    except OSError as exc:
        raise UsageError(_("can't write to {folder}: {why}", folder=folder, why=str(exc))) from exc
    return config, secrets_file
