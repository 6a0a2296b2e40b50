/*
 * calls - system calls that reach for the kernel itself, with arguments that
 * do nothing: seccomp(2) and Docker's default profile, capabilities(7).
 *
 * Whoever may make the call gets another answer than EPERM: that there is no
 * such file, that an address or a number makes no sense. Nothing is loaded,
 * booted or set.
 */
#include "attack.h"

#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* From a child, since some of them succeed. */
static void try(const char *name, long number, const long *a)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        long r = syscall(number, a[0], a[1], a[2], a[3], a[4]);
        if (r == 0 && number == SYS_clone)
            _exit(0); /* the child of the child */
        attack_answer(name, r);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

#define NOWHERE ((long)"/nowhere")
static const struct {
    const char *name;
    long number, arguments[5];
} calls[] = {
    {"unshare",           SYS_unshare,           {CLONE_NEWUSER}                },
    {"clone",             SYS_clone,             {CLONE_NEWUSER | SIGCHLD}      },
    {"clone3",            SYS_clone3,            {0, 0}                         },
    {"setns",             SYS_setns,             {-1, 0}                        },
    {"mount",             SYS_mount,             {NOWHERE, NOWHERE, NOWHERE}    },
    {"umount2",           SYS_umount2,           {NOWHERE, 0}                   },
    {"fsopen",            SYS_fsopen,            {NOWHERE, 0}                   },
    {"open_tree",         SYS_open_tree,         {-1, NOWHERE, 1}               },
    {"pivot_root",        SYS_pivot_root,        {NOWHERE, NOWHERE}             },
    {"open_by_handle_at", SYS_open_by_handle_at, {-1, 0, 0}                     },
    {"bpf",               SYS_bpf,               {-1, 0, 0}                     },
    {"perf_event_open",   SYS_perf_event_open,   {0, 0, -1, -1, 0}              },
    {"userfaultfd",       SYS_userfaultfd,       {-1}                           },
    {"io_uring_setup",    SYS_io_uring_setup,    {1, 0}                         },
    {"add_key",           SYS_add_key,           {0, 0, 0, 0, 0}                },
    {"keyctl",            SYS_keyctl,            {KEYCTL_GET_KEYRING_ID, -99, 0}},
    {"init_module",       SYS_init_module,       {0, 0, 0}                      },
    {"finit_module",      SYS_finit_module,      {-1, NOWHERE, 0}               },
    {"kexec_load",        SYS_kexec_load,        {0, 17, 0, -1}                 },
    {"reboot",            SYS_reboot,            {0, 0, 0}                      },
    {"swapon",            SYS_swapon,            {NOWHERE, 0}                   },
    {"acct",              SYS_acct,              {NOWHERE}                      },
    {"syslog",            SYS_syslog,            {3, 0, -1}                     },
    {"settimeofday",      SYS_settimeofday,      {1, 0}                         },
    {"vsock",             SYS_socket,            {40, SOCK_STREAM, 0}           },
};

int main(void)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        try(calls[i].name, calls[i].number, calls[i].arguments);
    return 0;
}
