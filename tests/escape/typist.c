/*
 * typist - types at the terminal of whoever started the container: what is
 * pushed into a terminal's input with TIOCSTI, ioctl_tty(2), is read by the
 * shell there when the container has ended (CVE-2016-2568 and others).
 *
 * What is typed is a comment.
 */
#include "attack.h"

#include <sys/ioctl.h>

int main(void)
{
    for (int fd = 0; fd < 3; fd++) {
        char what[20];
        snprintf(what, sizeof what, "TIOCSTI %d", fd);
        attack_answer(what, ioctl(fd, TIOCSTI, "#"));
    }
    int tty = open("/dev/tty", O_RDWR);
    if (attack_answer("/dev/tty", tty))
        attack_answer("TIOCSTI", ioctl(tty, TIOCSTI, "#"));
    return 0;
}
