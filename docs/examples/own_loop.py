"""Our agent in your own loop: no instrument, no ledger, no server. Stop it and go on later, or elsewhere."""

from pathlib import Path

from orchestrator import AskTell


def measure(point):
    """Stand in for your own measurement: a peak at pitch = 0.3 that is twice as high behind copper."""
    return (2.0 if point["filter"] == "Cu" else 1.0) / (1.0 + 20.0 * (point["pitch"] - 0.3) ** 2)


loop = AskTell(
    {"pitch": {"limits": [-1, 1], "unit": "mrad"}, "filter": {"values": ["Al", "Cu"]}},
    {"flux": "maximise"},
    seed=1,
)
for _ in range(12):
    [point] = loop.ask()
    loop.tell(point, {"flux": measure(point)}, sd=0.01)
print("best so far:", loop.best())
print("because:", loop.why(loop.best().point))

# Two instruments measure at the same time: the agent counts on what is pending.
first, second = loop.ask(2)
loop.tell(second, {"flux": measure(second)})
loop.tell(first, {"flux": None})  # the shutter stuck; it is not asked for again

mean, sd = loop.predict([{"pitch": 0.3, "filter": "Cu"}, {"pitch": 0.3, "filter": "Al"}])
print(f"expected behind copper: {mean[0]:.2f} ± {sd[0]:.2f}, behind aluminium: {mean[1]:.2f} ± {sd[1]:.2f}")

# Its whole state is plain JSON.
Path("loop.json").write_text(loop.to_json())
again = AskTell.from_json(Path("loop.json").read_text())
assert again.ask() == loop.ask()
