"""What a visit from the guest network counted, in words: no device, and nothing judged before it is joined."""

from reports.words import Wording
from rules.finding import Assessment


def alone(assessment: Assessment) -> bool:
    """Whether all that was looked at was looked at from the guest network: then there is no device to speak of."""
    return assessment.guests is not None and not assessment.devices


def counted(assessment: Assessment, say: Wording) -> list[str]:
    """A line for each network that was looked at from the guests': « 9 appareils comptés, … (192.168.20.0/24) »."""
    lines = []
    for view in assessment.guests or ():
        zone = say.word("zone", view.zone)
        if view.counted is not None:
            lines.append(say.count("guests.counted", view.counted, zone=zone, network=view.network))
        if view.reached is not None:
            lines.append(say.count("guests.reached", view.reached, zone=zone, network=view.network))
    return lines
