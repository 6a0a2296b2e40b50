# Builds the product by the rules for a chapter: mini-docker/*.c, which may use
# every chapter in its NEEDS, and from it the program build/mini-docker.

NAME = product
PROGRAMS = main.c
.DEFAULT_GOAL := program
include $(dir $(lastword $(MAKEFILE_LIST)))chapter.mk

# `version` tells both. The objects that do depend on a file that changes when
# they change.
VERSION := $(shell cat $(TOP)/VERSION)
COMMIT := $(or $(shell git -C $(TOP) rev-parse --short HEAD 2>/dev/null),unknown)
BASE_CFLAGS += -DMINI_DOCKER_VERSION='"$(VERSION)"' \
               -DMINI_DOCKER_COMMIT='"$(COMMIT)"'
TELLING := $(shell grep -lE 'MINI_DOCKER_(VERSION|COMMIT)' *.c)
STAMP = $(OUT)/version.$(VERSION).$(COMMIT)
$(TELLING:%.c=$(OUT)/%.o): $(STAMP)
$(STAMP): | $(OUT)
	@rm -f $(OUT)/version.* && touch $@

PROGRAM = $(if $(LAB),$(LAB_BUILD),$(ROOT_BUILD))/mini-docker
.PHONY: program
program: $(PROGRAM)
$(PROGRAM): $(OUT)/main.o $(ARCHIVES)
	@echo "  LD    mini-docker"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES)
