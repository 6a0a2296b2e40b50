# The house. `make help` lists what it can do; each chapter is built by its own
# two-line Makefile and scripts/chapter.mk, in the order of what it needs.

# Goals that install what is missing before they build anything.
SETS_UP := $(filter demo test faults mutants bench check tidy asan fuzz,$(MAKECMDGOALS))
include scripts/flags.mk
BUILD    := build$(BUILD_SUFFIX)
SETUP    ?= scripts/setup
PREFIX   ?= /usr/local
CHAPTERS := $(patsubst chapters/%/Makefile,%,$(wildcard chapters/*/Makefile))
LABS     := $(foreach l,$(wildcard labs/*-*),lab-$(firstword $(subst -, ,$(l:labs/%=%))))
HEADERS  = sys/capability.h seccomp.h jansson.h archive.h openssl/sha.h http_parser.h curl/curl.h
MAKEFLAGS += --no-print-directory
# One goal at a time uses every processor, unless -j says otherwise.
ifeq ($(MAKELEVEL)$(words $(MAKECMDGOALS))$(filter -j%,$(MAKEFLAGS)),$(if \
     $(MAKECMDGOALS),01,00))
MAKEFLAGS += -j$(shell nproc)
endif

.PHONY: all demo test faults mutants bench check tidy asan fuzz labs install clean help
.PHONY: product demos programs grader autograder-zip student-edition $(LABS) image-busybox image-debian image-gcc image-flask image-redis
.PHONY: setup-build setup-test setup-check setup-bench setup-image setup-fuzz setup-lab-qemu
all: product ## build build/mini-docker and build/mini-docker-init

# --- building ---------------------------------------------------------------

# lib.NN-name waits for the chapters it needs; demo., tests. and units. link.
needs_of = $(shell sed -n 's/^NEEDS *= *//p' chapters/$(1)/Makefile)
define chapter_rules
.PHONY: lib.$(1) demo.$(1) tests.$(1) units.$(1)
lib.$(1): $(BUILD)/.headers $$(patsubst %,lib.%,$$(call needs_of,$(1)))
	@$$(MAKE) -s -C chapters/$(1) lib
demo.$(1) tests.$(1) units.$(1): lib.$(1)
	@$$(MAKE) -s -C chapters/$(1) $$(@:%.$(1)=%)
endef
$(foreach c,$(CHAPTERS),$(eval $(call chapter_rules,$(c))))

product: $(CHAPTERS:%=lib.%) ## the runtime alone
	@$(MAKE) -s -C mini-docker program
	@ln -f $(BUILD)/01-processes/mini-docker-init $(BUILD)/mini-docker-init
	@ln -f $(BUILD)/11-registry/mini-docker-web $(BUILD)/mini-docker-web
	@ln -f $(BUILD)/14-api/mini-docker-tls $(BUILD)/mini-docker-tls
	@ln -f $(BUILD)/mini-docker $(BUILD)/mini-runc

demos: $(CHAPTERS:%=demo.%) ## each lesson's demo and sketch: build/NN-name/demo

programs: product demos $(CHAPTERS:%=tests.%) $(CHAPTERS:%=units.%) ## the runtime, the demos, the test programs
	@$(MAKE) -s -C mini-docker units
	@$(MAKE) -s -C tests/faults
	@$(MAKE) -s -C labs/grader

# All labs, or those in LABS_GRADED.
GRADED = $(if $(LABS_GRADED),$(foreach l,$(LABS_GRADED),$(filter $(l) $(l)-%,$(CHAPTERS))),$(CHAPTERS))
grader: lib.01-processes $(GRADED:%=tests.%) ## what grades the labs, for labs/grade
	@$(MAKE) -s -C labs/grader

# A missing library is better told once, with its remedy, than by each file; so
# are objects of the student edition (scripts/student-edition) for other machines.
$(BUILD)/.headers:
	@mkdir -p $(BUILD)
	@[ ! -e edition ] || [ "$$($(CC) -dumpmachine)" = "$$(cat edition/machine)" ] || \
	    { echo "This student edition is for $$(cat edition/machine)."; exit 1; }
	@printf '#include <%s>\n' $(HEADERS) | $(CC) -E - >/dev/null || \
	    { echo "Libraries are missing. Run: scripts/setup build"; exit 1; }
	@touch $@

## setup-GROUP: install what build, test, check, bench, image, fuzz or lab-qemu needs
setup-build setup-test setup-check setup-bench setup-image setup-fuzz setup-lab-qemu:
	@$(SETUP) $(@:setup-%=%)

# --- using and testing ------------------------------------------------------

demo: setup-build ## make a small image and run containers from it, explained
	@$(MAKE) product build/images/busybox.tar
	@scripts/demo

test: setup-test ## every test; the last line counts them
	@$(MAKE) programs build/images/busybox.tar
	@scripts/run-tests

faults: setup-test ## walk every fault at every system call: half an hour
	@$(MAKE) programs build/images/busybox.tar
	@WALK_STEP=1 TIERS=sandbox scripts/run-tests tests/faults

mutants: setup-test ## grade every mistake and every other solution of tests/grading
	@$(MAKE) grader
	@tests/grading/variants mutants
	@tests/grading/variants solutions

bench: setup-bench ## compare `run`, `load`, `exec` ... with other runtimes
	@$(MAKE) product build/images/busybox.tar
	@tests/bench/run
	@tests/bench/load
	@tests/bench/life
	@tests/bench/build
	@tests/bench/network
	@tests/bench/dns
	@tests/bench/api
	@tests/bench/registry

check: setup-check ## format, sizes, names, quotes, labs: the house rules
	@$(MAKE) product
	@scripts/check

tidy: setup-check ## clang-tidy alone
	@scripts/check tidy

asan: setup-test ## the unit tests under ASan and UBSan
	@$(MAKE) SANITIZE=address,undefined asan-units
.PHONY: asan-units
asan-units: $(CHAPTERS:%=units.%)
	@$(MAKE) -s -C mini-docker units
	@BUILD=$(BUILD) scripts/run-tests unit_

fuzz: setup-fuzz ## fuzz the parsers, RUNS inputs each (100000); FUZZ="layer ref"
	@$(MAKE) CC=clang SANITIZE=address,undefined,fuzzer-no-link \
	         BUILD_SUFFIX=/fuzz fuzzers
	@RUNS=$(RUNS) tests/fuzz/run $(FUZZ)
.PHONY: fuzzers
fuzzers: $(CHAPTERS:%=lib.%)
	@$(MAKE) -s -C mini-docker lib
	@$(MAKE) -s -C tests/fuzz

labs: ## regenerate the skeletons in labs/ from the chapters' sources
	@scripts/labs-generate labs

## lab-NN: chapter NN's tests, and the product, with your files of labs/NN-name
$(LABS): lab-%: product
	@scripts/lab $*

autograder-zip: ## pack what Gradescope takes: build/autograder.zip (LABS_GRADED="04 05")
	@scripts/autograder-zip build/autograder.zip $(LABS_GRADED)

student-edition: product ## pack what students get: build/student-edition.tar.gz
	@scripts/student-edition build/student-edition.tar.gz

## image-NAME: busybox, debian, gcc, flask or redis: make a real image and import it
image-busybox image-debian image-gcc image-flask image-redis: image-%: product
	@PACKAGES=$(PACKAGES_$*) scripts/image-$(if $(PACKAGES_$*),debian,$*) build/images/$*.tar
	build/mini-docker import $(CMD_$*) build/images/$*.tar $*
image-debian image-gcc image-flask image-redis: setup-image
CMD_busybox = -c 'CMD ["sh"]'
CMD_debian  = -c 'CMD ["bash"]'
CMD_gcc     = -c 'CMD ["bash"]'
CMD_flask   = -c 'CMD ["bash"]'
CMD_redis   = -c 'CMD ["redis-server", "--protected-mode", "no"]' -c "EXPOSE 6379"
PACKAGES_gcc   = gcc,libc6-dev
PACKAGES_flask = python3-flask,python3-redis
PACKAGES_redis = redis-server
build/images/%.tar: scripts/image-%
	@scripts/image-$*

# --- installing -------------------------------------------------------------

BIN   = $(DESTDIR)$(PREFIX)/bin
EXEC  = $(DESTDIR)$(PREFIX)/libexec/mini-docker
SHARE = $(DESTDIR)$(PREFIX)/share
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system
install: product ## install below PREFIX (/usr/local), staged in DESTDIR
	install -D build/mini-docker $(BIN)/mini-docker
	ln -f $(BIN)/mini-docker $(BIN)/mini-runc
	install -D build/mini-docker-init $(EXEC)/mini-docker-init
	install -D build/mini-docker-web $(EXEC)/mini-docker-web
	install -D build/mini-docker-tls $(EXEC)/mini-docker-tls
	install -d $(UNITS)
	for unit in service socket; do \
	    sed 's,@PREFIX@,$(PREFIX),' mini-docker/systemd/mini-docker.$$unit \
	        >$(UNITS)/mini-docker.$$unit; \
	    chmod 644 $(UNITS)/mini-docker.$$unit; done
	build/mini-docker help --man >build/mini-docker.1
	build/mini-docker help --completion bash >build/completion
	install -D -m 644 build/mini-docker.1 $(SHARE)/man/man1/mini-docker.1
	install -D -m 644 build/completion \
	        $(SHARE)/bash-completion/completions/mini-docker

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p; s/^## \([a-zA-Z-]*\): /\1\t/p' \
	    Makefile | expand -t 12
