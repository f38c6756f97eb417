"""Alerts that really arrive: by a real mail server and a real web hook, once, whatever restarts or refuses."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from orchestrator.alerts import AlertSettings, Surroundings
from orchestrator.alerts.delivery import Post
from orchestrator.alerts.watching import Watch
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.cli.app import app
from orchestrator.domain import events as ev
from orchestrator.serving.setups import AlertsSetup
from orchestrator.serving.starting import alerts_starter
from tests.builders import campaign_events
from tests.night import AXES, CAMPAIGN, FLUX, Night, make_spec
from tests.unit.alerts.receiving import Mailbox, mail_server, web_hook
from tests.unit.api.conftest import store

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's mail imports it

PNG = b"\x89PNG\r\n\x1a\n"
PAGE = "https://beamline.example"


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def night_that_waits(workplace: Workplace) -> Night:
    """Return a campaign with one measured image, whose next suggestion waits for a person."""
    night = Night(make_spec()).begin()
    trial = night.suggest(dict.fromkeys(AXES, 0.0) | {"mirror_pitch": 3.0})
    night.review(trial)
    night.start(trial)
    image = workplace.artefacts.put_array(np.arange(64.0).reshape(8, 8))
    seen = night.observe(trial, {"ion_chamber": 42.0}, arrays={"camera": image})
    night.record(ev.TrialMeasured(trial=trial, observation=seen), "instrument")
    night.score(trial, flux=42.0)
    waiting = night.suggest(dict.fromkeys(AXES, 0.1) | {"mirror_pitch": 3.1})
    night.review(waiting, needs_approval=True)
    return night


class Alerts:
    """A watch and its post, as the alerts' process has them; made anew for each restart."""

    def __init__(self, workplace: Workplace, now: datetime, targets: dict[str, str], pauses: tuple[float, ...] = (0.0,)) -> None:
        settings = AlertSettings.model_validate({"targets": targets, "page": PAGE})
        around = Surroundings(workplace.ledger, workplace.artefacts, lambda _: (FLUX,), lambda _: True, lambda: now)
        self.post = Post(settings.targets, pauses=pauses)
        self.watch = Watch(around, settings, self.post)


def wait_for(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.01)


def sent(workplace: Workplace) -> list[ev.AlertSent]:
    return [event.data for event in workplace.ledger.read("system") if isinstance(event.data, ev.AlertSent)]


def text_of(mail: object) -> str:
    return mail.get_body(("plain",)).get_content()  # type: ignore[attr-defined]


def test_an_alert_tells_the_whole_story_by_mail_and_web_hook_once_across_restarts(workplace: Workplace) -> None:
    night = night_that_waits(workplace)
    store(workplace, night.ledger(), CAMPAIGN)
    with mail_server() as box, web_hook() as hook:
        targets = {"anna": box.address, "group": hook.address}
        first = Alerts(workplace, night.now, targets)
        for _ in range(3):
            first.watch.look()
        wait_for(lambda: len(sent(workplace)) == 2)
        first.post.close()
        again = Alerts(workplace, night.now + timedelta(minutes=10), targets)
        again.watch.look()
        again.post.close()

        (mail,) = box.mails
        assert mail["Subject"] == "beamline-alignment: a suggestion waits for you"
        text = text_of(mail)
        assert "Trial 2 waits for your approval" in text
        assert "Best so far: flux = 42.00 ± 0.42 nA in trial 1" in text
        assert f"{PAGE}/campaigns/{CAMPAIGN}" in text
        pictures = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
        assert set(pictures) == {"progress.png", "latest.png"}
        assert all(content.startswith(PNG) for content in pictures.values())

        (post,) = hook.posts
        assert post["title"] == mail["Subject"]
        assert "Trial 2 waits for your approval" in post["message"]
        assert {each["filename"] for each in post["attachments"]} == {"progress.png", "latest.png"}
    assert {(each.targets, each.rule, each.ok) for each in sent(workplace)} == {(("anna",), "held", True), (("group",), "held", True)}


def test_a_target_that_refuses_is_tried_again_and_keeps_nobody_waiting(workplace: Workplace) -> None:
    night = night_that_waits(workplace)
    store(workplace, night.ledger(), CAMPAIGN)
    with mail_server() as box, web_hook(refuses=2) as hook:
        alerts = Alerts(workplace, night.now, {"group": hook.address, "anna": box.address}, pauses=(0.0, 0.3, 0.3))
        alerts.watch.look()
        wait_for(lambda: box.mails)
        assert not hook.posts, "the mail did not wait for the hook"
        wait_for(lambda: len(sent(workplace)) == 2)
        assert hook.n_refused == 2
        assert len(hook.posts) == len(box.mails) == 1
        alerts.post.close()


def test_a_target_that_never_takes_it_is_given_up_on_record_and_no_secret_is_told(workplace: Workplace) -> None:
    night = night_that_waits(workplace)
    store(workplace, night.ledger(), CAMPAIGN)
    with web_hook(refuses=99) as hook, capture_logs() as logged:
        alerts = Alerts(workplace, night.now, {"group": hook.address}, pauses=(0.0, 0.0))
        alerts.watch.look()
        wait_for(lambda: sent(workplace))
        alerts.post.close()
    (record,) = sent(workplace)
    assert not record.ok
    assert hook.n_refused == 2
    assert [line["target"] for line in logged if line["log_level"] == "warning"] == ["group", "group"]
    assert "password" not in repr(logged) + repr(workplace.ledger.read("system"))


def test_the_process_that_serve_starts_tells_people(workplace: Workplace, tmp_path: Path) -> None:
    late = datetime.now().astimezone()
    events = campaign_events(3)
    shift = late - events[-1].at
    recent = tuple(event.model_copy(update={"at": event.at + shift}) for event in events)
    store(workplace, recent, CAMPAIGN)
    with mail_server() as box:
        (tmp_path / "alerts.yaml").write_text(f"targets:\n  anna: {box.address}\n", encoding="utf-8")
        child = alerts_starter(AlertsSetup(workplace.url, PAGE))()
        try:
            wait_for(lambda: box.mails and len(sent(workplace)) == len(box.mails) == 1)
        finally:
            child.kill()
    assert box.mails[0]["Subject"] == "beamline-alignment: completed"
    assert f"{PAGE}/campaigns/{CAMPAIGN}" in text_of(box.mails[0])


def test_a_test_alert_from_the_terminal_says_who_took_it(tmp_path: Path) -> None:
    def alerts_test() -> Result:
        return CliRunner().invoke(app, ["--ledger", f"sqlite:///{tmp_path / 'ledger.db'}", "alerts", "test"])

    nobody = alerts_test()
    assert nobody.exit_code == 2
    assert f"{tmp_path / 'alerts.yaml'} names nobody to tell" in nobody.stderr
    with mail_server() as box, web_hook(refuses=1) as hook:
        (tmp_path / "alerts.yaml").write_text(f"targets:\n  anna: {box.address}\n  group: {hook.address}\n", encoding="utf-8")
        tried = alerts_test()
        assert mailed(box) == ["Nightshift: a test"]
    assert tried.exit_code == 1
    assert "anna: taken" in tried.stdout
    assert "group: not taken" in tried.stdout
    assert "password" not in tried.output


def mailed(box: Mailbox) -> list[str]:
    return [mail["Subject"] for mail in box.mails]
