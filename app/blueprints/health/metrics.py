"""What the process counts, in Prometheus' words."""

from flask import current_app, request
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from app.blueprints.health import blueprint

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class CollectorStats:
    """The collector's own counters, read when Prometheus asks."""

    def __init__(self, app):
        self.app = app

    def collect(self):
        collector = self.app.collector
        stats = collector.stats
        for name, help_text, value in (
            ("accepted", "Events stored", stats.accepted),
            ("duplicates", "Events that were stored already", stats.duplicates),
            ("failures", "Batches that could not be stored", stats.failures),
        ):
            yield CounterMetricFamily(f"leadlight_events_{name}", help_text, value=value)
        dropped = CounterMetricFamily(
            "leadlight_events_dropped", "Events not kept, by reason", labels=["reason"]
        )
        for reason, count in sorted(stats.dropped.copy().items()):
            dropped.add_metric([reason], count)
        yield dropped
        yield GaugeMetricFamily(
            "leadlight_collector_waiting", "Batches waiting to be committed", collector.depth
        )
        yield SummaryMetricFamily(
            "leadlight_commit_batches",
            "Batches stored in one transaction",
            count_value=stats.commits,
            sum_value=stats.hits,
        )


@blueprint.record
def begin(state):
    """Each app counts for itself."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(CollectorStats(state.app))
    requests = Counter(
        "leadlight_http_requests",
        "Requests answered, by endpoint and status",
        ["endpoint", "status"],
        registry=registry,
    )
    state.app.extensions["metrics"] = (registry, requests)


@blueprint.after_app_request
def count(response):
    """Counts an answered request. Addresses that do not exist share one name."""
    _, requests = current_app.extensions["metrics"]
    requests.labels(request.endpoint or "none", str(response.status_code)).inc()
    return response


def told() -> bytes:
    """The counters as text."""
    registry, _ = current_app.extensions["metrics"]
    return generate_latest(registry)
