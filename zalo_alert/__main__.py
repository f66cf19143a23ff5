"""`python -m zalo_alert` is `zalo-alert`."""

from zalo_alert.cli.main import main

main()
