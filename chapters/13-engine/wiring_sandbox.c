/* The network namespace as a whole, "sandbox" in Docker's words: where it is,
 * and, where that was asked for, a name that ip-netns(8) knows. */
#include "wiring.h"

#include "field.h"
#include "netns.h"
#include "own.h"

#include <errno.h>
#include <string.h>

/* Another's, which has its own. */
static bool is_shared(const json_t *doc)
{
    const char *mode = field_string(doc, "HostConfig.NetworkMode");
    return mode != NULL && text_starts(mode, "container:");
}

int wiring_check_sandbox(const struct engine *engine, const json_t *doc,
                         struct err *e)
{
    const char *name = field_string(doc, "HostConfig.NetnsName");
    if (name == NULL)
        return 0;
    if (engine->user != 0)
        return err_set(
            e, EPERM,
            "network namespace name %.64s: names below " NETNS_NAME_DIR
            " need root",
            name);
    if (is_shared(doc) || field_is(doc, "HostConfig.NetworkMode", "host"))
        return err_set(e, EINVAL,
                       "conflicting options: a network namespace name and the "
                       "network mode %s, which is another's namespace",
                       field_string(doc, "HostConfig.NetworkMode"));
    return netns_name_check(name, e);
}

static int give_name(struct wiring *wiring, const char *name, pid_t pid,
                     struct err *e)
{
    auto_fd int ns = netns_open(pid, e);
    int r = ns < 0 ? ns : netns_name_open(name, ns, &wiring->name, e);
    if (r == 0) /* first for whoever sweeps */
        r = wiring_note(wiring, e);
    return r < 0 ? r : netns_name_add(&wiring->name, ns, e);
}

/* Docker mounts each namespace below /var/run/docker/netns; ours need no mount
 * to live, and are where the kernel shows them. */
int wiring_open_sandbox(struct wiring *wiring, pid_t pid, struct err *e)
{
    json_t *all = json_object_get(wiring->doc, "NetworkSettings");
    const char *name = field_string(wiring->doc, "HostConfig.NetnsName");
    char id[RECORD_ID_LEN + 1];
    if (is_shared(wiring->doc))
        return 0;
    record_new_id(id);
    json_object_set_new(all, "SandboxID", json_string(id));
    json_object_set_new(all, "SandboxKey",
                        name != NULL
                            ? json_sprintf(NETNS_NAME_DIR "/%s", name)
                            : json_sprintf("/proc/%d/ns/net", (int)pid));
    return name == NULL ? 0 : give_name(wiring, name, pid, e);
}
