"""The report: one HTML file that opens anywhere, offline, and says what was found, why, and how to check it."""

from orchestrator.exports.report.writing import write_report

__all__ = ["write_report"]
