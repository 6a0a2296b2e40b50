/*
 * oci_runtime.h - containers by name, for engines: the operations of
 * runtime.md.
 *
 * An engine (podman, containerd) keeps no hold on a container's process: each
 * operation is a process of its own, `create` ends while the container waits,
 * and `start` comes later. What the operations know of each other lies in a
 * directory per container, below the state root:
 *
 *     ROOT/ID/lock         flock(2): one operation that changes it at a time
 *     ROOT/ID/state.json   who it is, since its first moment; its hooks
 *     ROOT/ID/config.json  what it was asked to be, a copy
 *     ROOT/ID/start        unix(7) socket: where it waits to be started
 *     ROOT/.cache/         compiled seccomp filters
 *
 *     auto_oci_runtime struct oci_runtime runtime = OCI_RUNTIME_INIT;
 *     struct oci_order order = {.bundle = "."};
 *     oci_runtime_open(&runtime, "/run/mini-runc", &e);
 *     oci_create(&runtime, "web", &order, &e);
 *     oci_start(&runtime, "web", &e);
 *     oci_delete(&runtime, "web", true, NULL, &e);
 *
 * The status is never written down, since nobody would be there to keep it
 * true: it is what the kernel says (OCI_CREATED: somebody waits at the socket).
 * Killed at any moment, an operation leaves a container that the next create of
 * that name or delete takes away.
 *
 * Engines know some errors by their words alone ("container not running",
 * "does not exist", "executable file not found"): these are runc's.
 *
 * Errors worth telling apart: -ENOENT (no such container), -EEXIST, -EINVAL (a
 * bad id or config), -EBUSY (another operation is at it), -ESRCH (not in the
 * status that the operation needs). Needs what ctr.h needs.
 */
#ifndef OCI_RUNTIME_H
#define OCI_RUNTIME_H

#include "ctr.h"
#include "oci.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct oci_runtime {
    char *root;
    int rootfd;
};
#define auto_oci_runtime __attribute__((cleanup(oci_runtime_close)))
#define OCI_RUNTIME_INIT                                                       \
    {                                                                          \
        .rootfd = -1                                                           \
    }
/* The state root `root`, made if missing; NULL: /run/mini-runc, or below
 * rootless_run_dir for those who are not root, or only in a user namespace. */
int oci_runtime_open(struct oci_runtime *ret, const char *root, struct err *e);
void oci_runtime_close(struct oci_runtime *runtime);

enum oci_status {
    OCI_CREATING,
    OCI_CREATED,
    OCI_RUNNING,
    OCI_PAUSED,
    OCI_STOPPED,
};
const char *oci_status_name(enum oci_status status);

/* What create and run are told beside the bundle. */
struct oci_order {
    const char *bundle;
    const char *config;         /* its file there, or elsewhere if that begins
                                 * with "/"; NULL: config.json */
    const char *console_socket; /* path, or NULL */
    int console_fd;             /* or a socket that is open already; 0: none */
    const char *pid_file;       /* or NULL */
    const char *pidfd_socket;   /* where a pidfd is sent, or NULL */
    unsigned int keep_fds;      /* beyond 2: it inherits so many */
    unsigned int listen_fds;    /* the first of these are sockets that it is
                                 * told of: sd_listen_fds(3) */
    bool keep_keyring;          /* --no-new-keyring */
    bool no_pivot;              /* --no-pivot */
    bool dies_with_us;          /* a container in the foreground */
    int stdio[3];
    /* Fills in stdio and console_fd of (a copy of) this order, when it is known
     * whether process.terminal is true; NULL: they are there. */
    int (*streams)(struct oci_order *order, bool terminal, struct err *e);
    void *arg; /* for its use */
    /* Told what of the config is not done, and why: limits, where nobody lets
     * an ordinary user make a group, capabilities that cannot be granted, and
     * poststop hooks that fail; may be NULL. */
    void (*warn)(const char *message);
};

/* Make a container that waits to be started. On error nothing is left. */
int oci_create(const struct oci_runtime *runtime, const char *id,
               const struct oci_order *order, struct err *e);
/* Let it run: returns when its program does. */
int oci_start(const struct oci_runtime *runtime, const char *id, struct err *e);
/* Both at once; a pidfd of the process, whose caller waits for it. */
int oci_run(const struct oci_runtime *runtime, const char *id,
            const struct oci_order *order, struct err *e);
/* Its process, or with `all` every process in its group, gets the signal. */
int oci_kill(const struct oci_runtime *runtime, const char *id, int signal,
             bool all, struct err *e);
/* Take away all that is left of it. What still runs is an error, unless
 * `force` ends it; then a container that is not there is none either. `warn` is
 * told of poststop hooks that fail; it may be NULL. */
int oci_delete(const struct oci_runtime *runtime, const char *id, bool force,
               void (*warn)(const char *message), struct err *e);
int oci_pause(const struct oci_runtime *runtime, const char *id, struct err *e);
int oci_resume(const struct oci_runtime *runtime, const char *id,
               struct err *e);
int oci_update(const struct oci_runtime *runtime, const char *id,
               const struct cg_limits *limits, struct err *e);

/* What `state` prints (runtime.md, "State"), and rootfs, created and owner
 * beside it as runc adds them. New reference. */
int oci_state(const struct oci_runtime *runtime, const char *id, json_t **ret,
              struct err *e);
/* The states of all containers. New reference. */
int oci_list(const struct oci_runtime *runtime, json_t **ret, struct err *e);
/* The processes in its group; the caller frees. */
int oci_processes(const struct oci_runtime *runtime, const char *id,
                  pid_t **ret, size_t *ret_n, struct err *e);
/* What `events --stats` prints as "data". New reference. */
int oci_stats(const struct oci_runtime *runtime, const char *id, json_t **ret,
              struct err *e);
/* How often the kernel killed in it for memory. */
uint64_t oci_oom_kills(const struct oci_runtime *runtime, const char *id);
/* A descriptor that polls readable when it may have met OOM, see cg.h. */
int oci_watch_oom(const struct oci_runtime *runtime, const char *id,
                  struct err *e);

/* Fill in the container's config, its filter compiled; its process is what an
 * exec starts from. `ret` is OCI_CONFIG_INIT. */
int oci_exec_default(const struct oci_runtime *runtime, const char *id,
                     struct oci_config *ret, struct err *e);

/* What exec is told; `config`, whose process is executed, is borrowed (a HOME
 * may be added to its environment). */
struct oci_exec {
    struct oci_config *config;
    const char *console_socket;
    int console_fd;
    const char *pid_file;
    const char *pidfd_socket;
    const char *cgroup; /* below the container's, or NULL */
    bool ignore_paused;
    bool dies_with_us;
    int stdio[3];
    void (*warn)(const char *message); /* as in an order */
};
/* A pidfd of the new process, whose program runs. */
int oci_exec(const struct oci_runtime *runtime, const char *id,
             const struct oci_exec *exec, struct err *e);

/* What this build can do: the specification's features.md. New reference. */
json_t *oci_features(void);

#endif
