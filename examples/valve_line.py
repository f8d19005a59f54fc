"""The valve body on a moulding line: when it is shaken out, what the line makes, and what that takes in metal and energy."""

from __future__ import annotations

from castsolve import solidify
from castsolve.demo.study import demo_casting
from castsolve.study import Plant, line_schedule, production_sheet
from castsolve.units import minute, mm

valve = solidify(demo_casting(), voxel=12 * mm, until="shakeout")
short = line_schedule(valve, places=24, moulding_interval=120.0, pour_time=12.0, availability=0.9)
print(short)

# A short line waits for its castings to cool; with the places that it asks for, moulding rules and nothing waits.
assert short.limit == "cooling line"
longer = line_schedule(valve, places=short.places_needed(), moulding_interval=120.0, pour_time=12.0, availability=0.9)
assert longer.limit == "moulding"
assert abs(longer.moulds_per_hour - 27.0) < 1e-9

# Cooling takes far longer than freezing: the sand around the casting is warm by then.
print(f"solid after {short.solid / minute:.0f} min, shaken out after {short.cool / minute:.0f} min")
assert short.cool > 2.0 * short.solid

sheet = production_sheet(valve, Plant(availability=0.9, scrap=0.03), cycle_time=longer.interval)
print(sheet)
assert abs(sheet["new metal"].value + sheet["remelted"].value - sheet["melted"].value) < 1e-9
# Steel at 1580 degC holds 1.3 to 1.5 MJ/kg; an induction furnace takes half as much again, returns and loss are melted, too.
assert 1.2e6 < sheet["heat of the alloy from 25 degC"].value < 1.6e6
assert sheet["energy"].value > 1.4e6 / 0.76
