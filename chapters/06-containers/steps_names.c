/* Steps of chapter 02: what a namespace makes one's own, filled in. */
#include "steps.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <string.h>

static bool is_new(const struct ctr *ctr, enum ns_kind kind)
{
    return (ctr->spec->new_namespaces & NS_BIT(kind)) != 0;
}

bool ctr_has_hostname(const struct ctr *ctr)
{
    return ctr->spec->hostname != NULL || ctr->spec->domainname != NULL;
}

int ctr_in_hostname(struct ctr *ctr, struct err *e)
{
    const struct spec *spec = ctr->spec;
    int r = 0;
    if (spec->hostname != NULL)
        r = ns_set_hostname(spec->hostname, e);
    if (r == 0 && spec->domainname != NULL)
        r = ns_set_domainname(spec->domainname, e);
    return r;
}

bool ctr_has_network(const struct ctr *ctr)
{
    return is_new(ctr, NS_NET);
}

int ctr_in_loopback(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    return ns_loopback_up(e);
}

bool ctr_has_sysctls(const struct ctr *ctr)
{
    return ctr->spec->sysctls.n > 0;
}

int ctr_in_sysctls(struct ctr *ctr, struct err *e)
{
    auto_fd int proc =
        files_open_in(ctr->rootfd, "/proc", O_PATH | O_DIRECTORY, 0, e);
    if (proc < 0)
        return proc;
    const struct strv *sysctls = &ctr->spec->sysctls;
    for (size_t i = 0; i < sysctls->n; i++) {
        const char *equals = strchr(sysctls->v[i], '=');
        auto_free char *key =
            text_format("%.*s", (int)(equals - sysctls->v[i]), sysctls->v[i]);
        int r = ns_set_sysctl(proc, key, equals + 1, e);
        if (r < 0)
            return r;
    }
    return 0;
}
