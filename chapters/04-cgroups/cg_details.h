/*
 * cg_details.h - every counter of a group, for whoever wants to see it all.
 *
 * cg_get_stats answers what `docker stats` shows. This is the long form, what
 * `runc events --stats` prints as JSON: per processor, per device, per size of
 * huge pages, the kernel's memory.stat as it stands, and pressure
 * (Documentation/accounting/psi.rst). The files are described in cgroup-v2.rst
 * and in the kernel's Documentation/admin-guide/cgroup-v1.
 *
 *     auto_cg_details struct cg_details details = {0};
 *     if (cg_details_get(&cg, &details, &e) < 0) ...
 *     for (size_t i = 0; i < details.io_bytes.n; i++) ...
 *
 * The lists belong to the struct (auto_cg_details). What this machine does not
 * count is 0, or an empty list; reading it is no error. Numbers are the
 * kernel's own, so v1's "unlimited" is the largest multiple of a page here, and
 * v2's UINT64_MAX. Needs no privilege beyond reading the files. Fork-safe.
 */
#ifndef CG_DETAILS_H
#define CG_DETAILS_H

#include "cg.h"

/* A number under the kernel's name for it: "total_cache". */
struct cg_entry {
    char name[32];
    uint64_t value;
};
struct cg_entries {
    struct cg_entry *v;
    size_t n;
};

/* One kind of memory, in bytes; failures: how often the limit was met. */
struct cg_memory {
    uint64_t usage, max_usage, limit, failures;
};

/* What one device did: op is "Read", "Write", "Sync", "Async", "Discard" or
 * "Total"; v2 counts the first two and "Discard". */
struct cg_io {
    unsigned int major, minor;
    char op[12];
    uint64_t value;
};
struct cg_ios {
    struct cg_io *v;
    size_t n;
};

/* Bytes in huge pages of one size, "2MB". */
struct cg_huge {
    char size[16];
    struct cg_memory bytes; /* the limit is left out */
};
struct cg_huges {
    struct cg_huge *v;
    size_t n;
};

/* For how much of the time some, or all, members waited for it, in percent of
 * the last 10, 60 and 300 seconds, and in all. v2. */
struct cg_stall {
    double avg10, avg60, avg300;
    uint64_t total_us;
};
struct cg_pressure {
    bool there; /* false: v1, or the kernel does not measure it */
    struct cg_stall some, full;
};

/* Processor time of one processor; v1. */
struct cg_cpu {
    uint64_t ns, user_ns, system_ns;
};
struct cg_cpus {
    struct cg_cpu *v;
    size_t n;
};

struct cg_details {
    struct cg_stats stats;
    struct cg_cpus cpus;
    uint64_t memory_cache;                      /* bytes of files */
    struct cg_memory memory, swap, kernel, tcp; /* swap: with memory, as v1 has
                                                 * it; kernel and tcp: v1 */
    struct cg_entries memory_stat;              /* the file, as it stands */
    struct cg_entries memory_events;            /* v2: "oom_kill" and others */
    struct cg_ios io_bytes, io_operations;
    struct cg_huges huge;
    struct cg_pressure cpu_pressure, memory_pressure, io_pressure;
    char cpuset_cpus[128], cpuset_mems[128]; /* "0-3": those it may use */
    struct cg_entries cpuset; /* v1: "cpu_exclusive" and others, -1 as its
                               * two's complement */
};
#define auto_cg_details __attribute__((cleanup(cg_details_done)))

/* `ret` must be empty: zeros, or released. 0 or -errno of a file that is there
 * and cannot be read. */
int cg_details_get(const struct cg *cg, struct cg_details *ret, struct err *e);
void cg_details_done(struct cg_details *details);

#endif
