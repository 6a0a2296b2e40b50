# Builds one chapter. A chapter's Makefile says two or three things:
#
#     NEEDS = 00-ground 01-processes     the lower chapters it may use
#     PKGS  = libcap                     the libraries its module uses
#     include ../../scripts/chapter.mk
#
# Only the chapters in NEEDS are on the include path and on the link line, so
# a dependency that is not named does not compile.
#
#     *.c                     the module        -> build/NN-name/libNN-name.a
#     sketch.c, demo.c        the lesson's programs
#     unit_*.c  (cmocka)      logic with the door faked: no privilege needed
#     test_*.c  (Check)       the contract, on a real kernel: run as root in
#                             scripts/sandbox; the same files grade the lab

TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
include $(TOP)/scripts/flags.mk

# LAB=1 takes the module's source from labs/ in place of the chapter's own.
NAME := $(notdir $(CURDIR))
SRC ?= .
ROOT_BUILD ?= $(TOP)/build$(BUILD_SUFFIX)
OUT := $(ROOT_BUILD)/$(NAME)
NOT_MODULE = sketch.c demo.c $(notdir $(wildcard test_*.c unit_*.c)) $(PROGRAMS)
MODULE = $(filter-out $(NOT_MODULE),$(notdir $(wildcard *.c)))
ARCHIVE = $(OUT)/lib$(NAME).a

INCLUDES = -I. $(NEEDS:%=-I../%)
ARCHIVES = $(ARCHIVE) $(foreach n,$(NEEDS),$(ROOT_BUILD)/$(n)/lib$(n).a)
needed = $(shell sed -n 's/^PKGS *= *//p' $(NEEDS:%=../%/Makefile) /dev/null)
ALL_PKGS = $(sort $(PKGS) $(needed))
LIBRARIES = -Wl,--start-group $(ARCHIVES) -Wl,--end-group \
            $(call libs,$(ALL_PKGS))

DEMO   = $(if $(wildcard demo.c),$(OUT)/demo)
SKETCH = $(if $(wildcard sketch.c),$(OUT)/sketch)
TESTS  = $(patsubst %.c,$(OUT)/%,$(wildcard test_*.c))
UNITS  = $(patsubst %.c,$(OUT)/%,$(wildcard unit_*.c))

.PHONY: all lib demo tests units clean
all: lib demo
lib: $(ARCHIVE) $(EXTRA)
demo: $(DEMO) $(SKETCH)
tests: $(TESTS)
units: $(UNITS)

$(ARCHIVE): $(MODULE:%.c=$(OUT)/%.o)
	@rm -f $@
	@$(AR) rcs $@ $^
$(OUT)/%.o: %.c | $(OUT)
	@echo "  CC    $(NAME)/$*.c"
	@$(CC) $(BASE_CFLAGS) $(CFLAGS) $(INCLUDES) -c -o $@ $<
$(OUT):
	@mkdir -p $@

# A sketch is the kernel trick alone: plain cc, nothing of ours.
$(OUT)/sketch: sketch.c | $(OUT)
	@$(CC) -Wall -Wextra -Werror -O2 -o $@ $<
$(OUT)/demo: $(OUT)/demo.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES)
$(OUT)/test_%: $(OUT)/test_%.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES) -lcheck -lsubunit \
	       -lrt -lm -lpthread
# WRAP in a unit test's first lines ("// WRAP sys_mount sys_umount2") names the
# functions it fakes; the linker sends every call to the __wrap_ of that name.
wraps = $(foreach w,$(shell sed -n 's,^// WRAP *,,p' $(1)),-Wl,--wrap=$(w))
$(OUT)/unit_%: $(OUT)/unit_%.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(call wraps,unit_$*.c) \
	       $(LIBRARIES) -lcmocka
$(OUT)/test_%.o $(OUT)/unit_%.o: INCLUDES += -I$(TOP)/tests/lib
$(OUT)/unit_%.o: BASE_CFLAGS += -Wno-missing-prototypes
clean:
	@rm -rf $(OUT)
-include $(wildcard $(OUT)/*.d)
.SECONDARY:
