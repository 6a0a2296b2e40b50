/* mini-docker import: an image from the tar of a root file system. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"change", 'c', &option_list, "Changes",
     "Apply Dockerfile instruction to the created image"},
    {"message", 'm', &option_string, "Message",
     "Set commit message for imported image"},
    {"platform", 0, &option_string, OPTION_NOT_YET,
     "Set the platform of the image"},
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
    struct image_import what = {
        .source = {.read = command_read_fd, .arg = &fd},
        .name = call->operands.n > 1 ? call->operands.v[1] : NULL,
        .changes = &changes,
        .message = field_string(call->doc, "Message"),
    };
    r = image_import(engine_images(engine), &what, id, e);
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
