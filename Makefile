# One line per target; `make setup`, `make demo` and `make test` install what they miss.
PYTHON ?= python3
VIGIE  := .venv/bin/vigie

.PHONY: setup demo test check lab-packages opa lock schema docs wheel clean

setup: .venv/installed                       ## .venv with vigie in it, from the hashes of requirements.lock

.venv/installed: requirements.lock pyproject.toml tests/tools/setup.sh
	tests/tools/setup.sh $(PYTHON)

lab-packages:                                ## Debian packages of the lab, without starting any of their daemons
	tests/tools/packages.sh

demo: setup lab-packages                     ## build the lab, scan it, print the summary and where the report is
	tests/tools/demo.sh

test: setup lab-packages opa                 ## everything CI runs
	tests/tools/test.sh

check: setup                                 ## the static half of `make test`
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

opa: setup                                   ## a pinned OPA for the tests, from PATH, cache, release or Go
	.venv/bin/python tests/opa.py || test -z "$$VIGIE_REQUIRE_OPA"

lock:                                        ## requirements.lock again, with hashes and without any index address
	uv pip compile pyproject.toml --universal --group dev --extra keyring --extra postgresql --generate-hashes --no-emit-index-url --no-header -o requirements.lock

schema: setup                                ## the published JSON Schemas, from the dataclasses
	.venv/bin/python tests/tools/schema.py

docs: setup                                  ## docs/platforms.md, from the platforms
	.venv/bin/python tests/tools/platforms.py

wheel: setup                                 ## dist/vigie-*.whl
	.venv/bin/python -m hatchling build -t wheel

clean:
	rm -rf .venv dist demo .mypy_cache .ruff_cache .pytest_cache
