/* mini-docker save: images as an archive. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"output", 'o', &option_string, "Output",
     "Write to a file, instead of STDOUT"},
    {"platform", 0, &option_list, OPTION_NOT_YET,
     "Save only the given platforms"},
    {0},
};
/* clang-format on */

static int save(struct call *call, int fd, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    int r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_enter(engine, e);
    return r < 0 ? r
                 : image_save(engine_images(engine), &call->operands, fd, e);
}

/* Half an archive never has the name that was asked for. */
static int save_to_file(struct call *call, const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(e, EINVAL,
                       "failed to save image: invalid output path: \"%s\" must "
                       "be a regular file",
                       path);
    auto_free char *temporary = text_format("%s.new%d", path, (int)getpid());
    auto_fd int fd = sys_openat(AT_FDCWD, temporary,
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, fd, "failed to save image: open %s", path);
    int r = save(call, fd, e);
    if (r >= 0) {
        r = sys_renameat2(AT_FDCWD, temporary, AT_FDCWD, path, 0);
        if (r < 0)
            err_sys(e, r, "rename %s", path);
    }
    if (r < 0)
        sys_unlinkat(AT_FDCWD, temporary, 0);
    return r;
}

static int run(struct call *call, struct err *e)
{
    const char *path = field_string(call->doc, "Output");
    if (path != NULL && path[0] != '\0')
        return save_to_file(call, path, e);
    if (isatty(STDOUT_FILENO))
        return err_set(e, EINVAL,
                       "cowardly refusing to save to a terminal. Use the -o "
                       "flag or redirect");
    return save(call, STDOUT_FILENO, e);
}

const struct command command_save = {
    .name = "save",
    .aliases = {"image save"},
    .synopsis = "[OPTIONS] IMAGE [IMAGE...]",
    .summary = "Save one or more images to a tar archive (streamed to STDOUT "
               "by default)",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
