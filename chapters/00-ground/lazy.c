#include "lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* RTLD_NOW: what the library itself needs is found now, not in mid-work.
 * @lab 0.6 dlopen the first library that is there, dlsym each symbol */
int lazy_load(const char *const names[], const struct lazy_symbol *symbols,
              size_t count, struct err *e)
{
    void *library = NULL;
    for (size_t i = 0; names[i] != NULL && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return err_set(e, ELIBACC, "load %s: %s", names[0], dlerror());
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(library, symbols[i].name);
        if (address == NULL)
            return err_set(e, ELIBACC, "%s has no symbol %s", names[0],
                           symbols[i].name);
        /* POSIX lets dlsym's void pointer hold a function's address. */
        memcpy(symbols[i].slot, &address, sizeof address);
    }
    return 0;
}
