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
#     sketch*.c, demo.c       the lesson's programs
#     unit_*.c  (cmocka)      logic with the door faked: no privilege needed
#     test_*.c  (Check)       the contract, on a real kernel: run as root in
#                             scripts/sandbox; the same files grade the lab
#
# In the student edition (scripts/student-edition) the module is not there as
# source but as objects, in edition/objects/NN-name.
#
# PROGRAMS names further .c files with a main of their own, EXTRA what else the
# chapter builds from them. The product is built by the same rules (product.mk).

TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
include $(TOP)/scripts/flags.mk

NAME ?= $(notdir $(CURDIR))
CHAPTERS = $(TOP)/chapters
ROOT_BUILD ?= $(TOP)/build$(BUILD_SUFFIX)
# LAB=04-cgroups takes those files of that chapter which also lie in LAB_SOURCE
# from there. What was compiled from them goes to LAB_BUILD; the rest is shared.
# LAB may name several chapters.
LAB_SOURCE ?= $(TOP)/labs/$(NAME)
LAB_BUILD ?= $(ROOT_BUILD)/lab-$(firstword $(subst -, ,$(LAB)))
place = $(if $(filter $(LAB),$(1)),$(LAB_BUILD),$(ROOT_BUILD))/$(1)
OUT := $(call place,$(NAME))
OBJ := $(ROOT_BUILD)/$(NAME)

NOT_MODULE = demo.c $(notdir $(wildcard sketch*.c test_*.c unit_*.c)) $(PROGRAMS)
PACKED = $(TOP)/edition/objects/$(NAME)
MODULE = $(filter-out $(NOT_MODULE),$(notdir $(wildcard *.c) \
           $(patsubst %.o,%.c,$(wildcard $(PACKED)/*.o))))
ARCHIVE = $(OUT)/lib$(NAME).a
NEEDED = $(foreach n,$(NEEDS),$(call place,$(n))/lib$(n).a)
ARCHIVES = $(ARCHIVE) $(NEEDED)

INCLUDES = -I. $(NEEDS:%=-I$(CHAPTERS)/%)
needed_pkgs = $(shell sed -n 's/^PKGS *= *//p' \
                $(NEEDS:%=$(CHAPTERS)/%/Makefile) /dev/null)
LIBRARIES = -Wl,--start-group $(ARCHIVES) -Wl,--end-group \
            $(call libs,$(sort $(PKGS) $(needed_pkgs)))

DEMO   = $(if $(wildcard demo.c),$(OUT)/demo)
SKETCH = $(patsubst %.c,$(OUT)/%,$(wildcard sketch*.c))
TESTS  = $(patsubst %.c,$(OUT)/%,$(wildcard test_*.c))
UNITS  = $(patsubst %.c,$(OUT)/%,$(wildcard unit_*.c))

.PHONY: all lib demo tests units clean
all: lib demo
lib: $(ARCHIVE) $(if $(LAB),,$(EXTRA))
demo: $(DEMO) $(SKETCH)
tests: $(TESTS)
units: $(UNITS)

# A student's file: functions not yet written do not use their parameters.
ifneq ($(filter $(NAME),$(LAB)),)
LAB_FILES := $(patsubst %.c,%.o,$(notdir $(wildcard $(LAB_SOURCE)/*.c)))
$(LAB_FILES:%=$(OUT)/%): BASE_CFLAGS += -Wno-unused
$(LAB_FILES:%=$(OUT)/%): $(OUT)/%.o: $(LAB_SOURCE)/%.c | $(OUT)
	$(call say,LAB   $(LAB)/$*.c)
	@$(CC) $(BASE_CFLAGS) $(CFLAGS) $(INCLUDES) -c -o $@ $<
endif

$(ARCHIVE): $(addprefix $(OBJ)/,$(filter-out $(LAB_FILES),$(MODULE:.c=.o))) \
            $(addprefix $(OUT)/,$(LAB_FILES)) | $(OUT)
	@rm -f $@
	@$(AR) rcs $@ $^
# The top Makefile builds lower chapters first; this is for `make` down here.
$(NEEDED):
	@$(MAKE) --no-print-directory -C $(CHAPTERS)/$(notdir $(@D)) lib
$(OBJ)/%.o: %.c | $(OBJ)
	$(call say,CC    $(NAME)/$*.c)
	@$(CC) $(BASE_CFLAGS) $(CFLAGS) $(INCLUDES) -c -o $@ $<
$(OBJ)/%.o: $(PACKED)/%.o | $(OBJ)
	@cp $< $@
$(sort $(OUT) $(OBJ)):
	@mkdir -p $@

# What tells the version is compiled anew when it changes: it depends on a file
# named after it.
VERSION := $(shell cat $(TOP)/VERSION)
COMMIT := $(or $(shell git -C $(TOP) rev-parse --short HEAD 2>/dev/null),unknown)
BASE_CFLAGS += -DMINI_DOCKER_VERSION='"$(VERSION)"' \
               -DMINI_DOCKER_COMMIT='"$(COMMIT)"'
TELLING := $(shell grep -lsE 'MINI_DOCKER_(VERSION|COMMIT)' *.c)
STAMP = $(OBJ)/version.$(VERSION).$(COMMIT)
$(TELLING:%.c=$(OBJ)/%.o): $(STAMP)
$(STAMP): | $(OBJ)
	@rm -f $(OBJ)/version.* && touch $@

# A sketch is the kernel trick alone: plain cc, nothing of ours.
$(SKETCH): $(OUT)/%: %.c | $(OUT)
	@$(CC) -Wall -Wextra -Werror -O2 -o $@ $<
$(OUT)/demo: $(OBJ)/demo.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES)
$(OUT)/test_%: $(OBJ)/test_%.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES) -lcheck -lsubunit \
	       -lrt -lm -lpthread
# WRAP in a unit test's first lines ("// WRAP sys_mount sys_umount2") names the
# functions it fakes; the linker sends every call to the __wrap_ of that name.
wraps = $(foreach w,$(shell sed -n 's,^// WRAP *,,p' $(1)),-Wl,--wrap=$(w))
$(OUT)/unit_%: $(OBJ)/unit_%.o $(ARCHIVES)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(call wraps,unit_$*.c) \
	       $(LIBRARIES) -lcmocka
$(OBJ)/test_%.o $(OBJ)/unit_%.o: INCLUDES += -I$(TOP)/tests/lib
$(OBJ)/unit_%.o: BASE_CFLAGS += -Wno-missing-prototypes
clean:
	@rm -rf $(OUT) $(OBJ)
-include $(wildcard $(OBJ)/*.d $(if $(LAB),$(OUT)/*.d))
.SECONDARY:
