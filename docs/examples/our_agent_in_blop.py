"""Our agent under blop's plans: blop moves and measures, we suggest."""

from blop.plan_stubs import navigate_to_best
from blop.plans import optimize
from blop.protocols import OptimizationProblem
from bluesky import RunEngine
from ophyd.sim import SynAxis, SynSignal

from orchestrator import AskTell
from orchestrator.blop_adapters import AskTellOptimizer

# Stand-ins for your own devices: the flux is highest at pitch = 0.3 mrad, roll = -0.2 mrad.
pitch, roll = SynAxis(name="pitch"), SynAxis(name="roll")
flux = SynSignal(name="flux", func=lambda: 1.0 / (1.0 + 9.0 * (pitch.position - 0.3) ** 2 + 4.0 * (roll.position + 0.2) ** 2))


class Readings:
    """Keeps the readings of the newest scan, in the order in which blop measured its points."""

    def __call__(self, name, document):
        if name == "start" and "blop_acquisition_order" in document:
            self.order, self.flux = document["blop_acquisition_order"], []
        elif name == "event" and "flux" in document["data"]:
            self.flux.append(document["data"]["flux"])

    def outcomes(self, uid, suggestions):
        return [{"_id": number, "flux": value} for number, value in zip(self.order, self.flux, strict=True)]


# Parameters have the names of the motors, objectives those of the outcomes.
loop = AskTell({"pitch": {"limits": [-1, 1]}, "roll": {"limits": [-1, 1]}}, {"flux": "maximise"}, seed=1)
optimizer = AskTellOptimizer(loop, checkpoint_path="night.json")
readings = Readings()
problem = OptimizationProblem(optimizer, actuators=[pitch, roll], sensors=[flux], evaluation_function=readings.outcomes)

RE = RunEngine()
RE.subscribe(readings)
RE(optimize(problem, iterations=10, n_points=2, checkpoint_interval=1))
[(number, point, outcome)] = optimizer.get_best_points()
print(f"best: {outcome['flux']:.3f} at point {number}")
print("because:", loop.why(point))
RE(navigate_to_best([pitch, roll], optimizer))
print(f"the mirror stands at {pitch.position:.2f}, {roll.position:.2f}")

# Another process goes on where this one stopped.
again = AskTellOptimizer.from_checkpoint("night.json")
assert again.suggest() == optimizer.suggest()
