/* What `info` and `version` tell, in the shape of the API. */
#include "engine.h"

#include "cg.h"
#include "field.h"
#include "own.h"
#include "record.h"

#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

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

static void count_states(const json_t *list, json_t *info)
{
    size_t running = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        running += field_is(json_array_get(list, i), "State", "running");
    size_t all = json_array_size(list);
    json_object_set_new(info, "Containers", json_integer((json_int_t)all));
    json_object_set_new(info, "ContainersRunning",
                        json_integer((json_int_t)running));
    json_object_set_new(info, "ContainersPaused", json_integer(0));
    json_object_set_new(info, "ContainersStopped",
                        json_integer((json_int_t)(all - running)));
}

int engine_info(struct engine *engine, json_t **ret, struct err *e)
{
    json_t *list = NULL;
    auto_image_list struct image_list images = {0};
    struct cg_layout layout;
    int r = engine_containers(engine, &list, NULL, e);
    if (r == 0)
        r = image_list(&engine->images, &images, e);
    if (r == 0)
        r = cg_detect(&layout, e);
    if (r < 0) {
        json_decref(list);
        return r;
    }
    struct utsname uts;
    uname(&uts);
    struct sysinfo machine;
    sysinfo(&machine);
    const char *cgroups = cg_layout_name(&layout);
    json_t *info = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:[s,s]}",
        "Images", (int)images.n, "ServerVersion", MINI_DOCKER_VERSION, "Driver",
        "overlay2", "CgroupDriver", "cgroupfs", "CgroupVersion",
        strcmp(cgroups, "v2") == 0 ? "2" : "1", "CgroupLayout", cgroups,
        "KernelVersion", uts.release, "Architecture", uts.machine, "NCPU",
        (int)sysconf(_SC_NPROCESSORS_ONLN), "MemTotal",
        (json_int_t)machine.totalram * machine.mem_unit, "DockerRootDir",
        engine->root, "SecurityOptions", "name=seccomp,profile=builtin",
        "name=cgroupns");
    json_object_set_new(info, "Name", json_string(uts.nodename));
    json_object_set_new(info, "OSType", json_string("linux"));
    count_states(list, info);
    json_decref(list);
    *ret = info;
    return 0;
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
