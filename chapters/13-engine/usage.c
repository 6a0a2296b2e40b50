#include "usage.h"

#include "own.h"
#include "sys.h"

#include <string.h>
#include <sys/stat.h>

enum { DEEPEST = 1000 };

static uint64_t below(int parent, const char *name, int depth);

static uint64_t size_of(int parent, const char *name, int depth)
{
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    if (S_ISDIR(st.st_mode) && depth < DEEPEST)
        return below(parent, name, depth + 1);
    return S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static uint64_t below(int parent, const char *name, int depth)
{
    auto_fd int fd = sys_openat(
        parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return 0;
    fd_take(&fd);
    uint64_t sum = 0;
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            sum += size_of(dirfd(dir), entry->d_name, depth);
    return sum;
}

uint64_t usage_below(int parent, const char *name)
{
    return below(parent, name, 0);
}
