/* Changes of a container that are the same whether it runs or not. The lock is
 * held: by its monitor, or by us. */
#include "run.h"

#include "events.h"
#include "field.h"
#include "own.h"
#include "plan.h"

#include <errno.h>
#include <string.h>

/* The new name is reserved first and the old one given back last: killed in
 * between, it has two, and the document tells the next sweep which. */
static int rename_it(struct run *run, const json_t *ask, struct err *e)
{
    const char *name = field_string(ask, "name");
    char owner[RECORD_ID_LEN + 1];
    if (strcmp(name, run->name) == 0)
        return err_set(
            e, EINVAL,
            "Renaming a container with the same name as its current name");
    int r = record_name(run->engine, name, run->id, owner, e);
    if (r < 0)
        return err_add(e, "Error when allocating new name");
    json_object_set_new(run->doc, "Name", json_sprintf("/%s", name));
    r = record_save(run->engine, run->id, run->doc, e);
    const char *given_back = r < 0 ? name : run->name;
    record_unname(run->engine, given_back, run->id, r < 0 ? NULL : e);
    if (r < 0) {
        json_object_set_new(run->doc, "Name", json_sprintf("/%s", run->name));
        return r;
    }
    events_of_container(
        run->engine, run->doc, "rename",
        json_pack("{s:o}", "oldName", json_sprintf("/%s", run->name)));
    own_free(&run->name);
    run->name = own_strdup(name);
    return 0;
}

/* CPUs are limited in one of two ways: which of them is asked for while the
 * other has been set. */
static int check_cpus(const json_t *has, const json_t *host, struct err *e)
{
    static const struct {
        const char *asked, *asked_name, *set, *set_name;
    } conflicts[] = {
        {"NanoCpus",  "Nano CPUs",  "CpuPeriod", "CPU Period"},
        {"NanoCpus",  "Nano CPUs",  "CpuQuota",  "CPU Quota" },
        {"CpuPeriod", "CPU Period", "NanoCpus",  "NanoCPUs"  },
        {"CpuQuota",  "CPU Quota",  "NanoCpus",  "NanoCPUs"  },
    };
    for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++)
        if (field_int(host, conflicts[i].asked, 0) > 0 &&
            field_int(has, conflicts[i].set, 0) > 0)
            return err_set(e, EINVAL,
                           "Conflicting options: %s cannot be updated as %s "
                           "has already been set",
                           conflicts[i].asked_name, conflicts[i].set_name);
    return 0;
}

/* What can be refused in Docker's words. More memory than the limit of memory
 * and swap together the kernel would refuse, too. */
static int check_update(const json_t *doc, const json_t *host, struct err *e)
{
    const json_t *has = json_object_get(doc, "HostConfig");
    const char *restart = field_string(host, "RestartPolicy.Name");
    int64_t swap = field_int(has, "MemorySwap", 0);
    if (restart != NULL && strcmp(restart, "no") != 0 &&
        field_bool(has, "AutoRemove"))
        return err_set(e, EINVAL,
                       "Restart policy cannot be updated because AutoRemove is "
                       "enabled for the container");
    if (swap > 0 && field_int(host, "Memory", 0) > swap &&
        field_int(host, "MemorySwap", 0) == 0)
        return err_set(e, EINVAL,
                       "Memory limit should be smaller than already set "
                       "memoryswap limit, update the memoryswap at the same "
                       "time");
    return check_cpus(has, host, e);
}

/* What docker update may change, HostConfig's members. What the group refuses
 * is not written down. */
static int update(struct run *run, const json_t *ask, struct err *e)
{
    int r = check_update(run->doc, json_object_get(ask, "host"), e);
    if (r < 0)
        return err_add(e, "Cannot update container %s", run->id);
    json_auto_t *changed = json_deep_copy(run->doc);
    json_object_update(json_object_get(changed, "HostConfig"),
                       json_object_get(ask, "host"));
    auto_spec struct spec spec = SPEC_INIT;
    struct plan plan = {
        .engine = run->engine, .doc = changed, .id = run->id, .spec = &spec};
    r = plan_limits(&plan, e);
    if (r == 0)
        r = plan_cpusets(&plan, e);
    if (r == 0 && run->ctr.pidfd >= 0)
        r = cg_set_limits(&run->ctr.cg, &spec.limits, e);
    if (r == 0)
        r = record_save(run->engine, run->id, changed, e);
    if (r < 0)
        return r;
    /* In place: others hold on to the document. */
    json_object_set(run->doc, "HostConfig",
                    json_object_get(changed, "HostConfig"));
    events_of_container(run->engine, run->doc, "update", NULL);
    return 0;
}

static int rewire(struct run *run, const json_t *ask, struct err *e)
{
    run->wiring.engine = run->engine;
    run->wiring.doc = run->doc;
    int r = wiring_change(&run->wiring, ask,
                          run->ctr.pidfd >= 0 ? run->ctr.pid : 0, e);
    /* Also after a failure, half of it may be done: that is to be seen. */
    int saved = record_save(run->engine, run->id, run->doc, r < 0 ? NULL : e);
    return r < 0 ? r : saved;
}

int run_change(struct run *run, const json_t *ask, struct err *e)
{
    static const struct {
        const char *name;
        int (*act)(struct run *run, const json_t *ask, struct err *e);
    } changes[] = {
        {"rename",     rename_it},
        {"update",     update   },
        {"connect",    rewire   },
        {"disconnect", rewire   },
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (field_is(ask, "do", changes[i].name))
            return changes[i].act(run, ask, e);
    return err_set(e, ENOSYS, "a change that nobody knows");
}
