/*
 * A terminal between two terminals. The container's has a line discipline of
 * its own, which echoes, edits lines and turns ctrl-c into a signal; so ours
 * must do none of that and hand over every byte as it comes (termios(3)).
 */
#include "relay.h"

#include "own.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

void relay_resize(const struct relay *relay)
{
    struct winsize size;
    if (relay->master >= 0 && sys_ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        sys_ioctl(relay->master, TIOCSWINSZ, &size);
}

static void set_raw(struct relay *relay)
{
    if (tcgetattr(STDIN_FILENO, &relay->old_modes) < 0)
        return; /* no terminal of ours */
    struct termios raw = relay->old_modes;
    cfmakeraw(&raw);
    relay->has_modes = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

int relay_set_terminal(struct relay *relay, int master, struct err *e)
{
    relay->master = master;
    struct relay_channel *in = &relay->channels[0], *out = &relay->channels[1];
    in->from = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    in->to = fcntl(master, F_DUPFD_CLOEXEC, 3);
    out->from = fcntl(master, F_DUPFD_CLOEXEC, 3);
    out->to = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (in->to < 0 || out->from < 0)
        return err_sys(e, errno, "terminal");
    if (in->from < 0) /* ours is closed */
        own_close(&in->to);
    relay_resize(relay);
    set_raw(relay);
    return 0;
}
