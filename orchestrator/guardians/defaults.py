"""The guardians that watch every campaign, whatever its file says."""

ALWAYS = ("limits", "budget", "moved-by-another", "position-reached", "interlocks", "reading")
