"""The words and ids that every planted row bears."""

from datetime import UTC, datetime
from uuid import UUID

MARK = "Zebrafish"  # in what the clinic shows nobody
SHOWN = "Quagga"  # in what its own public pages show
PEOPLE = ("alice@example.com", "bob@example.com", "mila@example.com", "olga@example.com")
DAY = datetime(2026, 3, 2, tzinfo=UTC)
VISITOR = UUID("11111111-1111-4111-8111-111111111111")
VISIT = UUID("22222222-2222-7222-8222-222222222222")
EVENT = UUID("33333333-3333-4333-8333-333333333333")
ROW = 4711
