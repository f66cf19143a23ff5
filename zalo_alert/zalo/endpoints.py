"""Where each route's messages are posted.

Source: Zalo OA API, the pages of each message type.
"""

from zalo_alert.models import Route, RouteType
from zalo_alert.zalo.base import Host

ENDPOINTS: dict[RouteType, tuple[Host, str]] = {
    RouteType.TEMPLATE: (Host.OPENAPI, "/v3.0/oa/message/template"),
    RouteType.PHONE: (Host.BUSINESS, "/message/template"),
    RouteType.CS: (Host.OPENAPI, "/v3.0/oa/message/cs"),
    RouteType.TRANSACTION: (Host.OPENAPI, "/v3.0/oa/message/transaction"),
    RouteType.PROMOTION: (Host.OPENAPI, "/v3.0/oa/message/promotion"),
}
HASHED_PHONE = "/message/template/hashphone"


def endpoint(route: Route) -> tuple[Host, str]:
    """Return the host and the path that a route calls."""
    host, path = ENDPOINTS[route.type]
    return host, HASHED_PHONE if route.is_hashed else path
