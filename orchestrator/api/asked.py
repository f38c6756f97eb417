"""What many routes ask of their caller in the same words."""

from typing import Annotated

from fastapi import Header, Path, Query

CampaignId = Annotated[str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_.~-]{0,255}$", description="A campaign's exact id.")]
SampleId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$", description="A sample's id.")]
TrialNumber = Annotated[int, Path(ge=1, le=10**9, description="Counted from 1.")]
After = Annotated[int, Query(ge=0, le=10**12, description="Only what comes after this number.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
IfNoneMatch = Annotated[str | None, Header(max_length=1000, description="``ETag`` of what the caller has.")]


def has_tag(if_none_match: str | None, tag: str) -> bool:
    """Return whether the caller has what the tag stands for."""
    return if_none_match is not None and (if_none_match.strip() == "*" or tag in (each.strip() for each in if_none_match.split(",")))
