# Each target makes .venv first, or finds it as it should be.
PYTHON = .venv/bin/python
# Where this is set, as in many containers, each of our processes would compile 1,400 modules anew: two seconds each.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: up test demo bench faults screenshots messages lint clean venv

up: venv ## start everything on http://127.0.0.1:8000 (PORT changes it); Ctrl-C stops it
	@exec $(PYTHON) -m config.local up

test: ## linters and all tests; ARGS="-k word" goes to pytest
	@exec sh config/local/bootstrap.sh chromium-headless-shell,chromium,chromium-browser postfix
	@exec $(PYTHON) -m config.local test $(ARGS)

demo: venv ## the main job end to end, against a running `make up`
	@exec $(PYTHON) manage.py demo $(ARGS)

bench: venv ## measure, and write var/bench.json
	@exec $(PYTHON) -m bench $(ARGS)

faults: venv ## at length: parts of a running instance killed and frozen, broken mail, a million answers while filters are spoilt
	@SAYSO_FUZZ_EXAMPLES=10000 SAYSO_RACE_ANSWERS=1000000 exec $(PYTHON) -m config.local test \
		tests/journeys/test_faults.py tests/consent/mail/test_fuzz.py tests/consent/filter/test_race_connections.py $(ARGS)

screenshots: venv ## draw and audit every page in every state, to var/screenshots/index.html; ARGS="stopped parts" for some
	@exec $(PYTHON) -m config.local screenshots $(ARGS)

messages: venv ## gather what pages and messages say into subscriptions/locale, and compile it (needs Debian's gettext)
	@$(PYTHON) manage.py makemessages --all --add-location file --no-obsolete --ignore '.venv/*' --ignore 'tests/*' --ignore 'var/*'
	@cd subscriptions && ../$(PYTHON) ../manage.py compilemessages

lint: venv ## the linters alone
	@exec $(PYTHON) -m config.local lint

venv:
	@exec sh config/local/bootstrap.sh

clean: ## remove .venv, caches and logs; the data in var/ stay
	@exec sh config/local/clean.sh
