"""Faults on purpose, against the real program: kills, damaged files, full disks, failing calls, lost brokers."""
