# The front door to the CMake build; `make help` lists the targets.
# demo, check, check-spark, check-recipes, check-view, check-packages, check-all, benches, bench, asan, tsan and format say which
# packages of Debian they miss, and install them; a plain `make` only says so.

BUILD  ?= build
PREFIX ?= /usr/local
DESTDIR ?=
JOBS   ?= $(shell nproc 2>/dev/null || echo 2)
# ON: warnings are errors (.ci/run).
WERROR ?= OFF
# More -D options for CMake, such as CMAKE_FLAGS=-DREC_MARCH=x86-64-v3
CMAKE_FLAGS ?=
# Seconds for each fuzzer in check-all, in each build.
FUZZ_SECONDS ?= 30
comma := ,
TOOLS := rec-data rec-split rec-embed rec-attend rec-score rec-rank rec-eval rec-model rec-features rec-view rec-tune

export CTEST_OUTPUT_ON_FAILURE = 1
CTEST = ctest -j $(JOBS) --timeout 1800
# Ninja where it is there; a build folder stays with what it began with.
NINJA := $(shell ninja --version >/dev/null 2>&1 && echo -G Ninja)
generator = $(if $(wildcard $(1)/CMakeCache.txt),,$(NINJA))
# Away from a terminal ninja tells of warnings and failures alone.
quiet = $$([ -t 2 ] || { [ -e $(1)/build.ninja ] && ninja --quiet --version >/dev/null 2>&1 && echo -- --quiet; })
# $(call build,FOLDER,OPTIONS[,TARGET...]): configures in silence, then builds.
define build
	@mkdir -p $(1)
	@cmake -S . -B $(1) $(call generator,$(1)) -DREC_WERROR=$(WERROR) $(2) $(CMAKE_FLAGS) >$(1)/configure.log 2>&1 \
	  || { cat $(1)/configure.log; exit 1; }
	@cmake --build $(1) -j $(JOBS) $(if $(3),--target $(3)) $(call quiet,$(1))
endef

.PHONY: all
all: ## build everything into build/ (the default)
	@.ci/packages --say build
	$(call build,$(BUILD),)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-15s %s\n' "$$name" "$$text"; done
	@echo "Variables: BUILD JOBS PREFIX DESTDIR WERROR CMAKE_FLAGS FUZZ_SECONDS"

.PHONY: setup
setup: ## install the packages that building and testing need
	@.ci/packages build test

.PHONY: demo
demo: ## set up, build, and run the pipeline on bundled real data
	@.ci/packages build
	$(call build,$(BUILD),,$(TOOLS))
	@PATH="$(abspath $(BUILD)):$$PATH" bash examples/quickstart.sh
	@PATH="$(abspath $(BUILD)):$$PATH" bash examples/cold-start.sh demo-out/cold-start
	@printf '\nRecommendations to look at: open %s in a browser\n' "$(CURDIR)/demo-out/page.html"

.PHONY: check
check: setup ## set up, build, and run the tests (five minutes on two cores)
	$(call build,$(BUILD),)
	@cd $(BUILD) && $(CTEST) -LE slow

.PHONY: check-spark
check-spark: ## install Spark and GNU parallel; train als, sum and score in parts with them
	@.ci/packages build test spark
	$(call build,$(BUILD),,rec-embed rec-model rec-score rec-rank)
	@python=$$(.ci/python spark) && PATH="$(abspath $(BUILD)):$$PATH" SPARK_PYTHON="$$python" \
	  bash tests/checks/partition_loops.sh .

.PHONY: check-recipes
check-recipes: ## install databases and data frames, and run the recipes of rec(7) with them
	@.ci/packages build test
	@.ci/packages recipes || echo "check-recipes: not all packages could be installed; what needs them is left out"
	$(call build,$(BUILD),,$(TOOLS))
	@bash tests/recipes/run.sh . $(BUILD)

.PHONY: check-view
check-view: ## install Chromium and selenium, and open pages of rec-view
	@.ci/packages build
	@.ci/packages view || echo "check-view: not all packages could be installed; without them nothing is opened"
	$(call build,$(BUILD),,$(TOOLS))
	@bash tests/view/run.sh . $(BUILD)

.PHONY: check-packages
check-packages: deb static wheel html ## build the packages, check them with lintian, install and run each in an empty root
	@bash tests/packages/run.sh . build-portable

.PHONY: check-all
check-all: setup ## all tests, then again under sanitizers, then the fuzzers
	$(call build,$(BUILD),)
	@cd $(BUILD) && $(CTEST)
	@$(MAKE) --no-print-directory asan
	@$(MAKE) --no-print-directory tsan
	@$(MAKE) --no-print-directory fuzz

.PHONY: fuzz
fuzz: ## run each fuzzer for FUZZ_SECONDS: as built, with sanitizers, with libFuzzer
	@.ci/packages build test fuzz
	$(call build,$(BUILD),)
	$(call build,build-asan,-DREC_SANITIZE=address$(comma)undefined -DREC_UNITY=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo)
	$(call build,build-fuzz,-DREC_FUZZ=ON -DREC_SANITIZE=address$(comma)undefined -DREC_UNITY=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_COMPILER=clang++,fuzzers)
	@for build in $(BUILD) build-asan build-fuzz; do bash tests/fuzz/run.sh $$build $(FUZZ_SECONDS) || exit 1; done

.PHONY: benches
benches: ## build what bench runs
	@.ci/packages build
	$(call build,$(BUILD),,benches)

.PHONY: bench
bench: ## measure speed and memory on a generated set of 10M interactions
	@.ci/packages build
	$(call build,$(BUILD),,$(TOOLS) benches)
	@bash tests/bench/run.sh $(BUILD)

.PHONY: asan
asan: setup ## build and test with AddressSanitizer and UndefinedBehaviorSanitizer
	$(call build,build-asan,-DREC_SANITIZE=address$(comma)undefined -DREC_UNITY=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo)
	@cd build-asan && $(CTEST) -LE slow

.PHONY: tsan
tsan: setup ## build and test with ThreadSanitizer
	$(call build,build-tsan,-DREC_SANITIZE=thread -DCMAKE_BUILD_TYPE=RelWithDebInfo)
	@cd build-tsan && $(CTEST) -LE slow

.PHONY: format
format: ## lay out the sources with clang-format
	@.ci/packages format
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

.PHONY: install
install: all ## install below DESTDIR/PREFIX
	@DESTDIR="$(DESTDIR)" cmake --install $(BUILD) --prefix "$(PREFIX)"

# Packages run on any x86-64 Linux (any processor of another kind): vector code is chosen at run time.
PORTABLE = -DREC_MARCH= -DREC_TESTS=OFF

.PHONY: static
static: ## pack programs that need no shared library: build-portable/packages/*.tar.gz
	@.ci/packages build packages
	@folder=$$(.ci/static-libraries) && mkdir -p build-portable && echo "$$folder" >build-portable/static-libraries
	$(call build,build-portable,$(PORTABLE) -DREC_STATIC="$$(cat build-portable/static-libraries)",$(TOOLS:=-static))
	@cd build-portable && cpack -G TGZ >cpack.log || { cat cpack.log; exit 1; }
	@ls -l build-portable/packages/*.tar.gz

.PHONY: deb
deb: ## build a package for Debian: build-portable/packages/*.deb
	@.ci/packages build packages
	$(call build,build-portable,$(PORTABLE) ,$(TOOLS))
	@cd build-portable && cpack -G DEB >cpack.log || { cat cpack.log; exit 1; }
	@ls -l build-portable/packages/*.deb

.PHONY: wheel
wheel: static ## build a package for pip: build-portable/packages/*.whl
	@rm -f build-portable/packages/*.whl
	@python=$$(.ci/python wheel) && \
	  "$$python" -m pip wheel -q --no-deps --no-build-isolation --disable-pip-version-check -w build-portable/packages \
	    -C build-dir="$(CURDIR)/build-portable" -C cmake.define.REC_STATIC="$$(cat build-portable/static-libraries)" tools/packaging && \
	  "$$python" -m wheel tags --remove --platform-tag "manylinux2014_$$(uname -m)" build-portable/packages/*.whl >/dev/null
	@ls -l build-portable/packages/*.whl

.PHONY: html
html: ## write the manual pages as HTML: build-portable/html/index.html
	@.ci/packages packages
	@bash tools/packaging/html.sh . build-portable/html
	@echo build-portable/html/index.html

.PHONY: clean
clean: ## remove what was built
	@rm -rf $(BUILD) build-portable build-asan build-tsan build-fuzz demo-out
