"""Begins the helper wherever it is imported: in a fork server, for all it forks."""

from tasks.drafting.apart import start_helper

start_helper()
