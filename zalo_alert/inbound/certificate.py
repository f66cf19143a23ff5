"""Until when a certificate is good."""

from datetime import datetime
from pathlib import Path

from cryptography import x509

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation.clock import instant
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _


def ends_at(path: Path) -> datetime:
    """Return when the first certificate of a PEM file ends: the door's own, before those of the authorities.

    Raises:
        SettingsInvalid: It can't be read, or holds no certificate.
    """
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as exc:
        raise SettingsInvalid(_("can't read {path}: {why}", path=path, why=reason(exc)), hint=_CURE) from exc
    except ValueError as exc:
        raise SettingsInvalid(_("{path} holds no certificate", path=path), hint=_CURE) from exc
    return instant(certificates[0].not_valid_after_utc.timestamp())


_CURE = _("name the file with the certificate and its chain, in PEM, as `webhook.certificate`")
