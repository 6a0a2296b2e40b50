# Builds the product by the rules for a chapter: mini-docker/*.c, which may use
# every chapter in its NEEDS, and from it the program build/mini-docker.

NAME = product
PROGRAMS = main.c
.DEFAULT_GOAL := program
include $(dir $(lastword $(MAKEFILE_LIST)))chapter.mk

PROGRAM = $(if $(LAB),$(LAB_BUILD),$(ROOT_BUILD))/mini-docker
.PHONY: program
program: $(PROGRAM)
$(PROGRAM): STATIC_PROGRAM = $(filter static,$(LINK))
$(PROGRAM): $(OBJ)/main.o $(ARCHIVES)
	@echo "  LD    mini-docker"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARIES)
