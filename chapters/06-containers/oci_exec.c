/* exec: one more process in a container. Second reading. */
#include "oci_store.h"

#include "own.h"
#include "proc.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

int oci_exec_default(const struct oci_runtime *runtime, const char *id,
                     struct oci_config *ret, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    auto_fd int cache = sys_openat(runtime->rootfd, ".cache",
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r == 0)
        r = oci_container_config(&container, ret, e);
    return r < 0 ? r : oci_config_filter(ret, cache, e);
}

static int check_status(const struct oci_container *container,
                        bool ignore_paused, struct err *e)
{
    enum oci_status status = oci_container_status(container);
    if (status == OCI_RUNNING || status == OCI_CREATED ||
        (status == OCI_PAUSED && ignore_paused))
        return 0;
    return err_set(e, ESRCH, "cannot exec in a %s container%s: \"%s\"",
                   oci_status_name(status),
                   status == OCI_PAUSED ? " (use --ignore-paused to override)"
                                        : "",
                   container->id);
}

/* Its own group, or one below. */
static char *group_of(const struct oci_container *container, const char *below)
{
    const char *group = oci_container_group(container);
    if (group == NULL || below == NULL)
        return group != NULL ? own_strdup(group) : NULL;
    return text_format("%s/%s", group, below + strspn(below, "/"));
}

struct notify_arg {
    const struct oci_container *container;
    const struct oci_config *config;
};

static char *notify_text(void *arg, pid_t pid)
{
    const struct notify_arg *notify = arg;
    return oci_notify_text(notify->container, notify->config, pid);
}

int oci_exec(const struct oci_runtime *runtime, const char *id,
             const struct oci_exec *exec, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, false, e);
    if (r == 0)
        r = check_status(&container, exec->ignore_paused, e);
    if (r < 0)
        return r;
    auto_free char *root =
        text_format("/proc/%d/root", (int)container.identity.pid);
    exec->config->spec.process.cwd_exists = true; /* as with Docker */
    oci_add_home(&exec->config->spec.process, root);
    struct notify_arg notify = {&container, exec->config};
    struct ctr_options options = {
        .stdio = {exec->stdio[0], exec->stdio[1], exec->stdio[2]},
        .dies_with_us = exec->dies_with_us,
        .notify_text = notify_text,
        .arg = &notify,
    };
    auto_free char *group = group_of(&container, exec->cgroup);
    r = oci_open_sockets(exec->console_socket, exec->console_fd, exec->config,
                         &options, e);
    auto_fd int pidfd = -1;
    if (r == 0)
        r = pidfd = ctr_exec(&container.identity, group,
                             &exec->config->spec.process, &options, e);
    oci_close_sockets(&options, exec->console_fd);
    int pid = r < 0 ? 0 : proc_pid(pidfd, e);
    if (r >= 0)
        r = pid < 0 ? pid : oci_write_pid(exec->pid_file, pid, e);
    if (r == 0)
        r = oci_send_pidfd(exec->pidfd_socket, pid, "setns", e);
    if (r < 0 && pidfd >= 0)
        proc_signal(pidfd, SIGKILL, NULL);
    if (r == 0)
        oci_warn_ungranted(exec->config, exec->warn);
    return r < 0 ? r : fd_take(&pidfd);
}
