/*
 * Second reading: a new v1 cpuset group has no processors and no memory nodes,
 * and the kernel lets nobody into it (ENOSPC) until it is given some;
 * cpusets(7).
 *
 * cgroup.clone_children in the parent makes new groups copy the parent's at
 * mkdir. Writing cpuset.cpus costs up to 2 ms, since the scheduler's domains
 * are worked out anew, so the group that holds the containers gets the switch
 * once and its children come out right.
 */
#include "cg_parts.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <string.h>

static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};

/* 1 if the file was empty and is filled now, 0 if it had a value. */
static int copy_file(int from, int to, const char *file, struct err *e)
{
    auto_text struct text there = {0}, value = {0};
    int r = files_read(to, file, &there, e);
    text_trim(&there);
    if (r < 0 || there.len > 0)
        return r;
    r = files_read(from, file, &value, e);
    text_trim(&value);
    if (r >= 0)
        r = files_write(to, file, value.s, e);
    return r < 0 ? r : 1;
}

/* Fill the group at `level`, if it is empty, from `from`. Its descriptor. */
static int fill_level(int root, int from, const char *level, struct err *e)
{
    auto_fd int to =
        sys_openat(root, level, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (to < 0)
        return err_sys(e, to, "open %s", level);
    int r = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        r = copy_file(from, to, files[i], e);
        if (r < 0)
            return err_add(e, "%s", level);
    }
    /* Only for groups that came out empty, so never for one that was there
     * before us; and only a help for speed: failing is no error. */
    if (r > 0)
        files_write(to, "cgroup.clone_children", "1", NULL);
    return fd_take(&to);
}

int cg_copy_cpuset(const struct cg *cg, int root, int dir, struct err *e)
{
    auto_text struct text cpus = {0};
    int r = files_read(dir, "cpuset.cpus", &cpus, e);
    text_trim(&cpus);
    if (r < 0 || cpus.len > 0)
        return r;
    auto_fd int from = fcntl(root, F_DUPFD_CLOEXEC, 0);
    for (const char *s = cg->path; s != NULL;) {
        s = strchr(s + 1, '/');
        size_t len = s == NULL ? strlen(cg->path) : (size_t)(s - cg->path);
        auto_free char *level = text_format("%.*s", (int)len, cg->path);
        int next = fill_level(root, from, level, e);
        if (next < 0)
            return next;
        own_close(&from);
        from = next;
    }
    return 0;
}
