"""Drive a campaign from Python: make it, decide about its first suggestions, follow it to its end, look at the result.

A notebook in percent cells: open it in Jupyter, VS Code or Spyder, or run it as a script.
"""

# %% Where the server is, and who we are
import os

from orchestrator.client import NightshiftClient
from orchestrator.domain.changes import SetBudget
from orchestrator.domain.spec import Budget

nightshift = NightshiftClient(os.environ["NIGHTSHIFT_SERVER"], os.environ["NIGHTSHIFT_KEY"])
print(f"we are {nightshift.session().name}, {nightshift.session().role}")

# %% A campaign whose first two suggestions wait for us
SPEC = """
name: tough-barrels
instrument: {type: dataset, data: crossed-barrel, seconds_per_trial: 0.05}
reward: {signal: toughness, goal: maximise}
agent: random
approval: {first: 2}
budget: {trials: 12}
"""
checked = nightshift.check(SPEC)
assert checked.is_valid, checked.problems
campaign = nightshift.create(SPEC).campaign

# %% Approve thick walls; for thin ones ask for a thicker one instead
for _ in range(2):
    waiting = nightshift.wait_until(campaign, lambda status: status.waiting is not None, timeout=120).waiting
    print(f"trial {waiting.trial} waits: {dict(waiting.point)}: {waiting.why}")
    if waiting.point["t"] >= 1.0:
        nightshift.approve(waiting, "thick enough")
    else:
        nightshift.edit(waiting, {**waiting.point, "t": 1.4}, "thin walls tell us nothing")
    nightshift.wait_until(campaign, lambda status, seen=waiting.trial: status.n_trials > seen, timeout=120)

# %% Change our mind while it runs: who and why is recorded
nightshift.change(campaign, SetBudget(budget=Budget(trials=15)), "there is time for three more")

# %% Follow it to its end; a lost connection is taken up again, and no event is missed
for event in nightshift.follow(campaign):
    if event.type == "trial-scored" and event.trial is not None:
        score = event.trial.scores["toughness"]
        print(f"trial {event.trial.trial}: {score.value:.3g} J{', the best so far' if event.trial.is_best else ''}")

# %% What came of it, and why
best = nightshift.best(campaign, n=1).trials[0]
print(f"best: trial {best.trial}, {dict(best.point)}")
print(nightshift.explanation(campaign, best.trial))
print(f"{len(list(nightshift.trials(campaign)))} trials, {nightshift.status(campaign).standing.sentence}")

# %% The report, for the logbook
with open(f"{campaign}.html", "w", encoding="utf-8") as file:
    file.write(nightshift.report(campaign))
nightshift.close()
