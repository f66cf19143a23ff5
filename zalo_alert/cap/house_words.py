"""What a CAP alert of ours says by words of our own: names of parameters, and what a hazard is in CAP's words.

Data, not code: a new hazard or another reading of CAP changes these tables and nothing else.

Source: OASIS, CAP 1.2, §3.2.2, `category` and `responseType`; the pairs are ours.
"""

from collections.abc import Mapping
from typing import NamedTuple

HAZARD = "VN-THIEN-TAI"  # event code: ours, such as bao
RISK_LEVEL = "VN-CAP-DO-RUI-RO"  # of Decision 18/2021: 1 to 5
CODE = "VN-MA-TIN"  # the campaign's, which is printed on the message
EARLIER_CODE = "VN-MA-TIN-TRUOC"  # those of the messages that it takes the place of, or takes back
BULLETIN = "VN-BAN-TIN"
BULLETIN_AT = "VN-BAN-TIN-LUC"  # the bulletin's hour
NEXT_AT = "VN-TIN-TIEP-THEO"  # when the next message comes

PROFILE = "VN-zalo-1"  # CAP's `code`: by which rules a message was written
CONTACT = "112"  # the rescue number of the whole country


class CapWords(NamedTuple):
    """A hazard in CAP's words: its categories, and what people should do where a campaign doesn't say."""

    categories: tuple[str, ...]
    response_types: tuple[str, ...]


_ROWS = """
bao                Met          Evacuate Shelter
ap-thap-nhiet-doi  Met          Shelter Prepare
nuoc-dang          Met          Evacuate Avoid
mua-lon            Met          Prepare Avoid
lu                 Met          Evacuate Avoid
ngap-lut           Met          Prepare Avoid
lu-quet            Met,Geo      Evacuate
sat-lo             Geo,Met      Evacuate
xa-lu              Infra,Met    Evacuate Avoid
su-co-dap          Infra        Evacuate
nang-nong          Met,Health   Prepare Avoid
han-han            Met,Env      Prepare
xam-nhap-man       Env          Prepare
gio-manh           Met          Avoid
suong-mu           Met          Avoid
loc-set            Met          Shelter
ret-hai            Met,Health   Prepare
chay-rung          Fire         Evacuate Avoid
dong-dat           Geo          Shelter
song-than          Geo          Evacuate
"""

HAZARD_WORDS: Mapping[str, CapWords] = {
    hazard: CapWords(tuple(categories.split(",")), tuple(responses))
    for hazard, categories, *responses in (row.split() for row in _ROWS.strip().splitlines())
}
