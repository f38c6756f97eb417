from bluesky.suspenders import SuspendFloor

beam_dump = SuspendFloor(ring_current, 100.0, tripped_message="the ring lost its beam")
RE.install_suspender(beam_dump)
