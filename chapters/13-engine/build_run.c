/* RUN: a container of the image so far, and what its process changed. */
#include "build_copies.h"

#include "contents.h"
#include "field.h"
#include "loop.h"
#include "own.h"
#include "proc.h"
#include "run.h"
#include "sys.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what it is to run ---------------------------------------------------- */

bool build_is_proxy(const char *assignment)
{
    static const char *const proxies[] = {
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY",
        "ftp_proxy",  "NO_PROXY",   "no_proxy",    "ALL_PROXY",   "all_proxy",
    };
    size_t len = strcspn(assignment, "=");
    for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
        if (strlen(proxies[i]) == len &&
            strncmp(proxies[i], assignment, len) == 0)
            return true;
    return false;
}

/* ARGs are variables of the process, unless the image has one of that name.
 * Proxies that the build was told of are, without an ARG: and as they are
 * where the build runs and no part of the image, no step's key has them. */
static json_t *list_env(const struct build_state *state)
{
    const struct strv *given = &state->b->args;
    auto_strv struct strv env = {0};
    for (size_t i = 0; i < given->n; i++)
        if (build_is_proxy(given->v[i]))
            strv_add(&env, given->v[i]);
    for (size_t i = 0; i < state->env.n; i++)
        strv_set_env(&env, state->env.v[i]);
    return field_list(&env);
}

/* --rm=false: one that went well stays, for whoever wants to look into it. */
static bool keeps_containers(const struct build *b)
{
    const json_t *rm = field_get(b->order->query, "rm");
    return json_is_false(rm) && !field_bool(b->order->query, "forcerm");
}

/* What the build was told of its containers goes to all of them. */
static json_t *host_config(const struct build_state *state)
{
    static const char *const members[][2] = {
        {"memory",       "Memory"      },
        {"memswap",      "MemorySwap"  },
        {"cpushares",    "CpuShares"   },
        {"cpuperiod",    "CpuPeriod"   },
        {"cpuquota",     "CpuQuota"    },
        {"cpusetcpus",   "CpusetCpus"  },
        {"cpusetmems",   "CpusetMems"  },
        {"shmsize",      "ShmSize"     },
        {"ulimits",      "Ulimits"     },
        {"cgroupparent", "CgroupParent"},
        {"extrahosts",   "ExtraHosts"  },
        {"networkmode",  "NetworkMode" },
    };
    json_t *host =
        json_pack("{s:b, s:{s:s}}", "AutoRemove", !keeps_containers(state->b),
                  "LogConfig", "Type", "none");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const json_t *value = field_get(state->b->order->query, members[i][0]);
        if (value != NULL)
            json_object_set(host, members[i][1], (json_t *)(uintptr_t)value);
    }
    return host;
}

static int set_network(const struct dockerfile_instruction *ins, json_t *host,
                       struct err *e)
{
    const char *network = dockerfile_flag(ins, "network");
    const char *security = dockerfile_flag(ins, "security");
    if (security != NULL && strcmp(security, "sandbox") != 0)
        return err_set(e, EPERM, "RUN --security=%s is not allowed", security);
    if (dockerfile_has_flag(ins, "device"))
        return err_set(e, EOPNOTSUPP, "RUN --device is not supported");
    if (network == NULL || strcmp(network, "default") == 0)
        return 0;
    return json_object_set_new(host, "NetworkMode", json_string(network));
}

/* --- following it --------------------------------------------------------- */

struct following {
    struct build *b;
    struct loop *loop;
    int pidfd;
    int from[2]; /* its standard output and error */
    bool has_ended;
    int signal; /* that ended the build, or 0 */
};

static void carry(struct following *f, int stream)
{
    char block[16 * 1024];
    ssize_t n = TEMP_FAILURE_RETRY(read(f->from[stream], block, sizeof block));
    if (n > 0) {
        build_tell(f->b,
                   stream == 0 ? ENGINE_BUILD_OUTPUT : ENGINE_BUILD_ERRORS,
                   block, (size_t)n);
        return;
    }
    loop_remove(f->loop, f->from[stream]);
    own_close(&f->from[stream]);
    f->from[stream] = -1;
    if (f->has_ended && f->from[0] < 0 && f->from[1] < 0)
        loop_stop(f->loop);
}

static void on_output(void *arg, uint32_t events)
{
    (void)events;
    carry(arg, 0);
}

static void on_error(void *arg, uint32_t events)
{
    (void)events;
    carry(arg, 1);
}

static void on_end(void *arg, uint32_t events)
{
    struct following *f = arg;
    (void)events;
    f->has_ended = true;
    loop_remove(f->loop, f->pidfd);
    if (f->from[0] < 0 && f->from[1] < 0)
        loop_stop(f->loop);
}

/* Who interrupts a build wants nothing of it to stay: the process is killed,
 * and the rest is undone as after any failure. */
static void on_signal(void *arg, const struct signalfd_siginfo *info)
{
    struct following *f = arg;
    f->signal = (int)info->ssi_signo;
    proc_signal(f->pidfd, SIGKILL, NULL);
}

static int follow(struct following *f, struct err *e)
{
    int r = loop_add(f->loop, f->from[0], EPOLLIN, on_output, f, e);
    if (r >= 0)
        r = loop_add(f->loop, f->from[1], EPOLLIN, on_error, f, e);
    if (r >= 0)
        r = loop_add(f->loop, f->pidfd, EPOLLIN, on_end, f, e);
    return r < 0 ? r : loop_run(f->loop, e);
}

/* --- its process ---------------------------------------------------------- */

/* Start it with pipes for streams, and stay until it has ended. Its exit code,
 * or -errno. */
static int start_and_follow(struct build *b, struct run *run, struct err *e)
{
    struct following f = {
        .b = b, .pidfd = -1, .from = {-1, -1}
    };
    int ends[2][2] = {
        {-1, -1},
        {-1, -1}
    };
    auto_fd int null =
        sys_openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC, 0);
    sigset_t set;
    build_signals(&set);
    int r = loop_open(&f.loop, e);
    if (r >= 0)
        r = loop_signals(f.loop, &set, on_signal, &f, e);
    for (int i = 0; i < 2 && r >= 0; i++) {
        r = pipe2(ends[i], O_CLOEXEC) < 0 ? -errno : 0;
        if (r < 0)
            err_sys(e, r, "pipe");
        f.from[i] = ends[i][0];
    }
    struct ctr_options options = {
        .stdio = {null, ends[0][1], ends[1][1]},
        .dies_with_us = true,
        .created = run_meet_process,
        .arg = run,
    };
    if (r >= 0)
        r = run_wire(run, e);
    if (r >= 0)
        r = ctr_create(&run->ctr, &run->spec, &options, e);
    if (r >= 0)
        r = ctr_start(&run->ctr, e);
    own_close(&ends[0][1]);
    own_close(&ends[1][1]);
    f.pidfd = run->ctr.pidfd;
    if (r >= 0)
        r = follow(&f, e);
    if (r >= 0)
        r = proc_wait(run->ctr.pidfd, e);
    loop_close(f.loop);
    own_close(&f.from[0]);
    own_close(&f.from[1]);
    if (f.signal != 0)
        return err_set(e, EINTR, "the build was interrupted");
    return r;
}

/* The container is made, runs, and its process is gone. */
static int run_to_end(struct build *b, struct run *run, struct err *e)
{
    build_note(b, " ---> Running in %.12s\n", run->id);
    int code = start_and_follow(b, run, e);
    struct err why;
    int r = ctr_destroy(&run->ctr, &why);
    run->ctr = (struct ctr)CTR_INIT;
    run->unclean = r < 0;
    int unwired = run_unwire(run, r == 0 ? &why : NULL);
    r = r == 0 ? unwired : r;
    if (r < 0 && code >= 0)
        return err_set(e, why.code, "%s", why.msg);
    return code;
}

/* --- what it changed ------------------------------------------------------ */

static int pack_changes(void *arg, const struct pack_options *out,
                        struct pack_size *ret, struct err *e)
{
    struct contents *c = arg;
    return pack_diff(out, &c->diff, ret, e);
}

static int commit(struct build_state *state, const struct run *run,
                  struct build_layer *layer, const char *created_by,
                  struct err *e)
{
    auto_contents struct contents c = CONTENTS_INIT;
    struct build_commit commit = {created_by, pack_changes, &c};
    int r = contents_open(state->b->engine, run->id, &c, e);
    if (r == 0 && !c.snap.is_copy)
        build_remove_stubs(&c.below, c.above.layers[0],
                           json_object_get(run->doc, "HostConfig"));
    trace_step_begin("layer", "08", "what it changed, for those who come next");
    if (r == 0)
        r = build_add_layer(state, layer, &commit, e);
    trace_step_end(r);
    return r;
}

/* --- the whole ------------------------------------------------------------ */

struct running {
    struct build_state *state;
    const char *command, *created_by;
    json_t *document;
};

static int keep(struct run *run, struct err *e)
{
    run_set_exited(run->doc, 0, false);
    int r = record_save(run->engine, run->id, run->doc, e);
    return r < 0 ? r : run_release(run, e);
}

static int take_away(struct build *b, struct run *run, struct err *e)
{
    int r = run_remove(run, e);
    if (r == 0)
        build_note(b, "Removing intermediate container %.12s\n", run->id);
    return r;
}

static int run_once(struct running *running, struct build_layer *layer,
                    struct err *e)
{
    struct build_state *state = running->state;
    struct build *b = state->b;
    auto_run struct run run = RUN_INIT;
    struct engine_create order = {.document = running->document,
                                  .is_step = true};
    trace_step_end(0); /* what follows are steps of their own, of a container */
    int r = run_create(&run, b->engine, &order, e);
    if (r < 0)
        return r;
    int code = run_to_end(b, &run, e);
    r = code < 0 ? code : 0;
    if (code > 0) {
        b->order->code = code;
        r = err_set(e, EIO, "The command '%.120s' returned a non-zero code: %d",
                    running->command, code);
    }
    if (r == 0)
        r = commit(state, &run, layer, running->created_by, e);
    struct err why;
    int ended = r == 0 && keeps_containers(b)
                    ? keep(&run, e)
                    : take_away(b, &run, r == 0 ? e : &why);
    if (r == 0 && ended == 0)
        build_say_id(b, state->draft.id);
    return r < 0 ? r : ended;
}

static json_t *make_document(const struct build_state *state,
                             const struct strv *argv, json_t *host)
{
    const json_t *config = build_config(state);
    json_t *doc = json_pack("{s:s, s:[s], s:o, s:o, s:{s:[s]}, s:o}", "Image",
                            state->image.id, "Entrypoint", "", "Cmd",
                            field_list(argv), "Env", list_env(state),
                            "Healthcheck", "Test", "NONE", "HostConfig", host);
    static const char *const kept[] = {"User", "WorkingDir"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (json_object_get(config, kept[i]) != NULL)
            json_object_set(doc, kept[i], json_object_get(config, kept[i]));
    return doc;
}

/* The layer's inputs and the mounts; 1, if that is a step that is known. */
static int look_up(struct build_state *state,
                   const struct dockerfile_instruction *ins,
                   struct build_mounts *mounts, struct build_layer *layer,
                   struct err *e)
{
    int r = set_network(ins, mounts->host, e);
    if (r == 0)
        r = build_add_mounts(state, ins, mounts, e);
    if (r == 0)
        r = build_find_layer(state, layer, e);
    if (r == 0 && !state->has_image)
        r = err_set(e, EINVAL,
                    "RUN in an image without files: there is "
                    "nothing that could run");
    return r;
}

int build_do_run(struct build_state *state,
                 const struct dockerfile_instruction *ins, struct err *e)
{
    auto_strv struct strv argv = {0};
    auto_free char *command = build_command(state, ins, &argv);
    auto_free char *created_by = text_format("RUN %s", command);
    json_t *env = field_list(&state->args);
    auto_build_layer struct build_layer layer = {
        .inputs =
            json_pack("{s:o, s:o}", "command", field_list(&argv), "args", env)};
    json_auto_t *host = host_config(state);
    auto_build_copies struct build_copies copies = build_copies_for(ins);
    json_auto_t *secret_env = json_array();
    struct build_mounts mounts = {host, layer.inputs, &copies, secret_env};
    int r = look_up(state, ins, &mounts, &layer, e);
    if (r != 0)
        return r < 0 ? r : 0;
    build_add_script(ins, &mounts, &argv);
    r = build_copies_make(state->b, &copies, e);
    if (r < 0)
        return r;
    json_auto_t *document = make_document(state, &argv, json_incref(host));
    json_array_extend(json_object_get(document, "Env"), secret_env);
    struct running running = {state, command, created_by, document};
    return run_once(&running, &layer, e);
}
