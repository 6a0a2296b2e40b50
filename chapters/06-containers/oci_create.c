/* create, start, run: a bundle becomes a process. Second reading. */
#include "oci_store.h"

#include "files.h"
#include "own.h"
#include "rootless.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One create or run, for its parts and for the callbacks. */
struct creation {
    const struct oci_runtime *runtime;
    struct oci_order order; /* a copy: its streams may be filled in */
    struct oci_container *container;
    struct oci_config *config;
    struct ctr *ctr;
    bool waits;  /* to be started by somebody else */
    bool hooked; /* hooks were called: those of poststop will be */
};

/* --- callbacks --- */

int oci_write_pid(const char *path, pid_t pid, struct err *e)
{
    char number[16];
    if (path == NULL)
        return 0;
    int len = snprintf(number, sizeof number, "%d", (int)pid);
    return files_replace(AT_FDCWD, path, number, (size_t)len, 0, e);
}

/* It has no group: that matters to who wanted limits. Rules for devices are in
 * every config, and say nothing new in a user namespace. */
static void warn_of_limits(const struct creation *creation)
{
    const json_t *section = json_object_get(creation->config->doc, "linux");
    const json_t *wanted = json_object_get(section, "resources");
    bool has_rules = json_object_get(wanted, "devices") != NULL;
    struct err why = {0};
    if (creation->order.warn == NULL ||
        json_object_size(wanted) == (has_rules ? 1 : 0))
        return;
    cg_check_writable(&why);
    auto_free char *message =
        text_format("limits are not applied: %s", why.msg);
    creation->order.warn(message);
}

/* The moment between birth and start: from here on others can find it. */
static int on_created(void *arg, pid_t pid, struct err *e)
{
    const struct creation *creation = arg;
    if (creation->ctr->no_group) {
        json_object_del(creation->container->state, "cgroup");
        warn_of_limits(creation);
    }
    int r = oci_container_save(creation->container, creation->config, pid, e);
    if (r == 0)
        r = oci_send_pidfd(creation->order.pidfd_socket, pid, "standard", e);
    return r < 0 ? r : oci_write_pid(creation->order.pid_file, pid, e);
}

/* The moments of ctr.h, and what the specification calls them. */
static const struct {
    const char *names[2];
    enum oci_status status;
} moments[] = {
    [CTR_HOOK_RUNTIME] = {{"prestart", "createRuntime"}, OCI_CREATING},
    [CTR_HOOK_CONTAINER] = {{"createContainer"},           OCI_CREATING},
    [CTR_HOOK_START] = {{"startContainer"},            OCI_CREATED },
};
enum { N_MOMENTS = sizeof moments / sizeof moments[0] };

static int on_hook(void *arg, enum ctr_hook when, pid_t pid, struct err *e)
{
    struct creation *creation = arg;
    creation->hooked = true;
    json_t *state =
        oci_container_state(creation->container, moments[when].status);
    json_object_set_new(state, "pid", json_integer(pid));
    int r = 0;
    for (int i = 0; r == 0 && i < 2 && moments[when].names[i] != NULL; i++)
        r = oci_run_hooks(creation->config->doc, moments[when].names[i], state,
                          NULL, e);
    json_decref(state);
    return r;
}

static char *notify_text(void *arg, pid_t pid)
{
    const struct creation *creation = arg;
    return oci_notify_text(creation->container, creation->config, pid);
}

static unsigned int wanted_hooks(const json_t *config)
{
    unsigned int set = 0;
    const json_t *hooks = json_object_get(config, "hooks");
    for (unsigned int i = 0; i < N_MOMENTS; i++)
        for (int j = 0; j < 2 && moments[i].names[j] != NULL; j++)
            if (json_array_size(json_object_get(hooks, moments[i].names[j])) >
                0)
                set |= 1u << i;
    return set;
}

/* --- preparing --- */

/* The group's name: as asked for, else the id, as with runc. Relative ones
 * are below the root as well. */
static void name_group(struct oci_config *config, const char *id)
{
    char *path = config->spec.cgroup;
    if (path == NULL || path[0] == '\0') {
        own_free(&config->spec.cgroup);
        config->spec.cgroup = own_strdup(id);
        return;
    }
    memmove(path, path + strspn(path, "/"),
            strlen(path + strspn(path, "/")) + 1);
}

/* What order and place add to the config. */
static void complete(const struct oci_order *order, const char *id,
                     struct oci_config *config)
{
    struct spec_process *process = &config->spec.process;
    process->keep_fds = order->keep_fds;
    process->keep_keyring = order->keep_keyring;
    config->spec.root.no_pivot = order->no_pivot;
    oci_add_home(process, config->spec.root.path);
    if (order->listen_fds > 0) {
        strv_addf(&process->env, "LISTEN_FDS=%u", order->listen_fds);
        strv_add(&process->env, "LISTEN_PID=1");
    }
    name_group(config, id);
    config->spec.cgroup_optional = geteuid() != 0 || rootless_is_inside();
}

static int prepare(struct creation *creation, struct err *e)
{
    struct oci_config *config = creation->config;
    struct oci_order *order = &creation->order;
    auto_fd int cache = sys_openat(creation->runtime->rootfd, ".cache",
                                   O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    int r = oci_config_load(config, order->bundle, order->config, cache, e);
    if (r < 0)
        return r;
    if (!config->has_process)
        return err_set(e, EINVAL, "config.json: process: is missing");
    complete(order, creation->container->id, config);
    r = files_replace(creation->container->dir, "config.json", config->text.s,
                      config->text.len, 0, e);
    if (r == 0)
        r = oci_container_save(creation->container, config, 0, e);
    if (r == 0 && order->streams != NULL)
        r = order->streams(order, config->spec.process.terminal, e);
    return r;
}

/* --- the operations --- */

static int make(struct creation *creation, struct ctr *ctr, struct err *e)
{
    const struct oci_order *order = &creation->order;
    const struct oci_config *config = creation->config;
    struct ctr_options options = {
        .stdio = {order->stdio[0], order->stdio[1], order->stdio[2]},
        .dies_with_us = order->dies_with_us,
        .created = on_created,
        .arg = creation,
        .hook = on_hook,
        .hooks = wanted_hooks(config->doc),
        .notify_text = notify_text,
        .private_fd = creation->container->lock,
    };
    int r = oci_open_sockets(order->console_socket, order->console_fd, config,
                             &options, e);
    if (r == 0 && creation->waits)
        r = options.start_socket =
            oci_listen(creation->container->dir, "start", e);
    if (r >= 0)
        r = ctr_create(ctr, &config->spec, &options, e);
    if (r == 0)
        r = creation->waits ? ctr_leave(ctr, e) : ctr_start(ctr, e);
    oci_close_sockets(&options, order->console_fd);
    return r;
}

/* What could not be undone stays known, for delete to try again. Whom hooks
 * have told of a beginning is told of the end. */
static void take_back(const struct creation *creation)
{
    const struct oci_container *container = creation->container;
    const char *group =
        creation->ctr->made_group ? oci_container_group(container) : NULL;
    if (ctr_remove_remains(group, NULL) < 0)
        return;
    if (creation->hooked)
        oci_container_hooks(container, "poststop", OCI_STOPPED,
                            creation->order.warn, NULL);
    oci_container_remove(container, creation->runtime, NULL);
}

static int create(struct creation *creation, const char *id, struct ctr *ctr,
                  struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    creation->container = &container;
    creation->config = &config;
    creation->ctr = ctr;
    int r = oci_container_make(&container, creation->runtime, id, e);
    if (r < 0)
        return r;
    r = prepare(creation, e);
    if (r == 0)
        r = make(creation, ctr, e);
    if (r == 0)
        oci_warn_ungranted(&config, creation->order.warn);
    if (r < 0)
        take_back(creation);
    ctr->spec = NULL; /* it goes with this function */
    return r;
}

int oci_create(const struct oci_runtime *runtime, const char *id,
               const struct oci_order *order, struct err *e)
{
    struct ctr ctr = CTR_INIT;
    struct creation creation = {
        .runtime = runtime, .order = *order, .waits = true};
    int r = create(&creation, id, &ctr, e);
    ctr_done(&ctr);
    return r;
}

/* The program runs; those who wanted to know are told. A hook that fails takes
 * the container with it, as with runc. */
static int tell_started(const struct oci_container *container, struct err *e)
{
    int r = oci_container_hooks(container, "poststart", OCI_RUNNING, NULL, e);
    auto_fd int pidfd = ctr_identity_open(&container->identity, NULL);
    if (r < 0 && pidfd >= 0)
        sys_pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
    return r;
}

/* runc's words. */
static int refuse_start(enum oci_status status, const char *id, struct err *e)
{
    if (status == OCI_STOPPED)
        return err_set(e, ESRCH,
                       "cannot start a container that has stopped: \"%s\"", id);
    if (status == OCI_RUNNING)
        return err_set(e, EBUSY,
                       "cannot start an already running container: \"%s\"", id);
    return err_set(e, EBUSY, "cannot start a container in the %s state: \"%s\"",
                   oci_status_name(status), id);
}

int oci_start(const struct oci_runtime *runtime, const char *id, struct err *e)
{
    auto_oci_container struct oci_container container = OCI_CONTAINER_INIT;
    int r = oci_container_open(&container, runtime, id, true, e);
    if (r < 0)
        return r;
    enum oci_status status = oci_container_status(&container);
    if (status != OCI_CREATED)
        return refuse_start(status, id, e);
    r = ctr_start_waiting(container.dir, "start", e);
    if (r < 0)
        return err_add(e, "start container \"%s\"", id);
    sys_unlinkat(container.dir, "start", 0);
    return tell_started(&container, e);
}

int oci_run(const struct oci_runtime *runtime, const char *id,
            const struct oci_order *order, struct err *e)
{
    struct ctr ctr = CTR_INIT;
    struct creation creation = {.runtime = runtime, .order = *order};
    int r = create(&creation, id, &ctr, e);
    int pidfd = fd_take(&ctr.pidfd);
    ctr_done(&ctr);
    if (r < 0) {
        own_close(&pidfd);
        return r;
    }
    struct oci_container container = OCI_CONTAINER_INIT;
    r = oci_container_open(&container, runtime, id, true, e);
    if (r == 0)
        r = tell_started(&container, e);
    oci_container_close(&container);
    if (r == 0)
        return pidfd;
    own_close(&pidfd);
    oci_delete(runtime, id, true, order->warn, NULL);
    return r;
}
