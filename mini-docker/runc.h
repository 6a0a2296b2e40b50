/*
 * runc.h - the same program under the name mini-runc: an OCI runtime.
 *
 * podman, containerd and Kubernetes call a runtime as a program, with the
 * command line that runc has (runc(8), crun(1)): global options, a command, its
 * options, a container's id. Here it is read and handed to chapter 06's
 * oci_runtime.h; no mechanism lives here.
 *
 *     mini-runc run --bundle /srv/web web
 *
 * Errors go to standard error, and with --log to a file as well, in one of two
 * forms; engines read the JSON. Exit status: that of the program for run and
 * exec, else 0 or 1, 255 where exec could not be done, and 3 where there is no
 * such command.
 */
#ifndef RUNC_H
#define RUNC_H

#include "err.h"
#include "oci_runtime.h"
#include "option.h"
#include "relay.h"
#include "text.h"

#include <stdbool.h>

struct runc_call {
    const struct runc_command *command;
    const json_t *global;        /* what the global options said */
    json_t *doc;                 /* what its own options said */
    struct strv operands;        /* what is no option */
    struct oci_runtime *runtime; /* open */
    const char *id;              /* the first operand, or NULL */
    int failure;                 /* exit status if it fails now; 0: 1 */
};

struct runc_command {
    const char *name, *synopsis, *summary;
    const struct option *options;
    size_t min_operands, max_operands;
    bool stop_at_operand;
    int failure; /* exit status where run fails; 0: 1 */
    /* The exit status, or -errno. */
    int (*run)(struct runc_call *call, struct err *e);
};

extern const struct runc_command runc_create, runc_run, runc_start, runc_exec,
    runc_state, runc_list, runc_ps, runc_kill, runc_delete, runc_pause,
    runc_resume, runc_update, runc_events, runc_spec, runc_features;

/* The program: exit status. */
int runc_main(char **argv);

/* For who goes on: one line on standard error. */
void runc_warn(const char *message);

/* Print a document as runc does, indented by two. */
void runc_print_json(const json_t *doc);

/* runc_follow.c: a process in the foreground. What has to be set up before it
 * is made, and what follows. */
struct runc_foreground {
    bool terminal;
    int console[2]; /* socket pair, for the terminal's master */
    struct relay relay;
};
#define RUNC_FOREGROUND_INIT                                                   \
    {                                                                          \
        .console = {-1, -1}, .relay = RELAY_INIT                               \
    }
/* `ret` is RUNC_FOREGROUND_INIT; ret_stdio and *ret_console are what the
 * process is to be given. */
int runc_foreground_open(struct runc_foreground *ret, bool terminal,
                         int ret_stdio[3], int *ret_console, struct err *e);
/* Carry its bytes and signals until it has ended: its exit code. */
int runc_foreground_follow(struct runc_foreground *foreground, int pidfd,
                           struct err *e);
void runc_foreground_close(struct runc_foreground *foreground);

#endif
