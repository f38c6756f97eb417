print("Loading 00-base.py ...")

from bluesky import RunEngine
from bluesky.callbacks.best_effort import BestEffortCallback
from bluesky.preprocessors import SupplementalData
from IPython import get_ipython

get_ipython().run_line_magic("matplotlib", "qt")

RE = RunEngine({})
RE.md["facility"] = "NLS"
RE.md["beamline_id"] = "BL99"
RE.md["scan_id"] = 41000

bec = BestEffortCallback()
bec.disable_plots()
RE.subscribe(bec)

sd = SupplementalData()
RE.preprocessors.append(sd)

documents = []


def record(name, doc):
    documents.append((name, doc))


RE.subscribe(record)
