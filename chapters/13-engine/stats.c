/* What a container uses: the counters of its control group and of its network,
 * in the API's words. */
#include "engine.h"

#include "cg_details.h"
#include "contents.h"
#include "field.h"
#include "files.h"
#include "own.h"
#include "proc.h"
#include "record.h"
#include "run.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* --- the machine ---------------------------------------------------------- */

/* The time that its processors have had, together. Docker adds up /proc/stat:
 * the same in ticks, too coarse for two looks within a second. */
static uint64_t machine_cpu_ns(long cpus)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) *
           (uint64_t)cpus;
}

static uint64_t machine_memory(void)
{
    struct sysinfo machine;
    sysinfo(&machine);
    return (uint64_t)machine.totalram * machine.mem_unit;
}

/* --- the group ------------------------------------------------------------ */

static json_t *cpu(const struct cg_details *d)
{
    const struct cg_stats *stats = &d->stats;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return json_pack("{s:{s:o, s:o, s:o}, s:o, s:i, s:{s:o, s:o, s:o}}",
                     "cpu_usage", "total_usage", number(stats->cpu_ns),
                     "usage_in_kernelmode", number(stats->cpu_system_ns),
                     "usage_in_usermode", number(stats->cpu_user_ns),
                     "system_cpu_usage", number(machine_cpu_ns(cpus)),
                     "online_cpus", (int)cpus, "throttling_data", "periods",
                     number(stats->periods), "throttled_periods",
                     number(stats->throttled_periods), "throttled_time",
                     number(stats->throttled_ns));
}

/* Who has no limit, or one that the machine cannot give, may take what it has.
 */
static json_t *memory(const struct cg_details *d)
{
    uint64_t limit = d->stats.memory_limit_bytes, all = machine_memory();
    json_t *kinds = json_object();
    for (size_t i = 0; i < d->memory_stat.n; i++)
        json_object_set_new(kinds, d->memory_stat.v[i].name,
                            number(d->memory_stat.v[i].value));
    return json_pack("{s:o, s:o, s:o}", "usage", number(d->stats.memory_bytes),
                     "limit", number(limit < all ? limit : all), "stats",
                     kinds);
}

static json_t *pids(const struct cg_details *d)
{
    json_t *ret = json_pack("{s:o}", "current", number(d->stats.pids));
    if (d->stats.pids_limit != UINT64_MAX)
        json_object_set_new(ret, "limit", number(d->stats.pids_limit));
    return ret;
}

static json_t *ios(const struct cg_ios *ios)
{
    json_t *list = json_array();
    for (size_t i = 0; i < ios->n; i++) {
        const struct cg_io *io = &ios->v[i];
        json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:o}", "major",
                                              (int)io->major, "minor",
                                              (int)io->minor, "op", io->op,
                                              "value", number(io->value)));
    }
    return list;
}

static json_t *blocks(const struct cg_details *d)
{
    return json_pack("{s:o, s:o}", "io_service_bytes_recursive",
                     ios(&d->io_bytes), "io_serviced_recursive",
                     ios(&d->io_operations));
}

/* The parts, and the file of each that is there only where they are counted. */
static const struct part {
    const char *member;
    enum cg_controller controller;
    const char *v1, *v2;
    json_t *(*make)(const struct cg_details *d);
} parts[] = {
    {"cpu_stats",    CG_CPUACCT, "cpuacct.usage",                             "cpu.stat",       cpu   },
    {"memory_stats", CG_MEMORY,  "memory.usage_in_bytes",                     "memory.current",
     memory                                                                                           },
    {"pids_stats",   CG_PIDS,    "pids.current",                              "pids.current",   pids  },
    {"blkio_stats",  CG_IO,      "blkio.throttle.io_service_bytes_recursive",
     "io.stat",                                                                                 blocks},
};

static bool is_counted(const struct cg *cg, const struct part *part)
{
    int dir = cg_dir(cg, part->controller);
    const char *file =
        cg_version(cg, part->controller) == 1 ? part->v1 : part->v2;
    return dir >= 0 && faccessat(dir, file, R_OK, 0) == 0;
}

/* Without a group: as if all were counted, and nothing was used. */
static void add_parts(json_t *doc, const struct cg *cg,
                      const struct cg_details *details)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (cg == NULL || is_counted(cg, &parts[i]))
            json_object_set_new(doc, parts[i].member, parts[i].make(details));
}

/* An ordinary user's container may have no group. Where there was one, and it
 * ended while we read (ENODEV), the container did. */
static int add_group(json_t *doc, const struct record *record, struct err *e)
{
    auto_free char *path = record_cgroup(record->doc, record->id);
    auto_cg struct cg cg = CG_INIT;
    auto_cg_details struct cg_details details = {0};
    struct err why = {0};
    int r = cg_open(&cg, path, &why);
    if (r == -ENOENT || r == -EACCES)
        return 0;
    if (r == 0)
        r = cg_details_get(&cg, &details, &why);
    if (r < 0 && r != -ENODEV)
        return err_set(e, why.code, "%s", why.msg);
    add_parts(doc, r < 0 ? NULL : &cg, &details);
    return 0;
}

/* --- the network ---------------------------------------------------------- */

/* "  eth0: 1 2 3 4 0 0 0 0 5 6 ...": of what came in bytes, packets, errors,
 * what was dropped, and four more; then the same of what went out. */
static void add_interface(json_t *networks, const char *line)
{
    static const char *const members[] = {
        "rx_bytes", "rx_packets", "rx_errors", "rx_dropped",
        NULL,       NULL,         NULL,        NULL,
        "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"};
    line += strspn(line, " ");
    size_t len = strcspn(line, ":");
    if (line[len] == '\0' || strncmp(line, "lo:", 3) == 0)
        return;
    auto_free char *name = text_format("%.*s", (int)len, line);
    char *at = (char *)(uintptr_t)line + len + 1;
    json_t *counters = json_object();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        uint64_t value = strtoull(at, &at, 10);
        if (members[i] != NULL)
            json_object_set_new(counters, members[i], number(value));
    }
    json_object_set_new(networks, name, counters);
}

/* Does it use our own network? That is not its alone. */
static bool shares_network(pid_t pid)
{
    auto_free char *path = text_format("/proc/%d/ns/net", (int)pid);
    struct stat ours, its;
    return stat("/proc/self/ns/net", &ours) < 0 || stat(path, &its) < 0 ||
           ours.st_ino == its.st_ino;
}

/* Of one that has just ended there is nothing to tell: no error. */
static void add_networks(json_t *doc, const struct engine *engine,
                         const struct record *record)
{
    pid_t pid;
    auto_text struct text table = {0};
    auto_strv struct strv lines = {0};
    auto_fd int pidfd = contents_process(engine, record, &pid, NULL);
    if (pidfd < 0 || shares_network(pid))
        return;
    auto_free char *path = text_format("/proc/%d/net/dev", (int)pid);
    /* Did the pid stay its own until all was read? */
    if (files_read(AT_FDCWD, path, &table, NULL) < 0 ||
        proc_signal(pidfd, 0, NULL) < 0)
        return;
    json_t *networks = json_object();
    strv_split(&lines, table.s, '\n');
    for (size_t i = 0; i < lines.n; i++)
        add_interface(networks, lines.v[i]);
    json_object_set_new(doc, "networks", networks);
}

int engine_stats(struct engine *engine, const char *name, json_t **ret,
                 struct err *e)
{
    auto_record struct record record = {.doc = NULL};
    int r = record_find(engine, name, &record, e);
    if (r < 0)
        return r;
    bool runs = record.live && run_is_active(record.doc) &&
                !field_is(record.doc, "State.Status", "restarting");
    json_t *doc =
        json_pack("{s:s, s:s?, s:o}", "id", record.id, "name",
                  field_string(record.doc, "Name"), "read", state_now());
    if (runs) {
        r = add_group(doc, &record, e);
        add_networks(doc, engine, &record);
    } else {
        add_parts(doc, NULL, &(struct cg_details){0});
    }
    *ret = doc;
    return r;
}
