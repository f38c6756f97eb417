"""What many routes ask of their caller in the same words."""

from typing import Annotated

from fastapi import Path, Query

CampaignId = Annotated[str, Path(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$", description="A campaign's exact id.")]
TrialNumber = Annotated[int, Path(ge=1, le=10**9, description="Counted from 1.")]
After = Annotated[int, Query(ge=0, le=10**12, description="Only what comes after this number.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
