"""Pictures of a run as SVG: the map of Vietnam, bars, the curve of a rate, a time line; and the style sheet for them.

A picture is text to be put into a page as it is: well-formed, escaped, without a script and without a `style` attribute. Each has
a title and a description, and nothing in it is told by colour alone.
"""

from zalo_alert.pictures.bars import Bar, bars
from zalo_alert.pictures.marks import Mark
from zalo_alert.pictures.rate_curve import rate_curve
from zalo_alert.pictures.stylesheet import stylesheet
from zalo_alert.pictures.time_line import Lane, time_line
from zalo_alert.pictures.vietnam import Shade, map_of_vietnam

__all__ = ["Bar", "Lane", "Mark", "Shade", "bars", "map_of_vietnam", "rate_curve", "stylesheet", "time_line"]
