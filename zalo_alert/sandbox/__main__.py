"""The sandbox's own process; see `server.running`."""

from zalo_alert.sandbox.server import serve

serve()
