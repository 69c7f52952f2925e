"""The private PostgreSQL that tests run on: whoever starts it again is given the one that runs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "postgres"
NEEDED = pytest.mark.skipif("TEST_POSTGRES_URL" not in os.environ, reason="needs PostgreSQL")


@NEEDED
def test_a_second_start_leaves_the_server_that_runs_alone(tmp_path):
    own = tmp_path / "scripts" / "postgres"
    own.parent.mkdir()
    shutil.copy(SCRIPT, own)

    def call(what):
        return subprocess.run([own, what], capture_output=True, text=True, timeout=120)

    try:
        first, second = call("start"), call("start")
        assert first.returncode == second.returncode == 0
        assert first.stdout == second.stdout == call("running").stdout
        assert first.stdout.startswith("postgresql+psycopg://")
    finally:
        assert call("stop").returncode == 0
    assert call("running").returncode == 1
