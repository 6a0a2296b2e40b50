/* What Docker's client refuses of a command line before it asks, and what it
 * would be refused. */
#include "request.h"

#include "engine_check.h"
#include "field.h"
#include "own.h"
#include "platform.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int check_restart(const json_t *doc, struct err *e)
{
    const char *policy = field_string(doc, "HostConfig.RestartPolicy.Name");
    if (policy == NULL || strcmp(policy, "no") == 0 ||
        !field_bool(doc, "HostConfig.AutoRemove"))
        return 0;
    return err_set(e, EINVAL,
                   "conflicting options: cannot specify both --restart and "
                   "--rm");
}

static int check_swappiness(const json_t *doc, struct err *e)
{
    int64_t value = field_int(doc, "HostConfig.MemorySwappiness", -1);
    return value >= -1 && value <= 100
               ? 0
               : err_set(e, EINVAL,
                         "invalid value: %" PRId64 ". Valid memory swappiness "
                         "range is 0-100",
                         value);
}

static int check_platform(const json_t *doc, struct err *e)
{
    const char *said = field_string(doc, "Cli.Platform");
    struct platform platform;
    int r = said == NULL || said[0] == '\0'
                ? 0
                : platform_parse(said, &platform, e);
    return r < 0 ? err_add(e, "error parsing specified platform") : 0;
}

static int check_name(const json_t *doc, struct err *e)
{
    const char *name = field_string(doc, "Cli.Name");
    return name == NULL || name[0] == '\0' ? 0 : engine_check_name(name, e);
}

static int check_each(int (*const checks[])(const json_t *doc, struct err *e),
                      const json_t *doc, struct err *e)
{
    int r = 0;
    for (size_t i = 0; checks[i] != NULL && r == 0; i++)
        r = checks[i](doc, e);
    return r;
}

int request_check_line(const json_t *doc, struct err *e)
{
    static int (*const checks[])(const json_t *doc, struct err *e) = {
        check_restart, check_swappiness, request_check_retries, NULL};
    return check_each(checks, doc, e);
}

int request_check(const json_t *doc, struct err *e)
{
    static int (*const checks[])(const json_t *doc, struct err *e) = {
        check_platform, check_name, engine_check_request, NULL};
    return check_each(checks, doc, e);
}
