"""Our loggers' lines, sent to the run that wrote them. Imports Prefect."""

from __future__ import annotations

import logging

from prefect.logging.configuration import ensure_logging_setup
from prefect.logging.handlers import APILogHandler

from flows.engine_settings import LOGGERS


def send_lines_to_runs() -> None:
    """Have Prefect take the lines of our loggers, from INFO on, whenever a run is under way."""
    ensure_logging_setup()
    for logger in map(logging.getLogger, LOGGERS):
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        # Prefect attaches its handler once, by the settings of its first import.
        if not any(isinstance(handler, APILogHandler) for handler in logger.handlers):
            logger.addHandler(APILogHandler())
