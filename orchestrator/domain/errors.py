"""Everything Nightshift raises on purpose. Anything else that escapes is a bug.

A message names the thing, its value, the limit with its unit, and the way out. Each class takes the finished message
alone, so that errors survive pickling between processes.
"""


class NightshiftError(Exception):
    """The root of every error Nightshift raises on purpose."""


class BadInput(NightshiftError):
    """Something a person wrote cannot be done; nothing was moved and nothing was recorded."""


class SpecError(BadInput):
    """A campaign file says something that cannot be run."""


class UnknownPlugin(BadInput):
    """A campaign names an agent, reward, analyser, guardian or instrument that is not installed."""


class Unknown(BadInput):
    """There is no such thing."""


class UnknownCampaign(Unknown):
    """The ledger holds no campaign of that name."""


class UnknownTrial(Unknown):
    """The campaign has no trial of that number."""


class UnknownArray(Unknown):
    """The trial has no spectrum or image of that name, or none that can be read here."""


class UnknownInstrument(Unknown):
    """No campaign runs on an instrument of that name, or did."""


class WrongState(BadInput):
    """The campaign or trial is in no state for the command; names the state and what can be done instead."""


class StaleApproval(BadInput):
    """What was approved, edited or vetoed is no longer what waits."""


class NotAllowed(BadInput):
    """The caller's role does not include this."""


class ReadOnly(BadInput):
    """This server, or this ledger, takes no commands."""


class Busy(BadInput):
    """Another runner holds the campaign or the instrument."""


class Overloaded(NightshiftError):
    """Too much is asked for at once, or it takes longer than anybody should wait."""


class LedgerUnusable(BadInput):
    """The ledger cannot be opened, cannot be written, or was written by a newer Nightshift."""


class LedgerError(NightshiftError):
    """The ledger refused an append."""


class SequenceConflict(LedgerError):
    """Someone else appended first: the expected sequence number is taken."""


class LeaseLost(LedgerError):
    """The writer's lease expired or was taken over; it must neither append nor move."""


class LedgerFull(LedgerError):
    """The disk holding the ledger is full."""


class LedgerCorrupt(LedgerError):
    """A stored event does not match its hash, its sequence or the state stored beside it."""


class ArtefactMissing(NightshiftError):
    """A ledger event refers to an artefact that is not in the artefact store."""


class FramesUnreadable(NightshiftError):
    """A file that a detector wrote is late, missing or damaged."""


class InstrumentError(NightshiftError):
    """The instrument could not be connected, described, moved or read."""


class NothingMoved(InstrumentError):
    """An attempt was refused, and it is certain that nothing of it was begun."""


class FateUnknown(InstrumentError):
    """An attempt was begun, and nothing tells how far it came."""


class AgentError(NightshiftError):
    """An agent raised, timed out, or suggested something outside the space."""


class SpaceExhausted(AgentError):
    """Every point that can be measured has been suggested."""


class RewardError(NightshiftError):
    """A reward could not judge an observation, for example because a signal is missing."""
