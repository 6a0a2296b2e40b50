/* Layers (chapter 07), for real: each input is unpacked by the kernel into a
 * directory in memory, beside which nothing may appear. */
// WRAP gunzip_open
#include "files.h"
#include "fuzz.h"
#include "gunzip.h"
#include "layer.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char above[64];
static int above_fd = -1;
static bool has_igzip;

/* Where a fault in the unpacker could do harm nothing is unpacked: the source
 * tree, where we are, must be read-only. tests/fuzz/run sees to it. */
static void open_directory(void)
{
    fuzz_must(access(".", W_OK) < 0);
    umask(0);
    snprintf(above, sizeof above, "/dev/shm/fuzz-layer.%d", (int)getpid());
    fuzz_must(mkdir(above, 0700) == 0);
    above_fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int __real_gunzip_open(struct gunzip *gunzip, struct err *e);
int __wrap_gunzip_open(struct gunzip *gunzip, struct err *e);

/* A process for each would cost more than all the rest: few inputs have
 * igzip(1), the others zlib, and which of them does not change. */
int __wrap_gunzip_open(struct gunzip *gunzip, struct err *e)
{
    return has_igzip ? __real_gunzip_open(gunzip, e)
                     : err_set(e, ENOENT, "not for this input");
}

static ssize_t read_part(void *arg, void *bytes, size_t len)
{
    struct fuzz_input *in = arg;
    size_t n = len < in->left ? len : in->left;
    memcpy(bytes, in->at, n);
    in->at += n;
    in->left -= n;
    return (ssize_t)n;
}

/* Only `.`, `..` and "in". */
static void must_be_alone(void)
{
    int seen = 0;
    auto_dir DIR *dir = opendir(above);
    while (readdir(dir) != NULL)
        seen++;
    fuzz_must(seen == 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (above_fd < 0)
        open_directory();
    struct fuzz_input in = {data, size};
    struct layer_stats stats = {0};
    struct err e = {0};
    has_igzip = size % 512 == 100;
    fuzz_must(mkdirat(above_fd, "in", 0755) == 0);
    auto_fd int dir = sys_openat(above_fd, "in", O_PATH | O_CLOEXEC, 0);
    int r = layer_extract((struct layer_source){read_part, &in},
                          (struct layer_sink){0}, dir, &stats, &e);
    fuzz_must_say(r, &e);
    strv_done(&stats.implied);
    must_be_alone();
    fuzz_must(files_remove_tree(above_fd, "in", NULL) == 0);
    return 0;
}
