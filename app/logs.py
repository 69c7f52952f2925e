"""Structured logs: one line an event, as key=value for people or JSON for machines."""

import logging
import sys

import structlog


def init_app(app):
    renderer = (
        structlog.processors.JSONRenderer()
        if app.config["LOG_FORMAT"] == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[app.config["LOG_LEVEL"]]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
