/* mini-docker import: an image from the tar of a root file system. */
#include "command.h"

#include "apply.h"
#include "field.h"
#include "own.h"
#include "progress.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"change", 'c', &option_list, "Changes",
     "Apply Dockerfile instruction to the created image"},
    {"message", 'm', &option_string, "Message",
     "Set commit message for imported image"},
    {"platform", 0, &option_string, "Platform",
     "Set platform if server is multi-platform capable"},
    {0},
};
/* clang-format on */

static int open_file(const char *file, struct err *e)
{
    if (strstr(file, "://") != NULL)
        return err_set(e, ENOSYS, "import from a URL is not built yet");
    int fd = strcmp(file, "-") == 0
                 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                 : sys_openat(AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd == -1 ? errno : fd, "open %s", file);
    return fd;
}

/* The archive as it is read, and how far. */
struct reading {
    int fd;
    struct image_progress now;
    struct progress bars;
};

static ssize_t read_some(void *arg, void *bytes, size_t len)
{
    struct reading *reading = arg;
    ssize_t n = command_read_fd(&reading->fd, bytes, len);
    if (n > 0) {
        reading->now.done += (uint64_t)n;
        progress_tell(&reading->bars, &reading->now);
    }
    return n;
}

/* A file has a size; of a pipe we only hear the end. */
static void prepare_bars(struct reading *reading, const char *file)
{
    struct stat st;
    if (fstat(reading->fd, &st) == 0 && S_ISREG(st.st_mode))
        reading->now.total = (uint64_t)st.st_size;
    reading->now.id = basename(file);
    reading->bars = (struct progress){.action = "Importing",
                                      .is_shown = isatty(STDOUT_FILENO)};
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_fd int fd = open_file(call->operands.v[0], e);
    if (fd < 0)
        return -e->code;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    auto_strv struct strv changes = {0};
    field_strings(call->doc, "Changes", &changes);
    char id[72];
    struct reading reading = {.fd = fd};
    prepare_bars(&reading, call->operands.v[0]);
    struct image_import what = {
        .source = {.read = read_some, .arg = &reading},
        .name = call->operands.n > 1 ? call->operands.v[1] : NULL,
        .change = apply_changes,
        .change_arg = &changes,
        .message = field_string(call->doc, "Message"),
        .platform = field_string(call->doc, "Platform"),
    };
    r = image_import(engine_images(engine), &what, id, e);
    progress_done(&reading.bars);
    if (r < 0)
        return r;
    printf("%s\n", id);
    return 0;
}

const struct command command_import = {
    .name = "import",
    .aliases = {"image import"},
    .synopsis = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
    .summary = "Import the contents from a tarball to create a filesystem "
               "image",
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
