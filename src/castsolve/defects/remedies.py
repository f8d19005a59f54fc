"""What to change against a finding, in the words of the process: a pressure die has no risers, a steel mould no sleeves.

A cavity has one of four causes: the path to what feeds it froze ("neck"), that ran empty ("empty") or froze first ("froze"), or
nothing ever reached it ("never"). What feeds is a riser in expendable moulds and gravity dies, the furnace behind the riser tube in
a low-pressure die, the biscuit before the plunger in a pressure die.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .table import duration

__all__ = ["Remedies"]

_ADVISE = "castsolve.feeding.advise sizes one"


@dataclass(frozen=True, slots=True)
class Remedies:
    """The remedies of one run.

    Attributes
    ----------
    process : str
        Of the casting: "sand", "gravity die", "low pressure", "pressure die" ...
    release : float or None
        When a furnace's pressure goes, counted as the run's times are (s).
    sprayed : bool
        Whether the die is sprayed.
    """

    process: str = ""
    release: float | None = field(default=None, kw_only=True)
    sprayed: bool = field(default=True, kw_only=True)

    @property
    def feeder(self) -> str:
        """What feeds a casting of this process."""
        return {"low pressure": "riser tube", "pressure die": "biscuit"}.get(self.process, "riser")

    @property
    def pressed(self) -> bool:
        """Whether a furnace or a plunger feeds, and no riser."""
        return self.process in ("low pressure", "pressure die")

    def cavity(self, cause: str, place: str, since: float) -> str:
        """Return what to change against a cavity: why it is there, the place that froze ("" where none is known), and when (s)."""
        told = {"pressure die": self._of_a_shot, "low pressure": self._over_a_furnace}.get(self.process, self._by_risers)
        return told(place, since)["never" if cause == "neck" and not place else cause]

    def _by_risers(self, place: str, since: float) -> dict[str, str]:
        """Return the remedies by cause where risers feed."""
        die = self.process == "gravity die"
        open_longer = "a thicker section, more coating" if die else "padding, thicker neck, sleeve"
        hotter, cool, cooler = ("more coating", "cool", "a channel") if die else ("a sleeve", "chill", "a chill")
        return {
            "neck": f"keep {place} open longer ({open_longer}) or {cool} the metal behind it",
            "empty": f"a riser of more volume or with {hotter}; {_ADVISE}",
            "froze": f"a riser of larger modulus or with {hotter}, or {cooler} here; {_ADVISE}",
            "never": f"set a riser on the hot spot or {cool} it; {_ADVISE}",
        }

    def _of_a_shot(self, place: str, since: float) -> dict[str, str]:
        """Return the remedies by cause where a plunger feeds."""
        here = "cool this section (spot cooling) or press it with a squeeze pin"
        return {
            "neck": (
                f"intensify before {duration(since)}, keep {place} open longer (a thicker gate, nearer to the heavy section; a "
                f"warmer gate insert), {here}"
            ),
            "empty": f"a thicker biscuit, or {here}",
            "froze": f"a thicker biscuit or runner, so that the pressure lasts beyond {duration(since)}, or {here}",
            "never": f"bring the gate to this section or core it out, or {here}",
        }

    def _over_a_furnace(self, place: str, since: float) -> dict[str, str]:
        """Return the remedies by cause where a furnace feeds: one for all where its pressure was gone by then."""
        here = "cool this section sooner (a channel, less coating)"
        if self.release is not None and since >= self.release > 0.0:
            hold = f"hold the pressure beyond {duration(since)} (it goes at {duration(self.release)}), or {here}"
            return dict.fromkeys(("neck", "empty", "froze", "never"), hold)
        return {
            "neck": (
                f"keep {place} open longer (a thicker way to the riser tube, more coating, cooling that begins later there), or "
                f"{here}: it must freeze towards the tube"
            ),
            "empty": f"more metal or pressure in the furnace, or {here}",
            "froze": f"a wider or hotter mouth of the riser tube, or {here}",
            "never": f"a thicker way from the riser tube, a second tube, or {here}; a squeeze pin where none can be led there",
        }

    def hot_spot(self, modulus: str) -> str:
        """Return what to change at a hot spot of the part with a thermal modulus ("" where it is not known)."""
        if self.process == "pressure die":
            return "thin or core out the section here, cool it (spot cooling), or press it with a squeeze pin"
        if self.process == "low pressure":
            return "thin the section here, or cool it (a channel, less coating), so that it freezes towards the riser tube"
        size = f" (thermal modulus {modulus})" if modulus else ""
        cool = "cool (a channel, less coating)" if self.process == "gravity die" else "chill"
        return f"{cool} or thin the section here{size}, or let a riser that freezes later feed it"

    def pool(self, cause: str, neck: str, modulus: str, cut_off: float) -> str:
        """Return what to change against a pool that was cut off at a time (s) by a neck ("" where none is known)."""
        if self.pressed:
            return self.cavity("neck" if neck else "never", neck, cut_off)
        riser = "a riser on it" + (f" (its thermal modulus is {modulus}; the riser's must be larger)" if modulus else "")
        die = self.process == "gravity die"
        cool = "cool" if die else "chill"
        if cause == "neck" and neck:
            how = "a thicker section, more coating" if die else "padding, a thicker neck, a sleeve"
            return f"keep {neck} open longer ({how}), {cool} the pool, or set {riser}"
        if cause == "reserve":
            return f"a larger or insulated riser, {'a channel at' if die else 'a chill on'} the pool, or {riser}"
        return f"set {riser}, or {cool} it"

    @property
    def gradient(self) -> str:
        """What makes the gradient steeper where pores lie between the dendrites."""
        if self.process == "pressure die":
            return "more pressure, sooner and for longer (intensification, a thicker gate), spot cooling here, or a squeeze pin"
        if self.process == "low pressure":
            return "a steeper gradient towards the riser tube (a channel here, more coating between), or more pressure"
        if self.process == "gravity die":
            return "a steeper gradient: a channel or less coating here, a taper towards the riser, or a riser nearer by"
        return "a steeper gradient: a chill, a taper towards the riser, or a riser nearer by"

    @property
    def opened_pore(self) -> str:
        """What to change where machining opens a pore."""
        other = "or take the face from another side"
        if self.process == "pressure die":
            return f"keep the pore off the face (spot cooling, a squeeze pin, less stock), {other}"
        if self.process == "low pressure":
            return f"move the pore towards the riser tube (cool this section), {other}"
        cool = "cool" if self.process == "gravity die" else "chill"
        return f"move the cavity into a riser (feed or {cool} this section), {other}"

    @property
    def weak_drive(self) -> str:
        """What to change where metal came to rest for want of what drives it."""
        return {
            "pressure die": "more pressure on the plunger, a faster shot or a larger gate", "low pressure": "raise the pressure",
        }.get(self.process, "raise the head or the pressure")  # fmt: skip

    @property
    def cold_metal(self) -> str:
        """What to change where metal froze on its way, or came cold."""
        return {
            "pressure die": "a faster shot, hotter metal or a warmer die",
            "low pressure": "raise the pressure faster, or pour hotter",
        }.get(self.process, "pour hotter or faster")  # fmt: skip

    @property
    def less_spray(self) -> str:
        """The first words of an advice that less spray helps, where there is one."""
        return "less spray, " if self.sprayed else ""
