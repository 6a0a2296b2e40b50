#include "output.h"

#include "command.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int output_add(void *arg, const void *bytes, size_t len)
{
    const int *fd = arg;
    return files_write_all(*fd, bytes, len);
}

void output_notice(void *arg, const char *line)
{
    (void)arg;
    command_complain(line);
}

/* Half an archive never has the name that was asked for. */
static int to_file(const char *path, const char *failure,
                   int (*write)(void *arg, int fd, struct err *e), void *arg,
                   struct err *e)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(e, EISDIR, "%s: cannot write to a directory", failure);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(e, EINVAL,
                       "%s: invalid output path: \"%s\" must be a regular file",
                       failure, path);
    auto_free char *temporary = text_format("%s.new%d", path, (int)getpid());
    auto_fd int fd = sys_openat(AT_FDCWD, temporary,
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, fd, "%s: open %s", failure, path);
    int r = write(arg, fd, e);
    if (r >= 0) {
        r = sys_renameat2(AT_FDCWD, temporary, AT_FDCWD, path, 0);
        if (r < 0)
            err_sys(e, r, "rename %s", path);
    }
    if (r < 0)
        sys_unlinkat(AT_FDCWD, temporary, 0);
    return r;
}

int output_write(const char *path, const char *failure,
                 int (*write)(void *arg, int fd, struct err *e), void *arg,
                 struct err *e)
{
    if (path != NULL && path[0] != '\0')
        return to_file(path, failure, write, arg, e);
    if (isatty(STDOUT_FILENO))
        return err_set(e, EINVAL,
                       "cowardly refusing to save to a terminal. Use the -o "
                       "flag or redirect");
    return write(arg, STDOUT_FILENO, e);
}
