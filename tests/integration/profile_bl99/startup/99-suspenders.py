from bluesky.suspenders import SuspendBoolHigh, SuspendFloor

beam_dump = SuspendFloor(ring_current, 100.0, tripped_message="the ring lost its beam")
RE.install_suspender(beam_dump)
RE.install_suspender(SuspendBoolHigh(front_end, tripped_message="somebody is in the hutch"))
