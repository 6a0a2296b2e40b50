/* kill, delete, pause, resume, update, state, list. Second reading. */
#include "oci_store.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* --- signals --- */

int oci_container_open_group(const struct oci_container *container,
                             struct cg *ret, struct err *e)
{
    const char *group = oci_container_group(container);
    if (group == NULL)
        return err_set(e, ENOENT, "container \"%s\" has no control group",
                       container->id);
    return cg_open(ret, group, e);
}

static int kill_all(const struct oci_container *container, int signal,
                    struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    auto_free pid_t *pids = NULL;
    size_t n;
    int r = oci_container_open_group(container, &cg, e);
    if (r == 0 && signal == SIGKILL)
        return cg_kill(&cg, e);
    if (r == 0)
        r = cg_list_pids(&cg, &pids, &n, e);
    for (size_t i = 0; r == 0 && i < n; i++)
        sys_kill(pids[i], signal);
    return r;
}

static int kill_first(const struct oci_container *container, int signal,
                      struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    auto_fd int pidfd = ctr_identity_open(&container->identity, e);
    if (pidfd < 0)
        return pidfd;
    int r = proc_signal(pidfd, signal, e);
    /* What v1's freezer holds dies only when it is let go. */
    if (r == 0 && signal == SIGKILL &&
        oci_container_open_group(container, &cg, NULL) == 0)
        cg_thaw(&cg, NULL);
    return r;
}

int oci_kill(const struct oci_runtime *runtime, const char *id, int signal,
             bool all, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r < 0)
        return r;
    enum oci_status status = oci_container_status(&container);
    if (status == OCI_CREATING || (status == OCI_STOPPED && !all))
        return err_set(e, ESRCH, "kill \"%s\": container not running", id);
    return all ? kill_all(&container, signal, e)
               : kill_first(&container, signal, e);
}

/* --- the end --- */

enum { LIMIT_MS = 10000 };

/* A container of one pid namespace dies with its first process; of another's,
 * its group is what holds it together. */
static int destroy(const struct oci_container *container,
                   const struct oci_runtime *runtime,
                   int (*remove)(const char *cgroup, struct err *e),
                   void (*warn)(const char *message), struct err *e)
{
    auto_fd int pidfd = ctr_identity_open(&container->identity, NULL);
    bool ended = pidfd == -ESRCH;
    if (pidfd < 0 && !ended)
        return err_sys(e, pidfd, "open process %d", container->identity.pid);
    int r = ended ? 0 : proc_signal(pidfd, SIGKILL, e);
    if (r == 0 || r == -ESRCH)
        r = remove(oci_container_group(container), e);
    /* Where it has no group nobody has waited for its end yet. */
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    if (r == 0 && !ended && poll(&end, 1, LIMIT_MS) == 0)
        r = err_set(e, ETIMEDOUT, "process %d does not end",
                    container->identity.pid);
    if (r < 0) /* its directory is how the next delete knows of the rest */
        return r;
    r = oci_container_hooks(container, "poststop", OCI_STOPPED, warn, e);
    int removed = oci_container_remove(container, runtime, r == 0 ? e : NULL);
    return r < 0 ? r : removed;
}

int oci_delete(const struct oci_runtime *runtime, const char *id, bool force,
               void (*warn)(const char *message), struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    struct err why = {0};
    int r = oci_container_open(&container, runtime, id, true, &why);
    if (r == -ENOENT && force)
        return 0;
    if (r == -EINVAL && force && container.lock >= 0) {
        oci_container_guess(&container);
        return destroy(&container, runtime, ctr_remove_remains, warn, e);
    }
    if (r < 0)
        return err_set(e, -r, "%s", why.msg);
    enum oci_status status = oci_container_status(&container);
    if (!force && (status == OCI_RUNNING || status == OCI_PAUSED))
        return err_set(e, EBUSY,
                       "cannot delete container \"%s\" that is not stopped: %s",
                       id, oci_status_name(status));
    return destroy(&container, runtime,
                   container.identity.pid != 0 ? ctr_remove_remains
                                               : ctr_remove_unused,
                   warn, e);
}

/* --- while it runs --- */

enum {
    ANY = ~0u,
    LIVES = 1u << OCI_CREATED | 1u << OCI_RUNNING | 1u << OCI_PAUSED,
    MOVES = 1u << OCI_CREATED | 1u << OCI_RUNNING,
};

/* The group of a container that is in one of the statuses of the set. */
static int open_in(const struct oci_runtime *runtime, const char *id,
                   unsigned int statuses, struct cg *ret, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r < 0)
        return r;
    enum oci_status status = oci_container_status(&container);
    if ((statuses & 1u << status) == 0)
        return err_set(e, ESRCH, "container not %s: \"%s\" is %s",
                       statuses == 1u << OCI_PAUSED ? "paused" : "running", id,
                       oci_status_name(status));
    return oci_container_open_group(&container, ret, e);
}

int oci_pause(const struct oci_runtime *runtime, const char *id, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    int r = open_in(runtime, id, MOVES, &cg, e);
    return r < 0 ? r : cg_freeze(&cg, e);
}

int oci_resume(const struct oci_runtime *runtime, const char *id, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    int r = open_in(runtime, id, 1u << OCI_PAUSED, &cg, e);
    return r < 0 ? r : cg_thaw(&cg, e);
}

int oci_update(const struct oci_runtime *runtime, const char *id,
               const struct cg_limits *limits, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    int r = open_in(runtime, id, LIVES, &cg, e);
    return r < 0 ? r : cg_set_limits(&cg, limits, e);
}

int oci_processes(const struct oci_runtime *runtime, const char *id,
                  pid_t **ret, size_t *ret_n, struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    int r = open_in(runtime, id, ANY, &cg, e);
    return r < 0 ? r : cg_list_pids(&cg, ret, ret_n, e);
}

int oci_watch_oom(const struct oci_runtime *runtime, const char *id,
                  struct err *e)
{
    auto_cg struct cg cg = CG_INIT;
    int r = open_in(runtime, id, ANY, &cg, e);
    return r < 0 ? r : cg_watch_oom(&cg, e);
}

/* --- looking --- */

int oci_state(const struct oci_runtime *runtime, const char *id, json_t **ret,
              struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r < 0)
        return r;
    auto_free char *owner = oci_container_owner(&container);
    *ret = oci_container_state(&container, oci_container_status(&container));
    json_object_set_new(*ret, "owner", json_string(owner));
    return 0;
}

int oci_list(const struct oci_runtime *runtime, json_t **ret, struct err *e)
{
    int fd =
        sys_openat(runtime->rootfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_sys(e, fd, "list %s", runtime->root);
    auto_dir DIR *dir = fdopendir(fd);
    *ret = json_array();
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        json_t *state = NULL;
        /* One that goes while we look was never there. */
        if (oci_check_id(entry->d_name, NULL) == 0 &&
            oci_state(runtime, entry->d_name, &state, NULL) == 0)
            json_array_append_new(*ret, state);
    }
    return 0;
}
