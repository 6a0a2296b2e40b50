/* gunzip.h where isa-l.h is missing: zlib does it, see plain.c. */
#include "gunzip.h"

#include <errno.h>

int gunzip_init(struct gunzip *gunzip, struct err *e)
{
    *gunzip = (struct gunzip){0};
    return err_set(e, ELIBACC, "built without isa-l");
}

ssize_t gunzip_step(struct gunzip *gunzip, const void **ret, struct err *e)
{
    (void)gunzip;
    (void)ret;
    return err_set(e, ELIBACC, "built without isa-l");
}

void gunzip_done(struct gunzip *gunzip)
{
    (void)gunzip;
}
