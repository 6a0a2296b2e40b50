# Builds the product by the rules for a chapter: mini-docker/*.c, which may use
# every chapter in its NEEDS, and from it the program build/mini-docker.

NAME = product
PROGRAMS = main.c early_shield.c
.DEFAULT_GOAL := program
include $(dir $(lastword $(MAKEFILE_LIST)))chapter.mk

# A static program for x86-64 begins in early_shield.c, before the C library:
# without its functions, and without the canary that it would set up.
EARLY = $(if $(filter static,$(LINK)),$(if $(filter x86_64-%,\
            $(shell $(CC) -dumpmachine)),$(OBJ)/early_shield.o))
$(OBJ)/early.o $(EARLY): BASE_CFLAGS += -ffreestanding -fno-stack-protector \
    $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns)

# The fewer bytes the program has, the sooner shield.h has copied it.
SMALL = -Wl,--compress-debug-sections=zlib

PROGRAM = $(if $(LAB),$(LAB_BUILD),$(ROOT_BUILD))/mini-docker
.PHONY: program
program: $(PROGRAM)
$(PROGRAM): STATIC_PROGRAM = $(filter static,$(LINK))
$(PROGRAM): $(OBJ)/main.o $(EARLY) $(ARCHIVES) $(OBJ)/linked.$(LINK)
	$(call say,LD    mini-docker)
	@$(CC) $(CFLAGS) $(LDFLAGS) $(if $(EARLY),-Wl$(comma)-e$(comma)early_entry) \
	       $(SMALL) -o $@ $< $(EARLY) $(LIBRARIES)
# Linked anew when the libraries can be linked in another way than before.
$(OBJ)/linked.%: | $(OBJ)
	@rm -f $(OBJ)/linked.* && touch $@
