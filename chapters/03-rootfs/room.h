/*
 * room.h - what the contract tests of this chapter share: a mount namespace to
 * break things in, and mountinfo to see what became of it.
 *
 * Each Check test is a process of its own. room_enter gives it a private mount
 * namespace with a tmpfs on /mnt; the container's root is /mnt/root, and
 * /mnt/outside is where nothing may ever arrive. Everything goes when the
 * process does.
 */
#ifndef ROOM_H
#define ROOM_H

#include "contract.h"
#include "files.h"
#include "mnt.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define ROOM "/mnt/root"
#define OUTSIDE "/mnt/outside"

/* Assert on a call of the project, with its own sentence. */
#define room_ok(call)                                                          \
    do {                                                                       \
        struct err e = {0};                                                    \
        int room_r = (call);                                                   \
        ck_assert_msg(room_r >= 0, "%s: %s", #call, e.msg);                    \
    } while (0)
#define room_fails(code, call)                                                 \
    do {                                                                       \
        struct err e = {0};                                                    \
        int room_r = (call);                                                   \
        ck_assert_msg(room_r == -(code), "%s gave %d: %s", #call, room_r,      \
                      e.msg);                                                  \
        ck_assert_int_gt(strlen(e.msg), 0);                                    \
    } while (0)

/* Returns a descriptor of the room's root. */
static inline int room_enter(void)
{
    contract_needs(geteuid() == 0, "needs root");
    ck_assert_int_eq(sys_unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(sys_mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL), 0);
    ck_assert_int_eq(sys_mount("room", "/mnt", "tmpfs", 0, "mode=755"), 0);
    ck_assert_int_eq(mkdir(ROOM, 0755), 0);
    ck_assert_int_eq(mkdir(OUTSIDE, 0755), 0);
    int fd = sys_openat(AT_FDCWD, ROOM, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    return fd;
}

/* A line of /proc/PID/mountinfo, proc_pid_mountinfo(5). */
struct room_mount {
    char root[256], target[256], options[256], tags[256], type[64], super[256];
};

static inline bool room_parse(const char *line, struct room_mount *m)
{
    *m = (struct room_mount){0};
    const char *dash = strstr(line, " - ");
    int at = 0;
    if (dash == NULL || sscanf(line, "%*s %*s %*s %255s %255s %255s%n", m->root,
                               m->target, m->options, &at) != 3)
        return false;
    if (line + at < dash)
        snprintf(m->tags, sizeof m->tags, "%.*s", (int)(dash - line - at),
                 line + at);
    return sscanf(dash, " - %63s %*s %255s", m->type, m->super) == 2;
}

/* How many mounts process `pid` ("self") sees at `target`; the last, which is
 * the one on top, is copied to `ret`. NULL as target counts all. */
static inline int room_find(const char *pid, const char *target,
                            struct room_mount *ret)
{
    auto_text struct text all = {0};
    auto_strv struct strv lines = {0};
    auto_free char *path = text_format("/proc/%s/mountinfo", pid);
    room_ok(files_read(AT_FDCWD, path, &all, &e));
    strv_split(&lines, all.s, '\n');
    int found = 0;
    for (size_t i = 0; i < lines.n; i++) {
        struct room_mount m;
        if (!room_parse(lines.v[i], &m) ||
            (target != NULL && strcmp(m.target, target) != 0))
            continue;
        found++;
        if (ret != NULL)
            *ret = m;
    }
    return found;
}

/* Is `word` one of "a,b,c"? */
static inline bool room_has(const char *list, const char *word)
{
    auto_strv struct strv words = {0};
    strv_split(&words, list, ',');
    for (size_t i = 0; i < words.n; i++)
        if (strcmp(words.v[i], word) == 0)
            return true;
    return false;
}

/* mnt_make with the fields written out, so that a test of one function does
 * not stand on mnt_list_add as well. */
static inline int room_mount_tree(int root, const struct mnt *wish,
                                  struct err *e)
{
    struct mnt mount = *wish;
    auto_free char *none = own_strdup("none");
    auto_free char *data = own_strdup("");
    mount.source = mount.source != NULL ? mount.source : none;
    mount.type = mount.type != NULL ? mount.type : none;
    mount.data = mount.data != NULL ? mount.data : data;
    return mnt_make(root, &mount, e);
}

/* waiver: parameters: mount(2)'s own */
static inline int room_make(int root, const char *source, const char *target,
                            const char *type, unsigned long flags,
                            struct err *e)
{
    auto_free char *copy_source = own_strdup(source);
    auto_free char *copy_target = own_strdup(target);
    auto_free char *copy_type = own_strdup(type);
    return room_mount_tree(root,
                           &(struct mnt){.source = copy_source,
                                         .target = copy_target,
                                         .type = copy_type,
                                         .flags = flags},
                           e);
}

/* A mount made by hand, for tests of something else. */
static inline void room_put(const char *type, const char *path,
                            unsigned long flags)
{
    ck_assert(mkdir(path, 0755) == 0 || errno == EEXIST);
    ck_assert_int_eq(sys_mount(type, path, type, flags, NULL), 0);
}

static inline void room_write(const char *path, const char *content)
{
    auto_fd int fd =
        sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_msg(fd >= 0, "create %s: %s", path, strerror(-fd));
    ck_assert_int_eq(sys_write(fd, content, strlen(content)),
                     (int)strlen(content));
}

/* Creating a file at `path`: 0 or -errno. It is removed again. */
static inline int room_try_create(const char *path)
{
    int fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fd;
    close(fd);
    return sys_unlinkat(AT_FDCWD, path, 0);
}

/* Names in a directory, apart from "." and "..". */
static inline int room_count(const char *path)
{
    auto_dir DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    int n = -2;
    while (readdir(dir) != NULL)
        n++;
    return n;
}

#endif
