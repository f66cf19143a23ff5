"""A workspace with many accounts, as an office writes it by hand: settings, accounts, secrets."""

from collections.abc import Iterator
from pathlib import Path

from bench.judge.world import World


def write(folder: Path, people: World, port: int) -> None:
    """Write the files.

    Args:
        folder: Of the workspace; it is there.
        people: Whose accounts and secrets.
        port: Of 127.0.0.1, where Zalo's events are waited for.
    """
    webhook = f"webhook: {{listen: '127.0.0.1:{port}', path: /zalo}}\n"
    (folder / "zalo-alert.yaml").write_text("profile: live\naccounts_file: accounts.csv\nsecrets_file: secrets\n" + webhook)
    rows = [f"xa-{number},{each.oa},{each.app},commune,all" for number, each in enumerate(people.linked)]
    (folder / "accounts.csv").write_text("\n".join(["id,oa_id,app_id,level,areas", *rows]) + "\n")
    secrets = folder / "secrets"
    secrets.touch(mode=0o600)
    secrets.write_text("\n".join(_secrets(people)) + "\n")


def _secrets(people: World) -> Iterator[str]:
    names = {each.oa: f"XA_{number}" for number, each in enumerate(people.linked)}
    named = [(names[oa], told) for oa, told in people.by_oa.items()] + [
        (f"APP_{app}", told) for app, told in people.by_app.items()
    ]
    for name, told in named:
        for secret, after in zip(told, ("", "_NEXT"), strict=False):
            yield f"ZALO_ALERT_{name}_OA_SECRET{after}={secret}"
