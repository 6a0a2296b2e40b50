/*
 * help.h - everything that is said about options, made from their tables.
 *
 * Help in the layout of Docker's --help, the manual page (man(7) macros) and
 * the completion for bash. None of them knows any option: each walks the
 * tables of command.h, so that they cannot tell anything else than what is
 * accepted. Prints to the stream that it is given.
 */
#ifndef HELP_H
#define HELP_H

#include "command.h"

#include <stdio.h>

void help_print(const struct command *command, FILE *out);
/* `mini-docker --help`, and `mini-docker container --help`. */
void help_print_all(FILE *out);
void help_print_group(const struct command_group *group, FILE *out);
void help_print_options(const struct option *options, FILE *out);
void help_print_version(FILE *out);
const char *help_version(void);

void help_print_man(FILE *out);
void help_print_bash(FILE *out);

#endif
