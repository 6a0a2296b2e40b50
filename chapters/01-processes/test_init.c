/* The contract of init.h. Each test looks at init from outside: at its
 * children in /proc and at its exit code. */
#include "contract.h"
#include "files.h"
#include "init.h"
#include "own.h"
#include "proc.h"
#include "sys.h"
#include "text.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORPHANS 5

/* init_run in a child whose standard input and output are our pipes. */
struct subject {
    pid_t pid;
    int in, out; /* our ends */
};

static struct subject start(const char *script, int flags)
{
    int in[2], out[2];
    ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
    struct clone_args args = {.flags = (uint64_t)flags, .exit_signal = SIGCHLD};
    int pid = sys_clone3(&args, sizeof args);
    contract_needs(pid >= 0, "namespaces");
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]); /* or its readers would never see the end of file */
        char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, own_strdup(script),
                        NULL};
        _exit(init_run(argv));
    }
    close(in[0]);
    close(out[1]);
    return (struct subject){pid, in[1], out[0]};
}

static void await_word(const struct subject *init, const char *word)
{
    char got[16] = "";
    ck_assert_int_gt(read(init->out, got, sizeof got - 1), 0);
    ck_assert_msg(text_starts(got, word), "got \"%s\"", got);
}

static int exit_code(const struct subject *init)
{
    int status;
    ck_assert_int_eq(waitpid(init->pid, &status, 0), init->pid);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int code_of(const char *script)
{
    struct subject init = start(script, 0);
    return exit_code(&init);
}

/* How many children of `parent` are in one of `states`; *ret_any is one. */
static int count_children(pid_t parent, const char *states, pid_t *ret_any)
{
    int count = 0;
    auto_dir DIR *proc = opendir("/proc");
    struct dirent *entry;
    while ((entry = readdir(proc)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        auto_text struct text stat = {0};
        auto_free char *path = text_format("/proc/%s/stat", entry->d_name);
        if (files_read(AT_FDCWD, path, &stat, NULL) < 0)
            continue; /* gone since */
        char state;
        int ppid;
        if (sscanf(strrchr(stat.s, ')'), ") %c %d", &state, &ppid) != 2 ||
            ppid != parent || strchr(states, state) == NULL)
            continue;
        count++;
        *ret_any = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    return count;
}

#define ALIVE "RSDTtI"
#define DEAD "ZX"

/* Until `parent` has `count` children in one of `states`. Gives up when it
 * has ended: then it will never have them. Returns one of them. */
static pid_t await_children(pid_t parent, const char *states, int count)
{
    pid_t any = 0;
    while (count_children(parent, states, &any) != count) {
        siginfo_t end = {0};
        waitid(P_PID, (id_t)parent, &end, WEXITED | WNOHANG | WNOWAIT);
        ck_assert_msg(end.si_pid == 0, "init has ended: %d", end.si_status);
        sched_yield();
    }
    return any;
}

START_TEST(init_ends_with_the_code_of_its_child)
{
    ck_assert_int_eq(code_of("exit 0"), 0);
    ck_assert_int_eq(code_of("exit 7"), 7);
    ck_assert_int_eq(code_of("kill -9 $$"), 137);
    ck_assert_int_eq(code_of("kill -15 $$"), 143);
}
END_TEST

START_TEST(init_tells_missing_from_not_executable)
{
    ck_assert_int_eq(freopen("/dev/null", "w", stderr) != NULL, 1);
    char missing[] = "/no/such/program", text[] = "/proc/version";
    char *argv[] = {missing, NULL};
    ck_assert_int_eq(init_run(argv), 127);
    argv[0] = text;
    ck_assert_int_eq(init_run(argv), 126);
}
END_TEST

START_TEST(lab_1_6_init_reaps_orphans)
{
    /* The orphans hold standard input open and end with it. */
    struct subject init = start("exec 3<&0; for i in 1 2 3 4 5; do "
                                "(cat <&3 >/dev/null &) ; done; exec 3<&-; "
                                "echo ready; exec sleep 1000 <&-",
                                0);
    await_word(&init, "ready");
    /* Each pair of parentheses has ended, so its cat is init's child now. */
    await_children(init.pid, ALIVE, 1 + ORPHANS);
    /* They end while it stands still, so that one signal tells of all. */
    kill(init.pid, SIGSTOP);
    close(init.in);
    await_children(init.pid, DEAD, ORPHANS);
    kill(init.pid, SIGCONT);
    pid_t child = await_children(init.pid, ALIVE DEAD, 1);
    kill(child, SIGKILL);
    ck_assert_int_eq(exit_code(&init), 137);
}
END_TEST

START_TEST(lab_1_6_a_stopped_child_has_not_ended)
{
    struct subject init = start("kill -STOP $$; exit 5", 0);
    pid_t child = await_children(init.pid, "T", 1);
    ck_assert_int_eq(waitpid(init.pid, NULL, WNOHANG), 0);
    kill(child, SIGCONT);
    ck_assert_int_eq(exit_code(&init), 5);
}
END_TEST

/* Is a signal waiting to be fetched? Not where the process has ended. */
static bool is_pending(pid_t pid, int signal)
{
    auto_text struct text status = {0};
    auto_free char *path = text_format("/proc/%d/status", (int)pid);
    unsigned long pending = 0;
    const char *line = files_read(AT_FDCWD, path, &status, NULL) < 0
                           ? NULL
                           : strstr(status.s, "\nShdPnd:");
    return line != NULL && sscanf(line, " ShdPnd: %lx", &pending) == 1 &&
           (pending >> (signal - 1) & 1) != 0;
}

START_TEST(lab_1_6_who_has_not_ended_is_not_waited_for)
{
    struct subject init = start("kill -STOP $$; exit 5", 0);
    pid_t child = await_children(init.pid, "T", 1);
    /* It fetches the next signal, whatever it does with that. */
    kill(init.pid, SIGWINCH);
    bool waits = true;
    for (int ms = 0; waits && ms < 2000; ms++) {
        poll(NULL, 0, 1);
        waits = is_pending(init.pid, SIGWINCH);
    }
    kill(child, SIGKILL);
    ck_assert_msg(!waits, "it waits for a child that was stopped");
}
END_TEST

/* As the true pid 1, for which the kernel throws away what is not handled. */
static void check_forward(int flags)
{
    struct subject init =
        start("trap 'exit 42' TERM; echo ready; read x; exit 1", flags);
    await_word(&init, "ready");
    kill(init.pid, SIGTERM);
    ck_assert_int_eq(exit_code(&init), 42);
}

START_TEST(lab_1_7_init_forwards_a_signal)
{
    check_forward(0);
}
END_TEST

START_TEST(lab_1_7_init_forwards_a_signal_as_pid_1)
{
    check_forward(geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWPID | CLONE_NEWUSER);
}
END_TEST

START_TEST(lab_1_7_a_child_stops_and_goes_on)
{
    struct subject init = start("echo ready; read x; exit 6", 0);
    await_word(&init, "ready");
    kill(init.pid, SIGTSTP);
    await_children(init.pid, "T", 1);
    kill(init.pid, SIGCONT);
    ck_assert_int_eq(write(init.in, "\n", 1), 1);
    ck_assert_int_eq(exit_code(&init), 6);
}
END_TEST

START_TEST(the_child_starts_with_the_mask_we_had)
{
    /* SigBlk of the shell's child, as /proc shows it: all zeros. */
    struct subject init = start("grep -q '^SigBlk:.0*$' /proc/self/status", 0);
    ck_assert_int_eq(exit_code(&init), 0);
}
END_TEST

START_TEST(the_terminal_goes_to_the_child)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    contract_needs(master >= 0 && grantpt(master) == 0 &&
                       unlockpt(master) == 0 &&
                       ptsname_r(master, name, sizeof name) == 0,
                   "a pseudo-terminal");
    pid_t pid = fork();
    if (pid == 0) {
        /* Whoever runs us in the background ignores it. */
        signal(SIGINT, SIG_DFL);
        setsid();
        int tty = open(name, O_RDWR | O_CLOEXEC); /* becomes controlling */
        dup2(tty, STDIN_FILENO);
        /* It reads by itself: a shell that is starting a program may lose
         * what the terminal, at its leisure, sends then. */
        char *argv[] = {(char[]){"sh"}, (char[]){"-c"},
                        (char[]){"kill -STOP $$; read x"}, NULL};
        _exit(init_run(argv));
    }
    pid_t child = await_children(pid, "T", 1);
    ck_assert_int_eq(tcgetpgrp(master), child);
    ck_assert_int_ne(child, pid);
    /* ^C from the keyboard reaches the child, not init. */
    ck_assert_int_eq(write(master, "\003", 1), 1);
    kill(child, SIGCONT);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 130);
    close(master);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, init_ends_with_the_code_of_its_child);
    tcase_add_test(tests, init_tells_missing_from_not_executable);
    tcase_add_test(tests, lab_1_6_init_reaps_orphans);
    tcase_add_test(tests, lab_1_6_a_stopped_child_has_not_ended);
    tcase_add_test(tests, lab_1_6_who_has_not_ended_is_not_waited_for);
    tcase_add_test(tests, lab_1_7_init_forwards_a_signal);
    tcase_add_test(tests, lab_1_7_init_forwards_a_signal_as_pid_1);
    tcase_add_test(tests, lab_1_7_a_child_stops_and_goes_on);
    tcase_add_test(tests, the_child_starts_with_the_mask_we_had);
    tcase_add_test(tests, the_terminal_goes_to_the_child);
}

int main(void)
{
    return contract_main("init", add);
}
