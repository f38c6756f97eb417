"""``nightshift run SPEC --serve``: one campaign, with its page beside it."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx

from instruments.simulated.companion import free_port
from orchestrator import bootstrap
from orchestrator.domain import events as ev
from orchestrator.processes import this_person
from tests.recovery.killing import spec_text
from tests.recovery.serving import SECONDS, wait_for

_BEGIN = "from orchestrator.cli import main; main()"
STOPPED = 4


def test_a_campaign_runs_with_its_page_beside_it_and_the_terminal_pauses_and_stops_it(tmp_path: Path) -> None:
    spec, said, ledger, port = tmp_path / "kill.yaml", tmp_path / "said", f"sqlite:///{tmp_path / 'ledger.db'}", free_port()
    spec.write_text(spec_text(tmp_path / "journal", 500, "random", seconds_per_trial=0.2))
    command = [sys.executable, "-c", _BEGIN, "run", str(spec), "--serve", "--port", str(port), "--ledger", ledger, "--json"]
    with said.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        link = wait_for(lambda: re.search(rf"http://127\.0\.0\.1:{port}/login\?link=\S+", said.read_text()), "link")[0]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as browser:
            assert browser.get(link).status_code == 303
            with bootstrap.open_workplace(ledger) as place:
                campaign = place.ledger.summaries()[0].campaign
                wait_for(lambda: place.ledger.read(campaign, after=10) or None, "trial")
                assert browser.get(f"/api/v1/campaigns/{campaign}").json()["is_run"] is True
                process.send_signal(signal.SIGINT)
                wait_for(lambda: bootstrap.load_state(place, campaign).status == "paused" or None, "pause")
                process.send_signal(signal.SIGINT)
                out, _ = process.communicate(timeout=SECONDS)
                events = place.ledger.read(campaign)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert process.returncode == STOPPED, said.read_text()
    assert json.loads(out)["campaign"] == campaign
    told = [(event.actor, event.data.reason) for event in events if isinstance(event.data, ev.CampaignPaused | ev.CampaignStopped)]
    assert told == [(this_person(), "paused from the terminal"), (this_person(), "stopped from the terminal")]
