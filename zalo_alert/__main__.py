"""`python -m zalo_alert` is `zalo-alert`."""

from zalo_alert.cli.app import main

main()
