/* mini-docker import: an image from the tar of a root file system. */
#include "command.h"

#include "apply.h"
#include "download.h"
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

/* The archive as it is read, and how far. */
struct reading {
    const char *from; /* a file, "-" or a URL */
    int fd;
    struct download download;
    struct image_progress now;
    struct progress bars;
};

static bool is_remote(const struct reading *reading)
{
    return download_is_url(reading->from);
}

static void close_reading(struct reading *reading)
{
    own_close(&reading->fd);
    if (is_remote(reading))
        download_close(&reading->download);
    progress_done(&reading->bars);
}

/* A file has a size; of a pipe we only hear the end. */
static int open_file(struct reading *reading, struct err *e)
{
    const char *file = reading->from;
    struct stat st;
    if (is_remote(reading))
        return 0;
    int fd = strcmp(file, "-") == 0
                 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                 : sys_openat(AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd == -1 ? errno : fd, "open %s", file);
    reading->fd = fd;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        reading->now.total = (uint64_t)st.st_size;
    return 0;
}

static int open_remote(struct reading *reading, struct err *e)
{
    if (!is_remote(reading))
        return 0;
    reading->download.url = reading->from;
    int r = download_open(&reading->download, e);
    if (r < 0)
        return r;
    reading->now.total = reading->download.total;
    printf("Downloading from %s\n", reading->from);
    fflush(stdout);
    return 0;
}

static ssize_t read_some(void *arg, void *bytes, size_t len)
{
    struct reading *reading = arg;
    ssize_t n = is_remote(reading)
                    ? download_read(&reading->download, bytes, len)
                    : command_read_fd(&reading->fd, bytes, len);
    if (n > 0) {
        reading->now.done += (uint64_t)n;
        progress_tell(&reading->bars, &reading->now);
    }
    return n;
}

static int import(struct call *call, struct engine *engine,
                  struct reading *reading, struct err *e)
{
    auto_strv struct strv changes = {0};
    auto_free char *message = text_format(
        "Imported from %s", is_remote(reading) ? reading->from : "-");
    const char *said = field_string(call->doc, "Message");
    field_strings(call->doc, "Changes", &changes);
    char id[72];
    struct image_import what = {
        .source = {.read = read_some, .arg = reading},
        .name = call->operands.n > 1 ? call->operands.v[1] : NULL,
        .change = apply_changes,
        .change_arg = &changes,
        .message = said != NULL && said[0] != '\0' ? said : message,
        .platform = field_string(call->doc, "Platform"),
    };
    int r = image_import(engine_images(engine), &what, id, e);
    progress_done(&reading->bars);
    const struct err *why = &reading->download.why;
    if (r < 0 && why->code > 0) /* what cut it short is the reason */
        return err_set(e, why->code, "%s", why->msg);
    if (r == 0)
        printf("%s\n", id);
    return r;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    struct reading reading = {
        .from = call->operands.v[0],
        .fd = -1,
        .now.id = basename(call->operands.v[0]),
        .bars = {.action = "Importing", .is_shown = isatty(STDOUT_FILENO)},
    };
    int r = open_file(&reading, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r == 0)
        r = open_remote(&reading, e);
    if (r == 0)
        r = import(call, engine, &reading, e);
    close_reading(&reading);
    return r;
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
