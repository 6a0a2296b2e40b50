/* ADD of an archive: what is in it, and not the file. */
#include "build.h"

#include "own.h"
#include "plain.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t build_read_fd(void *arg, void *bytes, size_t len)
{
    ssize_t n = TEMP_FAILURE_RETRY(read(*(const int *)arg, bytes, len));
    return n < 0 ? -errno : n;
}

/* The first header of a tar has a sum of its own bytes (tar(5)). */
static bool has_tar_header(const unsigned char *block, size_t len)
{
    enum { AT = 148, LENGTH = 8, HEADER = 512 };
    unsigned long sum = 0;
    if (len < HEADER)
        return false;
    for (size_t i = 0; i < HEADER; i++)
        sum += i >= AT && i < AT + LENGTH ? ' ' : block[i];
    char said[LENGTH + 1] = "";
    memcpy(said, block + AT, LENGTH);
    return block[0] != '\0' && strtoul(said, NULL, 8) == sum;
}

bool build_is_archive(int fd)
{
    auto_plain struct plain *plain = NULL;
    struct layer_source source = {build_read_fd, &fd};
    const void *block = NULL;
    ssize_t n = plain_open(&plain, source, NULL);
    if (n >= 0)
        n = plain_read(plain, &block, NULL);
    bool is = n > 0 && has_tar_header(block, (size_t)n);
    return is && lseek(fd, 0, SEEK_SET) == 0;
}

int build_open_part(struct build *b, struct stage *stage, const char *name,
                    struct tree *ret, struct err *e)
{
    int r = stage->dir < 0 ? stage_open(stage, b->engine->rootfd, e) : 0;
    if (r < 0)
        return r;
    r = sys_mkdirat(stage->dir, name, 0755);
    int dir = r < 0 ? r
                    : sys_openat(stage->dir, name,
                                 O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (dir < 0)
        return err_sys(e, dir, "make a directory for %s", name);
    tree_add(ret, dir);
    return dir;
}

int build_unpack(struct build *b, struct stage *stage,
                 const struct build_archive *archive, struct tree *ret,
                 struct err *e)
{
    struct layer_rules rules = {.has_owner = archive->is_roots};
    int dir = build_open_part(b, stage, archive->name, ret, e);
    return dir < 0 ? dir
                   : layer_extract_plain(archive->source, dir, &rules, NULL, e);
}
