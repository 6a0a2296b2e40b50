/*
 * oci_store.h - one container's directory, open; for the files of
 * oci_runtime.h alone.
 */
#ifndef OCI_STORE_H
#define OCI_STORE_H

#include "oci_runtime.h"

struct oci_container {
    const char *id; /* borrowed */
    int dir, lock;  /* lock: -1 for who only looks */
    json_t *state;  /* state.json, or NULL: it has not come so far */
    struct ctr_identity identity;
};
#define auto_oci_container __attribute__((cleanup(oci_container_close)))
#define OCI_CONTAINER_INIT                                                     \
    {                                                                          \
        .dir = -1, .lock = -1                                                  \
    }
void oci_container_close(struct oci_container *container);

/* Names that may be a directory's: letters, digits, _ + - and dots. */
int oci_check_id(const char *id, struct err *e);

/* Open what is there; `locked` for who is going to change it. -ENOENT. */
int oci_container_open(struct oci_container *ret,
                       const struct oci_runtime *runtime, const char *id,
                       bool locked, struct err *e);
/* Make the directory, locked. Remains of a create that died are taken away;
 * -EEXIST for any other container of that name. */
int oci_container_make(struct oci_container *ret,
                       const struct oci_runtime *runtime, const char *id,
                       struct err *e);
/* For one whose state.json is damaged, which oci_container_open refuses but
 * leaves open: what config.json tells, its control group and its hooks. */
void oci_container_guess(struct oci_container *container);
/* state.json for a config; pid 0 while there is no process. */
int oci_container_save(struct oci_container *container,
                       const struct oci_config *config, pid_t pid,
                       struct err *e);
/* Remove the directory; the lock goes with it. */
int oci_container_remove(const struct oci_container *container,
                         const struct oci_runtime *runtime, struct err *e);

enum oci_status oci_container_status(const struct oci_container *container);
/* Its control group, as the spec names it. Borrowed; NULL: none. */
const char *oci_container_group(const struct oci_container *container);
/* The same, opened for cg_close; -ENOENT: it has none. */
int oci_container_open_group(const struct oci_container *container,
                             struct cg *ret, struct err *e);
/* The copy of config.json. */
int oci_container_config(const struct oci_container *container,
                         struct oci_config *ret, struct err *e);
/* The specification's state, with `status`. New reference. */
json_t *oci_container_state(const struct oci_container *container,
                            enum oci_status status);
/* Run those of its hooks, as they were when it was made, that are for later;
 * `status` is what they are told. As oci_run_hooks. */
int oci_container_hooks(const struct oci_container *container, const char *name,
                        enum oci_status status,
                        void (*warn)(const char *message), struct err *e);
/* The name of the user it belongs to; the caller frees. */
char *oci_container_owner(const struct oci_container *container);

/* oci_hooks.c: run the hooks under `name` ("poststop") in the member "hooks" of
 * `doc`, in order, with the container's state on their standard input. The
 * first that fails ends it; but of "poststop" each is run, and `warn`, unless
 * it is NULL, told which of them fail: runtime.md, "Lifecycle". */
int oci_run_hooks(const json_t *doc, const char *name, const json_t *state,
                  void (*warn)(const char *message), struct err *e);

/* oci_sockets.c: a listening socket `path` below `dir`. Caller closes. */
int oci_listen(int dir, const char *path, struct err *e);
/* The sockets of `options` that a container or an exec needs. */
int oci_open_sockets(const char *console_path, int console_fd,
                     const struct oci_config *config,
                     struct ctr_options *options, struct err *e);
/* --pidfd-socket: send a pidfd of the process to the socket at `path`, if it is
 * not NULL; "standard" is runc's word for a container's first, "setns" for one
 * that is executed later. */
int oci_send_pidfd(const char *path, pid_t pid, const char *word,
                   struct err *e);
/* Close them, but not the caller's `console_fd`. */
void oci_close_sockets(struct ctr_options *options, int console_fd);
/* The "container process state" for a seccomp agent (config-linux.md): of the
 * process `pid`, one of the container's or about to be; the caller frees. */
char *oci_notify_text(const struct oci_container *container,
                      const struct oci_config *config, pid_t pid);

/* oci_store.c: tell `warn`, if it is not NULL, of capabilities that are not
 * granted. */
void oci_warn_ungranted(const struct oci_config *config,
                        void (*warn)(const char *message));

/* oci_home.c: give the process a HOME if it has none: that of its user in the
 * /etc/passwd below `root`, a directory of ours; "/" if it has no account. */
void oci_add_home(struct spec_process *process, const char *root);

/* oci_create.c: the pid file, if there is to be one. */
int oci_write_pid(const char *path, pid_t pid, struct err *e);

#endif
