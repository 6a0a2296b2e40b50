/* mini-docker build: an image from a Dockerfile. */
#include "build_output.h"
#include "build_progress.h"
#include "build_source.h"
#include "command.h"
#include "request.h"

#include "field.h"
#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"add-host", 0, &request_host, "extrahosts",
     "Add a custom host-to-IP mapping (host:ip)"},
    {"build-arg", 0, &option_list, "Cli.Args", "Set build-time variables"},
    {"cache-from", 0, &option_list, "cachefrom",
     "Images to consider as cache sources"},
    {"cgroup-parent", 0, &option_string, "cgroupparent",
     "Set the parent cgroup for the RUN instructions during build"},
    {"compress", 0, &option_bool, "Cli.Compress",
     "Compress the build context using gzip (there is nobody to send it to)"},
    {"cpu-period", 0, &option_int, "cpuperiod",
     "Limit the CPU CFS (Completely Fair Scheduler) period"},
    {"cpu-quota", 0, &option_int, "cpuquota",
     "Limit the CPU CFS (Completely Fair Scheduler) quota"},
    {"cpu-shares", 'c', &option_int, "cpushares",
     "CPU shares (relative weight)"},
    {"cpuset-cpus", 0, &option_string, "cpusetcpus",
     "CPUs in which to allow execution (0-3, 0,1)"},
    {"cpuset-mems", 0, &option_string, "cpusetmems",
     "MEMs in which to allow execution (0-3, 0,1)"},
    {"explain", 0, &option_bool, "Cli.Explain",
     "Show what each step depends on, and what of it has changed"},
    {"file", 'f', &option_string, "Cli.File",
     "Name of the Dockerfile (default: PATH/Dockerfile)"},
    {"force-rm", 0, &option_bool, "forcerm",
     "Always remove intermediate containers"},
    {"iidfile", 0, &option_string, "Cli.IdFile",
     "Write the image ID to the file"},
    {"label", 0, &option_map, "labels", "Set metadata for an image"},
    {"memory", 'm', &option_bytes, "memory", "Memory limit"},
    {"memory-swap", 0, &request_swap, "memswap",
     "Swap limit equal to memory plus swap: -1 to enable unlimited swap"},
    {"network", 0, &option_string, "networkmode",
     "Set the networking mode for the RUN instructions during build (default "
     "\"default\")"},
    {"no-cache", 0, &option_bool, "nocache",
     "Do not use cache when building the image"},
    {"output", 'o', &option_string, "Cli.Output",
     "Output destination (format: \"type=local,dest=path\")"},
    {"platform", 0, &option_string, "platform",
     "Set target platform for build"},
    {"progress", 0, &option_string, "Cli.Progress",
     "Set type of progress output (\"auto\", \"plain\", \"tty\", \"quiet\"); "
     "\"auto\" is BUILDKIT_PROGRESS, or \"tty\" on a terminal"},
    {"pull", 0, &option_bool, "pull",
     "Always attempt to pull a newer version of the image"},
    {"quiet", 'q', &option_bool, "Cli.Quiet",
     "Suppress the build output and print image ID on success"},
    {"rm", 0, &option_bool, "rm",
     "Remove intermediate containers after a successful build (default true)"},
    {"secret", 0, &option_list, "Cli.Secrets",
     "Secret to expose to the build (format: \"id=mysecret,src=/local/secret\")"},
    {"shm-size", 0, &option_bytes, "shmsize", "Size of \"/dev/shm\""},
    {"squash", 0, &option_bool, "squash",
     "Squash newly built layers into a single new layer"},
    {"tag", 't', &option_list, "t",
     "Name and optionally a tag (format: \"name:tag\")"},
    {"target", 0, &option_string, "target",
     "Set the target build stage to build"},
    {"trace", 0, &request_trace, "Cli.Trace",
     "Show what happens (text, jsonl:FILE, chrome:FILE)"},
    {"ulimit", 0, &request_ulimit, "ulimits", "Ulimit options"},
    {0},
};
/* clang-format on */

/* --- what was said -------------------------------------------------------- */

/* NAME=value, or NAME alone: as in our own environment, and none if it is not
 * there. */
static void take_args(json_t *doc)
{
    auto_strv struct strv args = {0};
    field_strings(doc, "Cli.Args", &args);
    json_t *object = json_object();
    for (size_t i = 0; i < args.n; i++) {
        char *equals = strchr(args.v[i], '=');
        if (equals != NULL)
            *equals = '\0';
        const char *value = equals != NULL ? equals + 1 : getenv(args.v[i]);
        if (value != NULL)
            json_object_set_new(object, args.v[i], json_string(value));
    }
    json_object_set_new(doc, "buildargs", object);
}

/* id=ID[,src=FILE | ,env=NAME], in parts. */
static int read_secret(struct strv *parts, const char **id, const char **file,
                       const char **env, struct err *e)
{
    for (size_t i = 0; i < parts->n; i++) {
        char *equals = strchr(parts->v[i], '=');
        if (equals == NULL)
            return err_set(e, EINVAL,
                           "invalid field '%s' must be a key=value pair",
                           parts->v[i]);
        *equals = '\0';
        const char *value = equals + 1, *key = parts->v[i];
        if (strcmp(key, "id") == 0)
            *id = value;
        else if (strcmp(key, "src") == 0 || strcmp(key, "source") == 0)
            *file = value;
        else if (strcmp(key, "env") == 0)
            *env = value;
        else if (strcmp(key, "type") != 0)
            return err_set(e, EINVAL, "unexpected key '%s' in '%s=%s'", key,
                           key, value);
        else if (strcmp(value, "file") != 0 && strcmp(value, "env") != 0)
            return err_set(e, EINVAL, "unsupported secret type \"%s\"", value);
    }
    return 0;
}

/* The type is told by what is there: without src and env a variable of the id's
 * name, or else a file. */
static int take_secret(json_t *secrets, const char *said, struct err *e)
{
    auto_strv struct strv parts = {0};
    const char *id = NULL, *file = NULL, *env = NULL;
    strv_split(&parts, said, ',');
    int r = read_secret(&parts, &id, &file, &env, e);
    if (r < 0)
        return r;
    if (id == NULL)
        return err_set(e, EINVAL, "secret: id is missing: %s", said);
    if (file == NULL && env == NULL && getenv(id) != NULL)
        env = id;
    if (env != NULL) {
        const char *value = getenv(env);
        if (value == NULL)
            return err_set(e, ENOENT, "secret %s: no variable %s", id, env);
        json_t *secret = json_pack("{s:s}", "value", value);
        return secret != NULL ? json_object_set_new(secrets, id, secret)
                              : err_set(e, EINVAL, "secret %s: not UTF-8", id);
    }
    auto_free char *path = realpath(file != NULL ? file : id, NULL);
    if (path == NULL)
        return err_sys(e, errno, "secret %s: %s", id, file != NULL ? file : id);
    return json_object_set_new(secrets, id, json_pack("{s:s}", "file", path));
}

static int take_secrets(json_t *doc, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(doc, "Cli.Secrets", &said);
    json_t *secrets = json_object();
    json_object_set_new(doc, "secrets", secrets);
    int r = 0;
    for (size_t i = 0; r == 0 && i < said.n; i++)
        r = take_secret(secrets, said.v[i], e);
    return r;
}

/* What Docker says of these it says while it runs: the exit code is 1. */
static int check(struct call *call, struct err *e)
{
    take_args(call->doc);
    int r = take_secrets(call->doc, e);
    return r < 0 ? r : request_open_trace(call->doc, e);
}

/* --- the command ---------------------------------------------------------- */

struct building {
    struct call *call;
    struct engine_build order;
    struct build_output output;
    struct build_progress progress;
};

static int build(struct building *b, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_build_source struct build_source source = {.order = &b->order};
    struct call *call = b->call;
    int r = build_source_take(&source, call->operands.v[0],
                              field_string(call->doc, "Cli.File"), e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_build(engine, &b->order, e);
    return r < 0 ? r : build_output_write(engine, b->order.id, &b->output, e);
}

/* With its progress open, from here to its end. */
static int build_and_show(struct building *b, struct err *e)
{
    int r = build_progress_open(&b->progress, b->call->doc,
                                build_output_is_stdout(&b->output), e);
    if (r < 0)
        return r;
    b->order.tell = build_progress_tell;
    b->order.arg = &b->progress;
    b->order.at_once = b->progress.is_live;
    r = build(b, e);
    build_progress_close(&b->progress, r < 0);
    return r;
}

static int tell_result(const struct building *b, struct err *e)
{
    const char *file = field_string(b->call->doc, "Cli.IdFile");
    const char *id = b->order.id;
    if (b->progress.is_quiet && !build_output_is_stdout(&b->output))
        printf("%s\n", id);
    return file == NULL ? 0
                        : files_replace(AT_FDCWD, file, id, strlen(id), 0, e);
}

/* Where it failed, after all that was said before. */
static void tell_failure(const struct engine_build *order)
{
    fflush(stdout);
    if (order->excerpt.len > 0)
        fwrite(order->excerpt.s, 1, order->excerpt.len, stderr);
}

static int run(struct call *call, struct err *e)
{
    struct building b = {
        .call = call,
        .order = {.query = call->doc,
                  .explain = field_bool(call->doc, "Cli.Explain")},
    };
    int r = check(call, e);
    if (r == 0)
        r = build_output_read(field_string(call->doc, "Cli.Output"), &b.output,
                              e);
    if (r == 0)
        r = build_and_show(&b, e);
    if (r == 0)
        r = tell_result(&b, e);
    if (r < 0)
        tell_failure(&b.order);
    if (r < 0 && b.order.code != 0) {
        command_complain(e->msg);
        r = b.order.code;
    }
    text_done(&b.order.excerpt);
    build_output_done(&b.output);
    return r;
}

const struct command command_build = {
    .name = "build",
    .aliases = {"image build", "builder build"},
    .synopsis = "[OPTIONS] PATH | URL | -",
    .summary = "Build an image from a Dockerfile",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
