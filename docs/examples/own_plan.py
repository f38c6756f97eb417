"""Our agent inside a Bluesky plan: the RunEngine moves and measures, we suggest."""

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky import RunEngine
from ophyd.sim import SynAxis, SynSignal

from orchestrator import AskTell
from orchestrator.domain.errors import AgentError

# Stand-ins for your own devices; these motors stop a hair beside where they are sent.
pitch = SynAxis(name="pitch", readback_func=lambda position: position + 1e-4)
roll = SynAxis(name="roll", readback_func=lambda position: position + 1e-4)
flux = SynSignal(name="flux", func=lambda: 1.0 / (1.0 + 9.0 * (pitch.position - 0.3) ** 2 + 4.0 * (roll.position + 0.2) ** 2))


@bpp.stage_decorator([flux])
@bpp.run_decorator(md={"plan_name": "search"})
def search(loop, n_points):
    for _ in range(n_points):
        try:
            [point] = loop.ask()
        except AgentError as error:  # nothing sensible is left to measure
            print("ends early:", error)
            return
        yield from bps.mv(pitch, point["pitch"], roll, point["roll"])
        reading = yield from bps.trigger_and_read([flux, pitch, roll])
        where = {motor.name: reading[motor.name]["value"] for motor in (pitch, roll)}
        loop.tell(point, {"flux": reading["flux"]["value"]}, at=where)


loop = AskTell({"pitch": {"limits": [-1, 1]}, "roll": {"limits": [-1, 1]}}, {"flux": "maximise"}, seed=1)
RE = RunEngine()
RE(search(loop, 16))
best = loop.believed_best()
print(f"best: {best.value:.3f} at pitch = {best.point['pitch']:.2f}, roll = {best.point['roll']:.2f}; {len(loop.pending)} pending")
RE(bps.mv(pitch, best.point["pitch"], roll, best.point["roll"]))
