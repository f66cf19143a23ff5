"""How long what came back is kept: `inbound/retention.yaml` of the workspace, each value with a default.

journal: 30d        # whole events, with what people wrote
receipts: 7d        # once they are folded into their runs
parked: 48h         # events whose signature is wrong
refused: 30d        # how many were refused, without their content
cases: 180d         # after they were closed; their numbers and days stay
"""

from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.errors import SettingsInvalid
from zalo_alert.foundation import shape_errors, yaml_document
from zalo_alert.foundation.files import contents
from zalo_alert.foundation.os_errors import reason
from zalo_alert.language import _, _n

RETENTION = "inbound/retention.yaml"
_MOST_BYTES = 64 << 10
_UNITS_S = {"h": 3600, "d": 86_400}
_Span = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}[hd]$", description="Hours or days, such as 48h or 30d")]


class Retention(NamedTuple):
    """How long each thing is kept, in seconds."""

    journal_s: int
    receipts_s: int
    parked_s: int
    refused_s: int
    cases_s: int = 180 * 86_400


class _RetentionForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    journal: _Span = "30d"
    receipts: _Span = "7d"
    parked: _Span = "48h"
    refused: _Span = "30d"
    cases: _Span = "180d"


def load_retention(workspace: Path) -> Retention:
    """Read how long things are kept; the defaults where there is no such file.

    Raises:
        SettingsInvalid: The file can't be read or has faults.
    """
    form = _form(workspace / RETENTION)
    return Retention(*(_seconds(getattr(form, name)) for name in _RetentionForm.model_fields))


def _form(path: Path) -> _RetentionForm:
    try:
        text = contents(path, _MOST_BYTES)
    except FileNotFoundError:
        return _RetentionForm()
    except OSError as exc:
        raise SettingsInvalid(_("can't read {path}: {why}", path=path, why=reason(exc))) from exc
    document = yaml_document.load(text, str(path))
    form, problems = shape_errors.validate(_RetentionForm, document)
    if form is None:
        count = len(problems)
        words = _n("{count} problem in {where}", "{count} problems in {where}", count, count=count, where=path)
        raise SettingsInvalid(words, problems=problems)
    return form


def _seconds(span: str) -> int:
    return int(span[:-1]) * _UNITS_S[span[-1]]
