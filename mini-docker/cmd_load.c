/* mini-docker load: images from an archive. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "progress.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"input", 'i', &option_string, "Input",
     "Read from tar archive file, instead of STDIN"},
    {"platform", 0, &option_string, "Platform",
     "Load only the given platform variant. Formatted as "
     "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    {"quiet", 'q', &option_bool, "Quiet", "Suppress the load output"},
    {0},
};
/* clang-format on */

static int open_input(const struct call *call, struct err *e)
{
    const char *path = field_string(call->doc, "Input");
    if (path != NULL && path[0] != '\0') {
        int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
        return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
    }
    if (isatty(STDIN_FILENO))
        return err_set(e, EINVAL,
                       "requested load from stdin, but stdin is empty");
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? err_sys(e, errno, "read standard input") : fd;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_fd int fd = open_input(call, e);
    if (fd < 0)
        return -e->code;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    if (r < 0)
        return r;
    auto_progress struct progress progress = {
        .action = "Loading layer",
        .is_shown = isatty(STDOUT_FILENO) && !field_bool(call->doc, "Quiet"),
    };
    auto_strv struct strv said = {0};
    struct image_load what = {
        .source = {.read = command_read_fd, .arg = &fd},
        .platform = field_string(call->doc, "Platform"),
        .said = &said,
        .progress = progress.is_shown ? progress_tell : NULL,
        .arg = &progress,
    };
    r = image_load(engine_images(engine), &what, e);
    progress_done(&progress);
    for (size_t i = 0; i < said.n && r == 0; i++)
        printf("%s\n", said.v[i]);
    return r;
}

const struct command command_load = {
    .name = "load",
    .aliases = {"image load"},
    .synopsis = "[OPTIONS]",
    .summary = "Load an image from a tar archive or STDIN",
    .options = options,
    .run = run,
};
