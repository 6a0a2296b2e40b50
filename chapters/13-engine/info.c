/* What `info` and `version` tell, in the shape of the API. */
#include "engine.h"

#include "doctor.h"
#include "field.h"
#include "own.h"
#include "proc.h"
#include "record.h"

#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

/* Go's names for machines, which Docker prints. */
static const char *go_arch(const char *machine)
{
    static const char *const names[][2] = {
        {"x86_64",  "amd64"},
        {"aarch64", "arm64"},
        {"i686",    "386"  }
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], machine) == 0)
            return names[i][1];
    return machine;
}

/* How many containers are in which state; in none of the named ones is
 * stopped, also who waits to be started again, as with Docker. */
static void count_states(const json_t *list, json_t *info)
{
    static const struct {
        const char *member, *state;
    } rows[] = {
        {"ContainersRunning", "running"},
        {"ContainersPaused",  "paused" },
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    size_t all = json_array_size(list), stopped = all;
    for (size_t row = 0; row < ROWS; row++) {
        size_t n = 0;
        for (size_t i = 0; i < all; i++)
            n += field_is(json_array_get(list, i), "State", rows[row].state);
        json_object_set_new(info, rows[row].member,
                            json_integer((json_int_t)n));
        stopped -= n;
    }
    json_object_set_new(info, "Containers", json_integer((json_int_t)all));
    json_object_set_new(info, "ContainersStopped",
                        json_integer((json_int_t)stopped));
}

/* The machine, and what facts.h knows of it. */
static json_t *describe(const struct engine *engine, const struct facts *facts)
{
    struct utsname uts;
    uname(&uts);
    struct sysinfo machine;
    sysinfo(&machine);
    const char *groups = cg_layout_name(&facts->groups.layout);
    json_t *info = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:o, s:o, s:s, "
        "s:s}",
        "ServerVersion", MINI_DOCKER_VERSION, "Driver", "overlay2",
        "CgroupDriver", facts_cgroup_driver(facts), "CgroupVersion",
        strcmp(groups, "v2") == 0 ? "2" : "1", "CgroupLayout", groups,
        "KernelVersion", uts.release, "Architecture", uts.machine, "NCPU",
        proc_processors(), "MemTotal",
        (json_int_t)machine.totalram * machine.mem_unit, "DockerRootDir",
        engine->root, "SecurityOptions", facts_security_options(facts),
        "Warnings", facts_warnings(facts), "Name", uts.nodename, "OSType",
        "linux");
    facts_add_limits(facts, info);
    if (facts->user != 0)
        doctor_warn(facts, doctor_rootless, json_object_get(info, "Warnings"));
    return info;
}

/* The facts come first: looking at containers may make us root in a user
 * namespace, and then somebody else would be described. */
int engine_info(struct engine *engine, json_t **ret, struct err *e)
{
    struct facts facts;
    facts_gather(&facts);
    json_t *list = NULL;
    auto_image_list struct image_list images = {0};
    int r = engine_containers(engine, ENGINE_ALL, &list, NULL, e);
    if (r == 0)
        r = image_list(&engine->images, false, &images, NULL, e);
    if (r == 0) {
        *ret = describe(engine, &facts);
        json_object_set_new(*ret, "Images", json_integer((int)images.n));
        count_states(list, *ret);
    }
    json_decref(list);
    return r;
}

int engine_version(struct engine *engine, json_t **ret, struct err *e)
{
    (void)engine;
    (void)e;
    struct utsname uts;
    uname(&uts);
    *ret = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Version",
                     MINI_DOCKER_VERSION, "ApiVersion", "1.41", "GitCommit",
                     MINI_DOCKER_COMMIT, "Os", "linux", "Arch",
                     go_arch(uts.machine), "KernelVersion", uts.release);
    return 0;
}
