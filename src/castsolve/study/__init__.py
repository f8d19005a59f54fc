"""Studies: what a change brings, what a line makes, and what it costs in metal, energy and water."""

from __future__ import annotations

from .figures import Sheet, SheetLine
from .line import LineSchedule, line_schedule
from .production import Plant, production_sheet
from .what_if import Change, WhatIf, WhatIfRow, channel_changes, what_if

__all__ = [
    "Change",
    "LineSchedule",
    "Plant",
    "Sheet",
    "SheetLine",
    "WhatIf",
    "WhatIfRow",
    "channel_changes",
    "line_schedule",
    "production_sheet",
    "what_if",
]
