/*
 * cg_parts.h - what the files of this chapter share among themselves.
 *
 * Everything here works on plain text or on one open group directory, so that
 * it can be tested (and fuzzed) without a kernel behind it.
 */
#ifndef CG_PARTS_H
#define CG_PARTS_H

#include "cg.h"

#include <dirent.h>

/* How long freezing, dying and emptying may take before it is an error. */
#define CG_PATIENCE_MS 10000

/* layout.c: fill `ret` from the text of /proc/PID/mountinfo, proc(5). Lines
 * that are not cgroup mounts, or not even lines, are skipped. Number of
 * hierarchies found. Does not say yet what v2 carries. */
int cg_parse_mountinfo(const char *text, struct cg_layout *ret);
/* The rest: `controllers` is the text of v2's cgroup.controllers, and what it
 * names is v2's unless a v1 hierarchy has it. Without a v2 mount: nothing. */
void cg_parse_controllers(const char *controllers, struct cg_layout *layout);
/* delegated.c: where v2's own root may not be written, set `mount` to the
 * directory below it that was delegated to us, if any. */
void cg_find_delegated(struct cg_hierarchy *h);
/* The index of the v2 hierarchy, or -1. */
int cg_v2_index(const struct cg_layout *layout);
/* "memory", "io" ...: the name a version gives the controller, or NULL where
 * it has none (v2 has no devices and no freezer controller). */
const char *cg_controller_name(enum cg_controller controller, int version);
/* True if `word` stands in `list` between separators (space, comma, newline).
 */
bool cg_has_word(const char *list, const char *word);

/* cg.c: cg_create; with `adopt` the group may exist. */
int cg_make(struct cg *ret, const char *path, bool adopt, struct err *e);
/* The root of a hierarchy, or -ENOENT where another mount hides it. */
int cg_open_hierarchy(const struct cg_hierarchy *h);
/* enable.c: let the group below the v2 mount `root` have the controllers that
 * the layout expects of v2; `dir` is the group itself. */
int cg_enable_controllers(struct cg *cg, int root, int dir, struct err *e);
/* The same for one of the rare controllers, from CG_HUGETLB on, when a limit
 * needs it. */
int cg_enable_rare(const struct cg *cg, enum cg_controller controller, int dir,
                   struct err *e);
/* Strike out of the layout what the v2 group `dir` does not have. */
void cg_check_controllers(struct cg *cg, int dir);
/* cpuset_v1.c: give the new group, and new groups above it, their parents'
 * processors and memory nodes. */
int cg_copy_cpuset(const struct cg *cg, int root, int dir, struct err *e);

/* limits.c: the directory with a controller's files, or -EOPNOTSUPP and an
 * error that names the controller. */
int cg_need_dir(const struct cg *cg, enum cg_controller controller,
                struct err *e);
/* limits_memory.c: -EBUSY where the check before the update says no. */
int cg_check_memory(const struct cg *cg, const struct cg_limits *limits,
                    struct err *e);
/* The same, for v1, whose kernel has said no; always -EBUSY. */
int cg_explain_memory(const struct cg *cg, int64_t limit, struct err *e);
/* limits_lists.c: write the limits that are lists. */
int cg_set_lists(const struct cg *cg, const struct cg_limits *limits,
                 struct err *e);
/* limits_v1.c: one line of io.max, spread over v1's files. */
int cg_v1_set_io_max(int dir, const char *line, struct err *e);
/* limits.c: cpu.shares 2..262144 on the scale of cpu.weight 1..10000. */
uint64_t cg_weight_from_shares(int64_t shares);

/* stats.c: where a version keeps a number, and a table of such numbers, which
 * are the uint64_t at `stat` of one struct. */
struct cg_place {
    const char *file; /* NULL: this version has none */
    const char *key;  /* NULL: the file is the number */
    uint64_t unit;    /* what it counts, in units of the result */
};
/* As `unit`: a limit in the kernel's own spelling of "unlimited". */
#define CG_AS_IT_STANDS 0
struct cg_counter {
    size_t stat;
    enum cg_controller controller;
    struct cg_place v1, v2;
};
struct cg_table {
    const struct cg_counter *v;
    size_t n;
};
/* Fill the struct `ret`; what is not there is left as it is. */
int cg_read_counters(const struct cg *cg, const struct cg_table *table,
                     void *ret, struct err *e);
/* Add up the numbers that follow `key` in "key 1\nother 2\n" or in
 * "8:0 key=1 other=2\n"; 0 where the key is missing. */
uint64_t cg_sum(const char *text, const char *key);

/* details_huge.c */
struct cg_huges;
int cg_read_huge(const struct cg *cg, struct cg_huges *ret, struct err *e);

/* destroy.c: a group's directory as a list, and the group that an entry of it
 * is, opened, or -errno where it is no group. Caller closes. */
DIR *cg_list(int dir);
int cg_open_child(int dir, const struct dirent *entry);

/* freeze.c: wait until `dir`/cgroup.events says "key value" (v2 only). */
int cg_wait_event(int dir, const char *key, uint64_t value, struct err *e);
/* Sleep a little, longer with each round, where the kernel offers no event.
 * False when patience is exhausted. */
bool cg_pause(unsigned int round);

#endif
