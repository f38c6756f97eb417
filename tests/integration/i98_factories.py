"""A beamline whose camera is an ophyd-async detector that writes HDF5 in a process of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ophyd_async.core import (
    AsyncStatus,
    DetectorAcquireLogic,
    DetectorDataLogic,
    DetectorTriggerLogic,
    PathProvider,
    StandardDetector,
    StandardReadable,
    StaticPathProvider,
    StreamableDataProvider,
    StreamResourceDataProvider,
    StreamResourceInfo,
    TriggerInfo,
    UUIDFilenameProvider,
    soft_signal_r_and_setter,
    soft_signal_rw,
)
from ophyd_async.core import StandardReadableFormat as Format

SIZE = 64


class Lens(StandardReadable):
    """Moves at once; the spot is smallest at 0.3."""

    def __init__(self, name: str = "") -> None:
        with self.add_children_as_readables(Format.HINTED_SIGNAL):
            self.user_readback = soft_signal_rw(float, 0.0, units="mm")
        super().__init__(name=name)

    @AsyncStatus.wrap
    async def set(self, value: float) -> None:
        await self.user_readback.set(value)

    async def stop(self, success: bool = False) -> None:
        """Nothing moves for any length of time."""


LENS = Lens(name="lens")


class Writer:
    """Our side of the file writer."""

    def __init__(self) -> None:
        self.n_written = 0
        self.images_written, self.count = soft_signal_r_and_setter(int)

        program = str(Path(__file__).with_name("frame_writer.py"))
        self.process = subprocess.Popen([sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()  # it is ready, as an IOC is long before the night

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()


@dataclass
class Trigger(DetectorTriggerLogic):
    """Knows how many frames are wanted."""

    seconds: list[float] = field(default_factory=list)

    async def prepare_internal(self, num: int, livetime: float, deadtime: float) -> None:
        self.seconds.append(livetime)

    async def default_trigger_info(self) -> TriggerInfo:
        return TriggerInfo()


@dataclass
class Acquire(DetectorAcquireLogic):
    """Says that a frame was taken as soon as it is, whatever becomes of the file."""

    writer: Writer

    async def start_acquiring(self) -> None:
        width = 2.0 + 20.0 * (await LENS.user_readback.get_value() - 0.3) ** 2
        self.writer.tell(f"frame {width}")
        self.writer.n_written += 1
        self.writer.count(self.writer.n_written)

    async def wait_for_idle(self) -> None:
        """Frames are taken at once."""

    async def ensure_stopped(self) -> None:
        """Nothing runs on."""


@dataclass
class Data(DetectorDataLogic):
    """Where frames go."""

    path_provider: PathProvider
    writer: Writer

    async def prepare_unbounded(self, datakey_name: str) -> StreamableDataProvider:
        info = self.path_provider(datakey_name)
        self.writer.tell(f"open {info.directory_path / info.filename}.h5")
        self.writer.n_written = 0
        self.writer.count(0)
        resource = StreamResourceInfo(
            data_key=datakey_name,
            shape=(SIZE, SIZE),
            chunk_shape=(1, SIZE, SIZE),
            dtype_numpy=np.dtype(np.uint16).str,
            parameters={"dataset": "/entry/data/data"},
        )
        uri = f"{info.directory_uri}{info.filename}.h5"
        return StreamResourceDataProvider(uri, [resource], "application/x-hdf5", self.writer.images_written)

    async def stop(self) -> None:
        self.writer.tell("close")

    def get_hinted_fields(self, datakey_name: str) -> Sequence[str]:
        return [datakey_name]


def lens() -> Lens:
    return LENS


def cam() -> StandardDetector:
    writer = Writer()
    folder = os.environ.get("FRAMES_FOLDER") or tempfile.mkdtemp()
    detector = StandardDetector(name="cam")
    detector.add_detector_logics(Trigger(), Acquire(writer), Data(StaticPathProvider(UUIDFilenameProvider(), folder), writer))
    return detector
