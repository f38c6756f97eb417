"""Alerts: whoever sleeps is woken once per incident, and can judge the night from the message alone."""

from orchestrator.alerts.configuration import AlertSettings, Rules, load_alerts
from orchestrator.alerts.watching import Surroundings, watch

__all__ = ["AlertSettings", "Rules", "Surroundings", "load_alerts", "watch"]
