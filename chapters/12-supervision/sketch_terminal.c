/*
 * A pty relay by raw system calls: a child with a terminal of its own, ours
 * as a mere wire to it, and a loop that carries bytes and sizes.
 *     cc -Wall -Wextra -o sketch_terminal sketch_terminal.c
 *     ./sketch_terminal sh        # then: tty, stty size, ^C, ^Z, exit
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void must(long result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(125);
    }
}

/* 0 at the end, also that of a terminal that nobody has open (EIO). */
static int carry(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes), done = 0, wrote = 0;
    for (; done < n && wrote >= 0; done += wrote)
        wrote = write(to, bytes + done, (size_t)(n - done));
    return n > 0 && wrote >= 0;
}

static void copy_size(int master)
{
    struct winsize size;
    if (ioctl(0, TIOCGWINSZ, &size) == 0)
        ioctl(master, TIOCSWINSZ, &size); /* its processes get a SIGWINCH */
}

static void become(int master, char **argv)
{
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR);
    must(slave, "TIOCGPTPEER");
    setsid(); /* only who leads a session can take a terminal */
    must(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
    for (int i = 0; i < 3; i++)
        dup2(slave, i);
    must(execvp(argv[1], argv + 1), argv[1]);
}

int main(int argc, char **argv)
{
    int unlock = 0, status = 0, master;
    struct termios old, raw;
    sigset_t set;
    if (argc < 2)
        return 2;
    must(master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "ptmx");
    must(ioctl(master, TIOCSPTLCK, &unlock), "TIOCSPTLCK");
    copy_size(master);
    pid_t pid = fork();
    must(pid, "fork");
    if (pid == 0)
        become(master, argv);
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    must(tcgetattr(0, &old), "standard input");
    raw = old;
    cfmakeraw(&raw); /* echo, lines, ^C: the other terminal does all that */
    tcsetattr(0, TCSANOW, &raw);
    struct pollfd fds[3] = {[1].fd = master};
    fds[2].fd = signalfd(-1, &set, SFD_CLOEXEC);
    fds[0].events = fds[1].events = fds[2].events = POLLIN;
    while (poll(fds, 3, -1) > 0) {
        struct signalfd_siginfo info;
        if (fds[0].revents != 0 && !carry(0, master))
            fds[0].fd = -1;
        if (fds[2].revents != 0 && read(fds[2].fd, &info, sizeof info) > 0)
            copy_size(master);
        if (fds[1].revents != 0 && !carry(master, 1))
            break;
    }
    tcsetattr(0, TCSANOW, &old);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
