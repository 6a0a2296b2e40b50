/*
 * outsider PID DIRECTORY - lays hands on a process that is not in the
 * container: kill(2), ptrace(2), and its view of the files, /proc/PID/root in
 * proc(5). What stops it is not to be seen: pid_namespaces(7).
 *
 * The test gives a canary of its own: no signal is sent (0 only asks), and what
 * is traced is let go at once.
 */
#include "attack.h"

#include <signal.h>
#include <sys/ptrace.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    pid_t pid = (pid_t)strtol(argv[1], NULL, 10);
    char path[200];
    attack_answer("kill", kill(pid, 0));
    if (attack_answer("ptrace", ptrace(PTRACE_SEIZE, pid, NULL, NULL)))
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    snprintf(path, sizeof path, "/proc/%d/root%s", pid, argv[2]);
    attack_answer("root", open(path, O_RDONLY));
    return 0;
}
