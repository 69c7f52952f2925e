# The two commands: `make run` and `make test`. Each sets up what it needs.
.PHONY: run test check bench lighthouse demo assets

run:
	@scripts/setup
	@.venv/bin/flask --app run db upgrade
	@.venv/bin/flask --app run demo --visitors 600 --days 30 --seed 7
	@.venv/bin/honcho start --no-prefix

test:
	@scripts/setup dev
	@scripts/test

check:
	@scripts/setup dev
	@scripts/check

bench:
	@scripts/setup dev
	@.venv/bin/python -m bench

lighthouse:
	@scripts/setup dev
	@scripts/chromium
	@npm install --prefix bench/pages --no-audit --no-fund --loglevel=error
	@.venv/bin/python -m bench.pages

demo:
	@scripts/setup
	@.venv/bin/flask --app run db upgrade
	@.venv/bin/flask --app run demo --visitors $(or $(VISITORS),600) --days $(or $(DAYS),30) --seed $(or $(SEED),7)

assets:
	@scripts/setup
