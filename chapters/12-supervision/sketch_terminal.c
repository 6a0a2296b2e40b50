/* A pty relay by raw system calls: a shell with a terminal of its own, ours as
 * a mere wire to it, and a loop that carries bytes and sizes.
 *     cc -Wall -o sketch_terminal sketch_terminal.c && ./sketch_terminal
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int must(int result, const char *what)
{
    if (result < 0)
        err(125, "%s", what);
    return result;
}

/* 0 at the end, also that of a terminal that nobody has open (EIO). */
static int carry(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes);
    return n > 0 && write(to, bytes, (size_t)n) == n;
}

static void copy_size(int master)
{
    struct winsize size;
    if (ioctl(0, TIOCGWINSZ, &size) == 0)
        ioctl(master, TIOCSWINSZ, &size); /* its processes get a SIGWINCH */
}

static void become_shell(int slave)
{
    setsid(); /* only who leads a session can take a terminal */
    must(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
    for (int i = 0; i < 3; i++)
        dup2(slave, i);
    must(execlp("sh", "sh", NULL), "sh");
}

int main(void)
{
    int unlock = 0, status = 0;
    struct termios old, raw;
    sigset_t set;
    int master = must(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "ptmx");
    must(ioctl(master, TIOCSPTLCK, &unlock), "TIOCSPTLCK");
    must(tcgetattr(0, &old), "standard input");
    copy_size(master);
    if (must(fork(), "fork") == 0)
        become_shell(ioctl(master, TIOCGPTPEER, O_RDWR));
    raw = old;
    cfmakeraw(&raw); /* echo, lines, ^C: the other terminal does all that */
    tcsetattr(0, TCSANOW, &raw);
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct signalfd_siginfo info;
    int resized = must(signalfd(-1, &set, SFD_CLOEXEC), "signalfd");
    struct pollfd fds[3] = {[1].fd = master, [2].fd = resized};
    fds[0].events = fds[1].events = fds[2].events = POLLIN;
    while (poll(fds, 3, -1) > 0) {
        if (fds[0].revents != 0 && !carry(0, master))
            fds[0].fd = -1;
        if (fds[2].revents != 0 && read(resized, &info, sizeof info) > 0)
            copy_size(master);
        if (fds[1].revents != 0 && !carry(master, 1))
            break;
    }
    tcsetattr(0, TCSANOW, &old);
    wait(&status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
