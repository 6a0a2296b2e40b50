/*
 * lazy.h - a shared library that is loaded when it is first needed.
 *
 * Every library that a program is linked with is mapped and relocated at every
 * start, used or not: libcrypto alone costs more than creating a container. A
 * module that needs such a library lists the functions it calls and loads them
 * with dlopen(3) at the first use:
 *
 *     static struct { int (*version)(void); } lib;
 *     static const struct lazy_symbol symbols[] = {
 *         {"OpenSSL_version_num", &lib.version},
 *     };
 *     static const char *const names[] = {"libcrypto.so.3", NULL};
 *     if (lazy_load(names, symbols, 1, &e) < 0) ...
 *
 * Loading again is cheap and harmless. The library stays until the process
 * ends. Error: -ELIBACC, naming the library or the symbol that is missing.
 */
#ifndef LAZY_H
#define LAZY_H

#include "err.h"

#include <stddef.h>

struct lazy_symbol {
    const char *name;
    void *slot; /* the address of a function pointer */
};

/* Load the first library of the NULL-terminated `names` that is there, and
 * fill the slot of each symbol. 0 or -ELIBACC. */
int lazy_load(const char *const names[], const struct lazy_symbol *symbols,
              size_t count, struct err *e);

#endif
