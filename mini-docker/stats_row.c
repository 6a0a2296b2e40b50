#include "stats_row.h"

#include "doc.h"
#include "field.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>

/* By how much a counter grew. */
static double growth(const json_t *now, const json_t *before, const char *path)
{
    return (double)(field_int(now, path, 0) - field_int(before, path, 0));
}

/* One processor that is always busy is 100 %, two are 200 %. */
static double cpu_percent(const json_t *now, const json_t *before)
{
    double its = growth(now, before, "cpu_stats.cpu_usage.total_usage");
    double all = growth(now, before, "cpu_stats.system_cpu_usage");
    int64_t cpus = field_int(now, "cpu_stats.online_cpus", 0);
    bool known = field_get(before, "cpu_stats") != NULL && its > 0 && all > 0;
    return known ? its / all * (double)cpus * 100 : 0;
}

/* Without what is there to make reading files faster, and would be given up
 * first. v1 counts what is below the group as well under another name. */
static uint64_t used_memory(const json_t *now)
{
    int64_t usage = field_int(now, "memory_stats.usage", 0);
    int64_t v2 = field_int(now, "memory_stats.stats.inactive_file", 0);
    int64_t cache =
        field_int(now, "memory_stats.stats.total_inactive_file", v2);
    return (uint64_t)(cache < usage ? usage - cache : usage);
}

/* "1.2kB / 0B" */
static json_t *pair(uint64_t in, uint64_t out)
{
    char a[16], b[16];
    return json_sprintf("%s / %s", text_from_bytes(in, a),
                        text_from_bytes(out, b));
}

/* --- the columns ---------------------------------------------------------- */

static json_t *cpu(const json_t *now, const json_t *before)
{
    return json_sprintf("%.2f%%", cpu_percent(now, before));
}

static json_t *memory(const json_t *now, const json_t *before)
{
    (void)before;
    char used[16], limit[16];
    int64_t bytes = field_int(now, "memory_stats.limit", 0);
    return json_sprintf("%s / %s", text_from_memory(used_memory(now), used),
                        text_from_memory((uint64_t)bytes, limit));
}

static json_t *memory_percent(const json_t *now, const json_t *before)
{
    (void)before;
    int64_t limit = field_int(now, "memory_stats.limit", 0);
    double part = limit == 0 ? 0 : (double)used_memory(now) / (double)limit;
    return json_sprintf("%.2f%%", part * 100);
}

/* One that has no network of its own has moved nothing. */
static json_t *network(const json_t *now, const json_t *before)
{
    (void)before;
    int64_t in = 0, out = 0;
    const char *name;
    json_t *interface;
    json_object_foreach(json_object_get(now, "networks"), name, interface)
    {
        in += field_int(interface, "rx_bytes", 0);
        out += field_int(interface, "tx_bytes", 0);
    }
    return pair((uint64_t)in, (uint64_t)out);
}

static json_t *blocks(const json_t *now, const json_t *before)
{
    (void)before;
    int64_t in = 0, out = 0;
    size_t i;
    const json_t *device;
    json_array_foreach(field_get(now, "blkio_stats.io_service_bytes_recursive"),
                       i, device)
    {
        const char *op = field_string(device, "op");
        int kind = op == NULL ? 0 : tolower((unsigned char)op[0]);
        int64_t bytes = field_int(device, "value", 0);
        in += kind == 'r' ? bytes : 0;
        out += kind == 'w' ? bytes : 0;
    }
    return pair((uint64_t)in, (uint64_t)out);
}

static json_t *processes(const json_t *now, const json_t *before)
{
    (void)before;
    return json_sprintf("%" PRId64, field_int(now, "pids_stats.current", 0));
}

/* The column, the part of the document without which it is not known, and what
 * stands there then. */
static const struct column {
    const char *member, *part, *unknown;
    json_t *(*make)(const json_t *now, const json_t *before);
} columns[] = {
    {"CPUPerc",  "cpu_stats",    "--",      cpu           },
    {"MemUsage", "memory_stats", "-- / --", memory        },
    {"MemPerc",  "memory_stats", "--",      memory_percent},
    {"NetIO",    "read",         "--",      network       },
    {"BlockIO",  "blkio_stats",  "--",      blocks        },
    {"PIDs",     "pids_stats",   "--",      processes     },
};

json_t *stats_row(const char *shown, const json_t *now, const json_t *before,
                  bool whole)
{
    const char *id = field_string(now, "id"), *name = field_string(now, "name");
    json_t *row = json_object();
    doc_set(row, "Container", json_string(shown));
    doc_set(row, "ID", json_sprintf("%.*s", whole ? 64 : 12, id));
    doc_set(row, "Name",
            json_string(name == NULL ? "--" : name + (name[0] == '/')));
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        const struct column *column = &columns[i];
        bool known = json_object_get(now, column->part) != NULL;
        doc_set(row, column->member,
                known ? column->make(now, before)
                      : json_string(column->unknown));
    }
    return row;
}
