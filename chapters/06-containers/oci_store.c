/* Containers on disk: second reading. What is where: oci_runtime.h. */
#include "oci_store.h"

#include "files.h"
#include "own.h"
#include "proc.h"
#include "rootless.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- the state root --- */

/* Root of a namespace that an ordinary user has made (podman does) is still
 * that user, whom nobody lets write to /run; but his directory is known. */
static char *default_root(void)
{
    bool ours = geteuid() != 0 ||
                (rootless_is_inside() && getenv("XDG_RUNTIME_DIR") != NULL);
    auto_free char *dir = ours ? rootless_run_dir() : own_strdup("/run");
    return text_format("%s/mini-runc", dir);
}

int oci_runtime_open(struct oci_runtime *ret, const char *root, struct err *e)
{
    ret->root =
        root != NULL && root[0] != '\0' ? own_strdup(root) : default_root();
    auto_free char *cache = text_format("%s/.cache", ret->root);
    int r = rootless_secure(ret->root, e);
    if (r == 0)
        r = files_mkdirs(AT_FDCWD, cache, 0700, e);
    if (r < 0)
        return err_add(e, "state root %s", ret->root);
    ret->rootfd =
        sys_openat(AT_FDCWD, ret->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return ret->rootfd < 0 ? err_sys(e, ret->rootfd, "open %s", ret->root) : 0;
}

void oci_runtime_close(struct oci_runtime *runtime)
{
    own_free(&runtime->root);
    own_close(&runtime->rootfd);
}

/* --- one container --- */

void oci_container_close(struct oci_container *container)
{
    own_close(&container->lock);
    own_close(&container->dir);
    json_decref(container->state);
    container->state = NULL;
}

int oci_check_id(const char *id, struct err *e)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-.";
    size_t len = strlen(id);
    if (len == 0)
        return err_set(e, EINVAL, "container id cannot be empty");
    if (len > 255 || strspn(id, allowed) != len || id[0] == '.')
        return err_set(e, EINVAL, "invalid container id \"%s\"", id);
    return 0;
}

static int load_state(struct oci_container *container, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(container->dir, "state.json", &text, e);
    if (r == -ENOENT) /* not come so far yet */
        return 0;
    if (r < 0)
        return r;
    container->state =
        json_loadb(text.len > 0 ? text.s : "", text.len, 0, NULL);
    const json_t *state = container->state;
    if (!json_is_object(state))
        return err_set(e, EINVAL, "state.json is damaged");
    container->identity = (struct ctr_identity){
        .pid = (pid_t)json_integer_value(json_object_get(state, "pid")),
        .start_time =
            (uint64_t)json_integer_value(json_object_get(state, "startTime")),
    };
    return 0;
}

static int open_dir(struct oci_container *container,
                    const struct oci_runtime *runtime, struct err *e)
{
    container->dir = sys_openat(runtime->rootfd, container->id,
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (container->dir == -ENOENT)
        return err_set(e, ENOENT, "container does not exist: \"%s\"",
                       container->id);
    return container->dir < 0
               ? err_sys(e, container->dir, "container \"%s\"", container->id)
               : 0;
}

/* A lock outlives a creator that was killed for the moment in which the child
 * that it had just made dies, too: hence some patience, a second in all. */
static int take_lock(struct oci_container *container, struct err *e)
{
    for (int nap_ms = 1; nap_ms < 1000; nap_ms *= 2) {
        container->lock = files_lock(container->dir, "lock", FILES_TRY, e);
        if (container->lock != -EWOULDBLOCK)
            break;
        poll(NULL, 0, nap_ms);
    }
    if (container->lock == -ENOENT) /* it went while we waited */
        return err_set(e, ENOENT, "container does not exist: \"%s\"",
                       container->id);
    if (container->lock == -EWOULDBLOCK)
        return err_set(e, EBUSY,
                       "container \"%s\": another operation is at work",
                       container->id);
    return container->lock < 0 ? container->lock : 0;
}

int oci_container_open(struct oci_container *ret,
                       const struct oci_runtime *runtime, const char *id,
                       bool locked, struct err *e)
{
    ret->id = id;
    int r = oci_check_id(id, e);
    if (r == 0)
        r = open_dir(ret, runtime, e);
    if (r == 0 && locked)
        r = take_lock(ret, e);
    if (r == 0 && load_state(ret, e) < 0)
        r = err_add(e, "container \"%s\"", id);
    return r;
}

int oci_container_make(struct oci_container *ret,
                       const struct oci_runtime *runtime, const char *id,
                       struct err *e)
{
    ret->id = id;
    int r = oci_check_id(id, e);
    if (r < 0)
        return r;
    int made = sys_mkdirat(runtime->rootfd, id, 0700);
    if (made < 0 && made != -EEXIST)
        return err_sys(e, made, "container \"%s\"", id);
    if (open_dir(ret, runtime, e) < 0 || take_lock(ret, NULL) < 0 ||
        load_state(ret, NULL) < 0 || ret->identity.pid != 0)
        return err_set(e, EEXIST,
                       "container with given ID already exists: \"%s\"", id);
    /* What is there belonged to a create that died before it had a process;
     * so that its lock was free. Nothing of it is wanted. */
    r = ctr_remove_unused(oci_container_group(ret), e);
    json_decref(ret->state);
    ret->state = NULL;
    sys_unlinkat(ret->dir, "start", 0);
    return r;
}

int oci_container_remove(const struct oci_container *container,
                         const struct oci_runtime *runtime, struct err *e)
{
    return files_remove_tree(runtime->rootfd, container->id, e);
}

/* --- state.json --- */

static char *now(void)
{
    struct timespec time;
    struct tm tm;
    char date[32];
    clock_gettime(CLOCK_REALTIME, &time);
    gmtime_r(&time.tv_sec, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    return text_format("%s.%09ldZ", date, time.tv_nsec);
}

static json_t *describe(const struct oci_container *container,
                        const struct oci_config *config)
{
    auto_free char *created = now();
    json_t *annotations = json_object_get(config->doc, "annotations");
    /* Those of them that are for later: nobody need read the config again. */
    json_t *hooks = json_object_get(config->doc, "hooks");
    json_t *state =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:O*, s:O*}", "ociVersion",
                  OCI_VERSION, "id", container->id, "bundle", config->bundle,
                  "rootfs", config->spec.root.path, "created", created,
                  "annotations", annotations, "hooks", hooks);
    if (config->spec.cgroup != NULL)
        json_object_set_new(state, "cgroup", json_string(config->spec.cgroup));
    return state;
}

int oci_container_save(struct oci_container *container,
                       const struct oci_config *config, pid_t pid,
                       struct err *e)
{
    if (container->state == NULL)
        container->state = describe(container, config);
    container->identity = (struct ctr_identity){.pid = pid};
    if (pid != 0) {
        int r = proc_start_time(pid, &container->identity.start_time, e);
        if (r < 0)
            return r;
    }
    uint64_t start_time = container->identity.start_time;
    json_object_set_new(container->state, "pid", json_integer(pid));
    json_object_set_new(container->state, "startTime",
                        json_integer((json_int_t)start_time));
    auto_free char *text = json_dumps(container->state, JSON_COMPACT);
    if (text == NULL)
        return err_set(e, EINVAL, "state.json: not UTF-8");
    return files_replace(container->dir, "state.json", text, strlen(text), 0,
                         e);
}

void oci_container_guess(struct oci_container *container)
{
    auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
    bool known = oci_container_config(container, &config, NULL) == 0;
    const char *group = known ? config.spec.cgroup : NULL;
    if (group == NULL || group[strspn(group, "/")] == '\0')
        group = container->id;
    json_decref(container->state);
    container->state =
        json_pack("{s:s, s:s, s:s, s:O*}", "ociVersion", OCI_VERSION, "id",
                  container->id, "cgroup", group + strspn(group, "/"), "hooks",
                  json_object_get(config.doc, "hooks"));
}

/* --- status --- */

static const char *const names[] = {
    [OCI_CREATING] = "creating", [OCI_CREATED] = "created",
    [OCI_RUNNING] = "running",   [OCI_PAUSED] = "paused",
    [OCI_STOPPED] = "stopped",
};

const char *oci_status_name(enum oci_status status)
{
    return names[status];
}

const char *oci_container_group(const struct oci_container *container)
{
    return json_string_value(json_object_get(container->state, "cgroup"));
}

static bool is_paused(const struct oci_container *container)
{
    auto_cg struct cg cg = CG_INIT;
    const char *group = oci_container_group(container);
    return group != NULL && cg_open(&cg, group, NULL) == 0 && cg_is_frozen(&cg);
}

enum oci_status oci_container_status(const struct oci_container *container)
{
    if (container->identity.pid == 0)
        return OCI_CREATING;
    if (ctr_identity_has_ended(&container->identity))
        return OCI_STOPPED;
    if (is_paused(container))
        return OCI_PAUSED;
    return ctr_is_waiting(container->dir, "start") ? OCI_CREATED : OCI_RUNNING;
}

json_t *oci_container_state(const struct oci_container *container,
                            enum oci_status status)
{
    json_t *state = json_deep_copy(container->state);
    if (state == NULL)
        state = json_pack("{s:s, s:s}", "ociVersion", OCI_VERSION, "id",
                          container->id);
    pid_t pid = status == OCI_STOPPED ? 0 : container->identity.pid;
    json_object_set_new(state, "pid", json_integer(pid));
    json_object_set_new(state, "status", json_string(oci_status_name(status)));
    json_object_del(state, "startTime");
    json_object_del(state, "cgroup");
    json_object_del(state, "hooks");
    return state;
}

int oci_container_hooks(const struct oci_container *container, const char *name,
                        enum oci_status status,
                        void (*warn)(const char *message), struct err *e)
{
    json_t *state = oci_container_state(container, status);
    int r = oci_run_hooks(container->state, name, state, warn, e);
    json_decref(state);
    return r;
}

/* Whose directory it is: looked up only for those who ask. */
char *oci_container_owner(const struct oci_container *container)
{
    struct stat st;
    if (fstat(container->dir, &st) < 0)
        return own_strdup("");
    const struct passwd *user = rootless_find_user(st.st_uid);
    return user != NULL ? own_strdup(user->pw_name)
                        : text_format("%u", st.st_uid);
}

int oci_container_config(const struct oci_container *container,
                         struct oci_config *ret, struct err *e)
{
    auto_text struct text text = {0};
    int r = files_read(container->dir, "config.json", &text, e);
    const char *bundle =
        json_string_value(json_object_get(container->state, "bundle"));
    ret->bundle = own_strdup(bundle != NULL ? bundle : "/");
    return r < 0 ? r
                 : oci_config_parse(ret, text.s, text.len, "config.json", e);
}

/* runc's words. */
void oci_warn_ungranted(const struct oci_config *config,
                        void (*warn)(const char *message))
{
    auto_text struct text message = {0};
    if (config->ungranted.n == 0 || warn == NULL)
        return;
    text_add(&message, "ignoring unknown or unavailable capabilities:");
    for (size_t i = 0; i < config->ungranted.n; i++)
        text_addf(&message, " %s", config->ungranted.v[i]);
    warn(message.s);
}
