/* Signal names, both ways. See proc.h. */
#include "proc.h"

#include "text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* signal(7). The numbers differ between architectures, the names do not. */
static const struct {
    const char *name;
    int number;
} signals[] = {
    {"ABRT",   SIGABRT  },
    {"ALRM",   SIGALRM  },
    {"BUS",    SIGBUS   },
    {"CHLD",   SIGCHLD  },
    {"CONT",   SIGCONT  },
    {"FPE",    SIGFPE   },
    {"HUP",    SIGHUP   },
    {"ILL",    SIGILL   },
    {"INT",    SIGINT   },
    {"IO",     SIGIO    },
    {"KILL",   SIGKILL  },
    {"PIPE",   SIGPIPE  },
    {"PROF",   SIGPROF  },
    {"PWR",    SIGPWR   },
    {"QUIT",   SIGQUIT  },
    {"SEGV",   SIGSEGV  },
    {"STKFLT", SIGSTKFLT},
    {"STOP",   SIGSTOP  },
    {"SYS",    SIGSYS   },
    {"TERM",   SIGTERM  },
    {"TRAP",   SIGTRAP  },
    {"TSTP",   SIGTSTP  },
    {"TTIN",   SIGTTIN  },
    {"TTOU",   SIGTTOU  },
    {"URG",    SIGURG   },
    {"USR1",   SIGUSR1  },
    {"USR2",   SIGUSR2  },
    {"VTALRM", SIGVTALRM},
    {"WINCH",  SIGWINCH },
    {"XCPU",   SIGXCPU  },
    {"XFSZ",   SIGXFSZ  },
 /* Second names come after the first ones. */
    {"CLD",    SIGCHLD  },
    {"IOT",    SIGABRT  },
    {"POLL",   SIGIO    },
};

/* Real-time signals are counted from either end of their range. */
static const char *const from_min[] = {
    "RTMIN",    "RTMIN+1",  "RTMIN+2",  "RTMIN+3",  "RTMIN+4",  "RTMIN+5",
    "RTMIN+6",  "RTMIN+7",  "RTMIN+8",  "RTMIN+9",  "RTMIN+10", "RTMIN+11",
    "RTMIN+12", "RTMIN+13", "RTMIN+14", "RTMIN+15",
};
static const char *const from_max[] = {
    "RTMAX",    "RTMAX-1",  "RTMAX-2",  "RTMAX-3",  "RTMAX-4",
    "RTMAX-5",  "RTMAX-6",  "RTMAX-7",  "RTMAX-8",  "RTMAX-9",
    "RTMAX-10", "RTMAX-11", "RTMAX-12", "RTMAX-13", "RTMAX-14",
};
#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

int proc_signal_number(const char *name)
{
    uint64_t number;
    if (text_to_u64(name, &number) == 0)
        return number >= 1 && number <= (uint64_t)SIGRTMAX ? (int)number
                                                           : -EINVAL;
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 0; i < COUNT(signals); i++)
        if (strcasecmp(name, signals[i].name) == 0)
            return signals[i].number;
    for (int i = 0; i < COUNT(from_min); i++)
        if (strcasecmp(name, from_min[i]) == 0)
            return SIGRTMIN + i;
    for (int i = 0; i < COUNT(from_max); i++)
        if (strcasecmp(name, from_max[i]) == 0)
            return SIGRTMAX - i;
    return -EINVAL;
}

const char *proc_signal_name(int signal)
{
    for (int i = 0; i < COUNT(signals); i++)
        if (signals[i].number == signal)
            return signals[i].name;
    if (signal >= SIGRTMIN && signal < SIGRTMIN + COUNT(from_min))
        return from_min[signal - SIGRTMIN];
    if (signal <= SIGRTMAX && signal > SIGRTMAX - COUNT(from_max))
        return from_max[SIGRTMAX - signal];
    return NULL;
}
