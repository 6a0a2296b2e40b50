# What every compilation shares: the compiler, the language, the warnings and
# how libraries are linked. Included by the Makefile and by chapter.mk.

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif

WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
       -Wold-style-definition -Wvla -Wpointer-arith -Wwrite-strings \
       -Wcast-qual -Wundef -Wformat=2 -Wno-format-nonliteral \
       $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fno-pie
CFLAGS ?= -O2 -g
BASE_CFLAGS = -std=gnu17 -D_GNU_SOURCE -ffunction-sections -fdata-sections \
              $(WARN) $(HARDEN) -MMD -MP
LDFLAGS += $(if $(STATIC_PROGRAM),-static,-no-pie) -Wl,--gc-sections -Wl,-z,relro,-z,now

# make SANITIZE=address,undefined builds into a directory of its own.
ifdef SANITIZE
BUILD_SUFFIX = /asan
BASE_CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
               -fno-omit-frame-pointer -U_FORTIFY_SOURCE
LDFLAGS += -fsanitize=$(SANITIZE)
endif

# Libraries are linked statically: each shared library costs a fifth of a
# millisecond at every start, and libarchive alone brings twenty. The program
# itself is static as a whole and at a fixed address: it starts in a third of
# the time, which a container pays twice. `make LINK=shared` links everything
# dynamically instead, as we do on a system that has no static libraries, or
# with sanitizers. (Exported, so that one make looks for all. A goal that installs
# libraries first leaves it to the make that it starts then.)
LIBS_libcap     = -lcap
LIBS_libseccomp = -lseccomp
LIBS_libcrypto  = -lcrypto
LIBS_jansson    = -ljansson
LIBS_libhttp_parser = -lhttp_parser
LIBS_libarchive = -larchive $(if $(filter static,$(LINK)),-lz -llzma -lzstd -lbz2)
STATIC_NEEDED   = c cap seccomp jansson archive crypto http_parser z lzma zstd bz2
LINK ?= $(if $(SANITIZE),shared,static)
ifndef SETS_UP
ifeq ($(LINK)$(LINK_LOOKED),static)
static_missing := $(foreach l,$(STATIC_NEEDED),$(if $(findstring /,\
                    $(shell $(CC) -print-file-name=lib$(l).a)),,lib$(l).a))
ifneq ($(strip $(static_missing)),)
$(info No $(strip $(static_missing)) here: linking shared libraries.)
override LINK := shared
endif
endif
export LINK
export LINK_LOOKED := looked
endif

# say(text): tell what is done. (No program has to be started to say it.)
say = $(info $(empty)  $(1))

# libs(packages): the link line for the named libraries.
libs = $(if $(strip $(1)),$(if $(filter static,$(LINK)),-Wl$(comma)-Bstatic) \
       $(foreach p,$(1),$(LIBS_$(p))) $(if $(STATIC_PROGRAM),,-Wl$(comma)-Bdynamic))
comma := ,
