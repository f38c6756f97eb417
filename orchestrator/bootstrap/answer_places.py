"""Where answers come in, beside command line and API: what rewards want, and which Tiled server the site lends them."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.bootstrap.answer_results import Declared, declared
from orchestrator.domain.documents import TiledPlace
from orchestrator.domain.errors import SpecError
from orchestrator.domain.protocols import Reward
from orchestrator.outbox.targets import Unreachable
from orchestrator.preflight.problems import Locate
from orchestrator.settings import Settings
from orchestrator.wording import dotted


def answer_folders(rewards: Mapping[str, Reward]) -> tuple[Path, ...]:
    """Return the folders in which analysis answers, each once."""
    named = (getattr(reward, "answers_folder", None) for reward in rewards.values())
    return tuple(dict.fromkeys(folder for folder in named if folder is not None))


def answer_catalogues(rewards: Mapping[str, Reward]) -> tuple[Declared, ...]:
    """Return what is watched in Tiled, each container once."""
    named = {name: getattr(reward, "answers_catalogue", None) for name, reward in rewards.items()}
    return declared({name: found for name, found in named.items() if found is not None})


def answering_tiled() -> TiledPlace | None:
    """Return the server in which analyses answer; None where the site names none. Raises SpecError if its file cannot be used."""
    path = Settings().site_file
    if not path.exists():
        return None
    from instruments.beamline.reading import read_site  # no command that needs no site file waits for it

    return read_site(path).answering_tiled


def require_answer_places(rewards: Mapping[str, Reward], locate: Locate = dotted) -> None:
    """Refuse a campaign that wants answers from a server that nobody names. Raises SpecError."""
    wanted = [index for index, reward in enumerate(rewards.values()) if getattr(reward, "answers_catalogue", None) is not None]
    if wanted and answering_tiled() is None:
        where = locate(("rewards", wanted[0], "answers", "tiled"))
        raise SpecError(
            f"{where}: no Tiled server is known; staff name it in {Settings().site_file}: answers: {{tiled: {{uri: https://…}}}}"
        )


def place_now() -> TiledPlace:
    """Return the server, for a campaign that runs already. Raises Unreachable where the site file has changed."""
    try:
        place = answering_tiled()
    except SpecError as error:
        raise Unreachable(str(error)) from None
    if place is None:
        raise Unreachable(f"{Settings().site_file} names no Tiled server any more; write answers: {{tiled: {{uri: …}}}} into it")
    return place
