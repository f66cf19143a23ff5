"""The rules of CAP 1.2 that its schema cannot state, and ours, over a whole document.

Source: OASIS, CAP 1.2, chapter 3.2; Google's profile and validator, `CapValidator.java`, `GoogleProfile.java` (read 2026).
"""

from zalo_alert.cap.area_checks import check_areas
from zalo_alert.cap.document import Alert
from zalo_alert.cap.finding import Gathered
from zalo_alert.cap.info_checks import check_infos
from zalo_alert.cap.language_checks import check_languages
from zalo_alert.cap.message_checks import check_message
from zalo_alert.cap.place_checks import check_places
from zalo_alert.cap.text_checks import check_texts


def check(alert: Alert, gathered: Gathered) -> None:
    """Gather what is wrong with an alert; what could not be read of it (see `values`) is passed over."""
    for one in (check_message, check_infos, check_languages, check_texts, check_areas, check_places):
        one(alert, gathered)
