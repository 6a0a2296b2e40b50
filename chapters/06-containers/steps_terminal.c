/*
 * Steps of chapter 03 and 01: a terminal of the container's own.
 *
 * A pseudo-terminal, pty(7), is a pair: what is written to the master comes
 * out of the slave as if it had been typed. The slave is the container's, from
 * the devpts that was mounted for it, so that ttyname(3) works inside; the
 * master goes to whoever sits in front of it.
 */
#include "steps.h"

#include "dev.h"
#include "files.h"
#include "own.h"
#include "sys.h"
#include "talk.h"

#include <errno.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

bool ctr_has_terminal(const struct ctr *ctr)
{
    return ctr->spec->process.terminal;
}

int ctr_check_terminal(const struct ctr *ctr, struct err *e)
{
    if (ctr_has_terminal(ctr) && ctr->options.console_socket <= 0)
        return err_set(e, EINVAL, "a terminal needs a console socket");
    return 0;
}

/* The image may have put anything there. What was opened is looked at before
 * it is used; O_NONBLOCK, since opening a fifo waits for its writer. */
static int open_master(int rootfd, struct err *e)
{
    auto_fd int master = files_open_in(rootfd, "/dev/pts/ptmx",
                                       O_RDWR | O_NOCTTY | O_NONBLOCK, 0, e);
    struct stat st;
    struct statfs fs;
    if (master < 0)
        return master;
    if (fstat(master, &st) < 0 || fstatfs(master, &fs) < 0 ||
        fcntl(master, F_SETFL, O_RDWR) < 0)
        return err_sys(e, errno, "/dev/pts/ptmx");
    if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2) ||
        fs.f_type != DEVPTS_SUPER_MAGIC)
        return err_set(e, ENODEV, "/dev/pts/ptmx is no terminal multiplexer");
    return fd_take(&master);
}

/* The other end by descriptor: its name would have to be looked up among files
 * of the image. */
static int open_slave(int master, struct err *e)
{
    int locked = 0;
    int r = sys_ioctl(master, TIOCSPTLCK, &locked);
    if (r == 0)
        r = sys_ioctl(master, TIOCGPTPEER,
                      (void *)(uintptr_t)(O_RDWR | O_NOCTTY | O_CLOEXEC));
    return r < 0 ? err_sys(e, r, "open the terminal") : r;
}

static int set_up(int slave, const struct spec_process *process, struct err *e)
{
    struct winsize size = {.ws_row = process->rows, .ws_col = process->columns};
    int r = size.ws_row != 0 || size.ws_col != 0
                ? sys_ioctl(slave, TIOCSWINSZ, &size)
                : 0;
    if (r < 0)
        return err_sys(e, r, "set the size of the terminal");
    /* The group is devpts' business (its option gid=). */
    if (process->uid != 0 && fchown(slave, process->uid, (gid_t)-1) < 0)
        return err_sys(e, errno, "give the terminal to uid %u", process->uid);
    return 0;
}

/* The slave as standard streams, and as what Ctrl-C is typed at. */
static int take_over(int slave, struct err *e)
{
    /* We lead a session since birth, which has no terminal yet. */
    int r = sys_ioctl(slave, TIOCSCTTY, NULL);
    for (int i = 0; i < 3 && r >= 0; i++)
        r = sys_dup3(slave, i, 0);
    return r < 0 ? err_sys(e, r, "take over the terminal") : 0;
}

static int make_terminal(struct ctr *ctr, int rootfd, bool console,
                         struct err *e)
{
    auto_fd int master = open_master(rootfd, e);
    auto_fd int slave = master < 0 ? master : open_slave(master, e);
    if (slave < 0)
        return slave;
    int r = set_up(slave, &ctr->spec->process, e);
    if (r == 0 && console)
        r = dev_bind(rootfd, slave, "/dev/console", e);
    if (r == 0) /* the words are those that runc says */
        r = talk_send_fd_as(ctr->options.console_socket, master, "/dev/ptmx",
                            e);
    return r < 0 ? r : take_over(slave, e);
}

int ctr_in_terminal(struct ctr *ctr, struct err *e)
{
    return make_terminal(ctr, ctr->rootfd, true, e);
}

int ctr_in_exec_terminal(struct ctr *ctr, struct err *e)
{
    auto_fd int root =
        sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (root < 0)
        return err_sys(e, root, "open /");
    return make_terminal(ctr, root, false, e);
}
