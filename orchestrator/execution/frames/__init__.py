"""Files that detectors write: which frames documents refer to, and reading them once they are there."""
