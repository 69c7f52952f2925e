"""`make bench`: runs every benchmark and writes docs/benchmarks.md."""

from pathlib import Path

from bench import collector, dashboard, lead_scores, rules_preview, scale

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
TEXT = """# Benchmarks

Made by `make bench`. Absolute times depend on the machine and on what else it does; what counts is
the ratio to the baseline of the same run.

## Collecting

{collector_doc}

{collector}

Asked for: one event a request at least 0.45 of the no-op route's requests; five a request at least
1.2 events to its request; and at least 0.5 of bare `sqlite3`, which inserts finished rows in
batches of 100 into a copy of the same table and derives nothing from them. That last comparison is
made with requests of a hundred events, where HTTP weighs least: with five, answering requests at
all is the bound, since even the route that does nothing takes in no more than its own requests.

## Dashboard

{dashboard_doc}

{dashboard}

Asked for: at a million within 1.3 times of ten thousand.

## Preview of scoring rules

{rules_preview_doc}

{rules_preview}

Asked for: less than a minute.

## Lead scores

{lead_scores_doc}

{lead_scores}

Asked for: all at once at least 20 times as fast as lead by lead.

## Scale of one machine

{scale_doc}

{scale}

Asked for: all scores at once at least 20 times as fast as lead by lead; a lead's page with at most
12 queries whatever its history, and at five million interactions within twice of ten thousand;
the same credit whether conversions are taken one by one or all at once; the page of all journeys of
a year within three times of reading every stay of every lead once.
"""


def text_of(module) -> str:
    return module.__doc__.strip()


def main():
    PAGE.write_text(
        TEXT.format(
            collector_doc=text_of(collector),
            collector=collector.report(collector.measure()),
            dashboard_doc=text_of(dashboard),
            dashboard=dashboard.report(dashboard.measure()),
            lead_scores_doc=text_of(lead_scores),
            lead_scores=lead_scores.report(lead_scores.measure()),
            rules_preview_doc=text_of(rules_preview),
            rules_preview=rules_preview.report(rules_preview.measure()),
            scale_doc=text_of(scale),
            scale=scale.report(scale.measure()),
        )
    )
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
