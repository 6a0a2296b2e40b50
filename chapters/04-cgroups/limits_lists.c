/*
 * Limits that come as lists: one per device, page size, interface. Each entry
 * is a line, and the kernel takes one line per write.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Write one entry of a list to the group's directory. */
typedef int write_entry(int dir, const char *entry, struct err *e);

static int io_max_v2(int dir, const char *entry, struct err *e)
{
    return files_write(dir, "io.max", entry, e);
}

/* With BFQ as the scheduler, which is the usual case, the files have its name.
 */
static int weight_in(int dir, const char *const files[2], const char *entry,
                     struct err *e)
{
    int r = files_write(dir, files[0], entry, e);
    if (r == -ENOENT)
        r = files_write(dir, files[1], entry, e);
    return r;
}

static int weight_v1(int dir, const char *entry, struct err *e)
{
    static const char *const files[] = {"blkio.bfq.weight_device",
                                        "blkio.weight_device"};
    return weight_in(dir, files, entry, e);
}

static int weight_v2(int dir, const char *entry, struct err *e)
{
    static const char *const files[] = {"io.bfq.weight", "io.weight"};
    return weight_in(dir, files, entry, e);
}

static int leaf_weight_v1(int dir, const char *entry, struct err *e)
{
    return files_write(dir, "blkio.leaf_weight_device", entry, e);
}

/* "2MB=1048576": the page size is part of the file's name. Pages are counted
 * when they are used, and since Linux 5.7 also when they are reserved, by
 * mmap(2) long before: that second file may be missing. */
static int huge_pages(int dir, const char *entry, const char *suffix,
                      struct err *e)
{
    const char *bytes = strchr(entry, '=');
    if (bytes == NULL || memchr(entry, '/', (size_t)(bytes - entry)) != NULL)
        return err_set(e, EINVAL, "huge page limit \"%s\": not SIZE=BYTES",
                       entry);
    int size = (int)(bytes - entry);
    auto_text struct text file = {0};
    text_addf(&file, "hugetlb.%.*s.%s", size, entry, suffix);
    int r = files_write(dir, file.s, bytes + 1, e);
    if (r < 0)
        return r;
    text_clear(&file);
    text_addf(&file, "hugetlb.%.*s.rsvd.%s", size, entry, suffix);
    r = files_write(dir, file.s, bytes + 1, e);
    return r == -ENOENT ? 0 : r;
}

static int huge_pages_v1(int dir, const char *entry, struct err *e)
{
    return huge_pages(dir, entry, "limit_in_bytes", e);
}

static int huge_pages_v2(int dir, const char *entry, struct err *e)
{
    return huge_pages(dir, entry, "max", e);
}

static int rdma(int dir, const char *entry, struct err *e)
{
    return files_write(dir, "rdma.max", entry, e);
}

static int net_priority_v1(int dir, const char *entry, struct err *e)
{
    return files_write(dir, "net_prio.ifpriomap", entry, e);
}

/* No function: the version has no such thing, and the wish is passed over.
 * Optional: weights depend on how the kernel was built, like io_weight, and are
 * passed over where it has none. */
#define LIST(field) offsetof(struct cg_limits, field)
/* clang-format off */
static const struct {
    size_t list;
    enum cg_controller controller;
    write_entry *v1, *v2;
    bool optional;
} lists[] = {
    {LIST(io_weight_device), CG_IO, weight_v1, weight_v2, true},
    {LIST(io_leaf_weight_device), CG_IO, leaf_weight_v1, NULL, true},
    {LIST(io_max), CG_IO, cg_v1_set_io_max, io_max_v2, false},
    {LIST(hugetlb), CG_HUGETLB, huge_pages_v1, huge_pages_v2, false},
    {LIST(rdma), CG_RDMA, rdma, rdma, false},
    {LIST(net_priorities), CG_NET_PRIO, net_priority_v1, NULL, false},
};
/* clang-format on */

static int set_list(const struct cg *cg, size_t row, const struct strv *list,
                    bool strict, struct err *e)
{
    if (list->n == 0)
        return 0;
    int dir = cg_need_dir(cg, lists[row].controller, e);
    if (dir < 0)
        return dir;
    write_entry *write = cg_version(cg, lists[row].controller) == 1
                             ? lists[row].v1
                             : lists[row].v2;
    if (write == NULL)
        return strict ? err_set(e, EOPNOTSUPP, "cgroup v2 has no limit for it")
                      : 0;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < list->n; i++)
        r = write(dir, list->v[i], e);
    return r == -ENOENT && lists[row].optional && !strict ? 0 : r;
}

/* Why the file of a v2 group cannot be written: most often because its
 * controller, which is the first part of its name, is not there. */
static int explain(int dir, const char *file, int r, struct err *e)
{
    const char *dot = strchr(file, '.');
    if (dot == NULL)
        return err_set(e, EINVAL,
                       "unified resource \"%s\" must be in the form "
                       "CONTROLLER.PARAMETER",
                       file);
    auto_free char *controller = text_format("%.*s", (int)(dot - file), file);
    auto_text struct text there = {0};
    text_add(&there, "");
    if (strcmp(controller, "cgroup") != 0 &&
        files_read(dir, "cgroup.controllers", &there, NULL) >= 0 &&
        !cg_has_word(there.s, controller))
        return err_set(e, r,
                       "unified resource \"%s\" can't be set: controller "
                       "\"%s\" not available",
                       file, controller);
    return err_sys(e, r, "unable to set unified resource \"%s\"", file);
}

/* "memory.high=1000000": any file of a v2 group, by its own name. A value may
 * have several lines. */
static int set_file(const struct cg *cg, const char *assignment, struct err *e)
{
    const char *value = strchr(assignment, '=');
    if (value == NULL)
        return err_set(e, EINVAL, "unified resource \"%s\" has no value",
                       assignment);
    auto_free char *file =
        text_format("%.*s", (int)(value - assignment), assignment);
    if (strchr(file, '/') != NULL)
        return err_set(e, EINVAL,
                       "unified resource \"%s\" must be a file name (no "
                       "slashes)",
                       file);
    /* Rare controllers come down only when somebody asks for them. */
    for (int c = CG_HUGETLB; c < CG_COUNT; c++) {
        const char *name = cg_controller_name(c, 2);
        if (name != NULL && text_starts(file, name))
            cg_need_dir(cg, c, NULL);
    }
    auto_strv struct strv lines = {0};
    strv_split(&lines, value + 1, '\n');
    int dir = cg->dirs[0], r = 0;
    for (size_t i = 0; r >= 0 && i < lines.n; i++)
        if (lines.v[i][0] != '\0')
            r = files_write(dir, file, lines.v[i], NULL);
    return r < 0 ? explain(dir, file, r, e) : 0;
}

/* Last of all, since these files may be the ones that other limits wrote. */
static int set_unified(const struct cg *cg, const struct strv *unified,
                       struct err *e)
{
    if (unified->n == 0)
        return 0;
    if (cg->layout.n != 1 || cg->layout.v[0].version != 2)
        return err_set(e, EOPNOTSUPP, "cannot use unified on cgroup v1");
    int r = 0;
    for (size_t i = 0; r >= 0 && i < unified->n; i++)
        r = set_file(cg, unified->v[i], e);
    return r;
}

int cg_set_lists(const struct cg *cg, const struct cg_limits *limits,
                 struct err *e)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof lists / sizeof lists[0]; i++) {
        const char *list = (const char *)limits + lists[i].list;
        r = set_list(cg, i, (const struct strv *)(const void *)list,
                     limits->strict, e);
    }
    return r < 0 ? r : set_unified(cg, &limits->unified, e);
}

void cg_limits_done(struct cg_limits *limits)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char *list = (char *)limits + lists[i].list;
        strv_done((struct strv *)(void *)list);
    }
    strv_done(&limits->unified);
    *limits = (struct cg_limits)CG_LIMITS_INIT;
}
