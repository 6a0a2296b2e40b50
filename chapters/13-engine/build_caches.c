#include "build_caches.h"

#include "files.h"
#include "own.h"
#include "record.h"
#include "stage.h"
#include "sys.h"
#include "usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define PLACE "cache/mounts"

json_t *build_caches_time(int64_t seconds)
{
    char text[40];
    time_t at = (time_t)seconds;
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_string(text);
}

/* Locked, for us alone; -EWOULDBLOCK: somebody has it. */
static int open_cache(const struct engine *engine, const char *path)
{
    auto_fd int fd =
        sys_openat(engine->rootfd, path,
                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    int r = fd < 0 ? fd : sys_flock(fd, LOCK_EX | LOCK_NB);
    return r < 0 ? r : fd_take(&fd);
}

/* When it was made; a file system need not know. */
static int64_t birth_of(const struct engine *engine, const char *path)
{
    struct statx st;
    if (statx(engine->rootfd, path, AT_SYMLINK_NOFOLLOW,
              STATX_BTIME | STATX_MTIME, &st) < 0)
        return 0;
    return (st.stx_mask & STATX_BTIME) != 0 ? st.stx_btime.tv_sec
                                            : st.stx_mtime.tv_sec;
}

static void list_one(const struct engine *engine, const char *name,
                     json_t *list)
{
    auto_free char *path = text_format(PLACE "/%s", name);
    struct stat st;
    if (fstatat(engine->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    auto_fd int fd = open_cache(engine, path);
    uint64_t size = usage_below(engine->rootfd, path);
    json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:o, s:I, s:i}",
                        "ID", name, "Type", "exec.cachemount", "Description",
                        "cached mount", "InUse", fd == -EWOULDBLOCK, "Shared",
                        false, "Size", (json_int_t)size, "CreatedAt",
                        build_caches_time(birth_of(engine, path)), "LastUsedAt",
                        build_caches_time(st.st_atim.tv_sec), "Created",
                        (json_int_t)st.st_atim.tv_sec, "UsageCount", 0));
}

void build_caches_list(const struct engine *engine, json_t *list)
{
    auto_fd int fd = sys_openat(engine->rootfd, PLACE,
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return;
    fd_take(&fd);
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            list_one(engine, entry->d_name, list);
}

/* Out of sight first, while it is ours: who waits for the lock looks again when
 * he has it. */
int build_caches_remove(const struct engine *engine, const char *name,
                        struct err *e)
{
    auto_free char *path = text_format(PLACE "/%s", name);
    auto_stage struct stage stage = {.dir = -1};
    auto_fd int fd = open_cache(engine, path);
    if (fd < 0 || !files_is_named(engine->rootfd, path, fd))
        return 0;
    int r = stage_open(&stage, engine->rootfd, e);
    if (r < 0)
        return r;
    r = sys_renameat2(engine->rootfd, path, stage.dir, name, 0);
    return r < 0 ? err_sys(e, r, "remove %s/%s", engine->root, path) : 1;
}
