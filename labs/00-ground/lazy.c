#include "lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* RTLD_NOW: what the library itself needs is found now, not in mid-work. */
int lazy_load(const char *const names[], const struct lazy_symbol *symbols,
              size_t count, struct err *e)
{
    /* TODO lab 0.6: dlopen the first library that is there, dlsym each
     * symbol */
    return err_set(e, ENOSYS, "lab 0.6 is not written yet");
}
