/* mini-docker build: an image from a Dockerfile. */
#include "build_output.h"
#include "command.h"
#include "request.h"

#include "field.h"
#include "files.h"
#include "layer.h"
#include "own.h"
#include "sys.h"
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const struct option options[] = {
    {"add-host", 0, &option_list, OPTION_NOT_YET,
     "Add a custom host-to-IP mapping (host:ip)"},
    {"build-arg", 0, &option_list, "Cli.Args", "Set build-time variables"},
    {"cache-from", 0, &option_list, OPTION_NOT_YET,
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
     "Set type of progress output (\"auto\", \"plain\", \"tty\")"},
    {"pull", 0, &option_bool, OPTION_NOT_YET,
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

/* id=ID[,src=FILE | ,env=NAME]; the type is told by what is there. */
static int take_secret(json_t *secrets, const char *said, struct err *e)
{
    auto_strv struct strv parts = {0};
    const char *id = NULL, *file = NULL;
    strv_split(&parts, said, ',');
    for (size_t i = 0; i < parts.n; i++) {
        char *equals = strchr(parts.v[i], '=');
        if (equals == NULL)
            return err_set(e, EINVAL,
                           "invalid field '%s' must be a key=value pair",
                           parts.v[i]);
        *equals = '\0';
        const char *value = equals + 1, *key = parts.v[i];
        if (strcmp(key, "id") == 0)
            id = value;
        else if (strcmp(key, "src") == 0 || strcmp(key, "source") == 0)
            file = value;
        else if (strcmp(key, "type") != 0 || strcmp(value, "file") != 0)
            return err_set(e, EINVAL, "unexpected key '%s' in '%s=%s'", key,
                           key, value);
    }
    if (id == NULL)
        return err_set(e, EINVAL, "secret: id is missing: %s", said);
    auto_free char *path = realpath(file != NULL ? file : id, NULL);
    if (path == NULL)
        return err_sys(e, errno, "secret %s: %s", id, file != NULL ? file : id);
    return json_object_set_new(secrets, id, json_string(path));
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

static int check(struct call *call, struct err *e)
{
    static const char *const kinds[] = {"auto", "plain", "tty", "quiet"};
    const char *progress = field_string(call->doc, "Cli.Progress");
    bool is_known = progress == NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        is_known |= progress != NULL && strcmp(progress, kinds[i]) == 0;
    if (!is_known)
        return err_set(e, EINVAL, "invalid progress value: %s", progress);
    take_args(call->doc);
    int r = take_secrets(call->doc, e);
    const char *wish = field_string(call->doc, "Cli.Trace");
    if (r == 0 && wish != NULL) {
        trace_close(); /* --trace wins over MINI_DOCKER_TRACE */
        r = trace_open(wish, e);
    }
    return r;
}

/* --- where it comes from -------------------------------------------------- */

/* Standard input, whose first bytes have been looked at already. */
struct input {
    char head[1024];
    size_t len, at;
};

static ssize_t read_input(void *arg, void *bytes, size_t len)
{
    struct input *input = arg;
    int fd = STDIN_FILENO;
    size_t have = input->len - input->at;
    if (have == 0)
        return command_read_fd(&fd, bytes, len);
    size_t n = have < len ? have : len;
    memcpy(bytes, input->head + input->at, n);
    input->at += n;
    return (ssize_t)n;
}

static int read_head(struct input *input, struct err *e)
{
    int fd = STDIN_FILENO;
    ssize_t n = 1;
    while (n > 0 && input->len < sizeof input->head) {
        n = command_read_fd(&fd, input->head + input->len,
                            sizeof input->head - input->len);
        if (n > 0)
            input->len += (size_t)n;
    }
    return n < 0 ? err_sys(e, (int)n, "read standard input") : 0;
}

static int read_text(struct input *input, struct text *ret, struct err *e)
{
    char block[4096];
    ssize_t n;
    while ((n = read_input(input, block, sizeof block)) > 0)
        text_addn(ret, block, (size_t)n);
    if (n == 0 && ret->len == 0)
        text_add(ret, "");
    return n < 0 ? err_sys(e, (int)n, "read standard input") : 0;
}

/* As docker tells them apart: a tar has its mark at 257. */
static bool is_archive(const struct input *input)
{
    enum { AT = 257 };
    return layer_recognise(input->head, input->len) != LAYER_PLAIN ||
           (input->len > AT + 5 && memcmp(input->head + AT, "ustar", 5) == 0);
}

struct source {
    struct engine_build *order;
    struct input input;
    struct layer_source archive;
    struct text dockerfile;
    char *place;
};

static int take_directory(struct source *s, const char *path, struct err *e)
{
    struct stat st;
    s->place = realpath(path, NULL);
    if (s->place == NULL || stat(s->place, &st) < 0)
        return err_set(e, ENOENT,
                       "unable to prepare context: path \"%s\" not found",
                       path);
    if (!S_ISDIR(st.st_mode))
        return err_set(e, ENOTDIR,
                       "unable to prepare context: context must be a "
                       "directory: %s",
                       path);
    s->order->context = s->order->place = s->place;
    return 0;
}

/* "build -": an archive, or a Dockerfile alone. */
static int take_input(struct source *s, const char *file, struct err *e)
{
    int r = read_head(&s->input, e);
    if (r < 0)
        return r;
    s->order->place = "-";
    if (is_archive(&s->input)) {
        s->archive = (struct layer_source){read_input, &s->input};
        s->order->archive = &s->archive;
        return 0;
    }
    if (file != NULL)
        return err_set(e, EINVAL,
                       "ambiguous Dockerfile source: both stdin and "
                       "flag correspond to Dockerfiles");
    s->order->dockerfile = &s->dockerfile;
    return read_text(&s->input, &s->dockerfile, e);
}

/* -f: "-" is standard input; a path is ours and not the context's, unless the
 * context is an archive. */
static int take_file(struct source *s, const char *file, struct err *e)
{
    if (file == NULL || s->order->archive != NULL) {
        s->order->dockerfile_name = file != NULL ? file : "Dockerfile";
        return 0;
    }
    s->order->dockerfile = &s->dockerfile;
    s->order->dockerfile_name = "Dockerfile";
    if (strcmp(file, "-") == 0)
        return read_text(&s->input, &s->dockerfile, e);
    s->order->dockerfile_name = file;
    struct err why = {0};
    auto_free char *inside =
        file[0] != '/' && s->place != NULL && access(file, F_OK) < 0
            ? text_format("%s/%s", s->place, file)
            : own_strdup(file);
    int r = files_read(AT_FDCWD, inside, &s->dockerfile, &why);
    if (r >= 0 && s->dockerfile.len == 0)
        text_add(&s->dockerfile, "");
    return r < 0 ? err_set(e, -r,
                           "unable to prepare context: unable to evaluate "
                           "symlinks in Dockerfile path: %s",
                           why.msg)
                 : 0;
}

static int take_source(struct source *s, const struct call *call, struct err *e)
{
    const char *context = call->operands.v[0];
    const char *file = field_string(call->doc, "Cli.File");
    bool both =
        strcmp(context, "-") == 0 && file != NULL && strcmp(file, "-") == 0;
    if (both)
        return err_set(e, EINVAL,
                       "invalid argument: can't use stdin for both "
                       "build context and dockerfile");
    if (strcmp(context, "-") != 0) {
        int r = take_directory(s, context, e);
        return r < 0 ? r : take_file(s, file, e);
    }
    int r = take_input(s, file, e);
    if (r == 0 && s->order->dockerfile == NULL)
        r = take_file(s, file, e);
    else
        s->order->dockerfile_name = "Dockerfile";
    return r;
}

/* --- the command ---------------------------------------------------------- */

static void say(void *arg, int stream, const char *bytes, size_t len)
{
    (void)arg;
    FILE *to = stream == 2 ? stderr : stdout;
    fwrite(bytes, 1, len, to);
    fflush(to);
}

static int tell_result(const struct call *call,
                       const struct engine_build *order, struct err *e)
{
    const char *file = field_string(call->doc, "Cli.IdFile");
    if (order->quiet)
        printf("%s\n", order->id);
    return file == NULL ? 0
                        : files_replace(AT_FDCWD, file, order->id,
                                        strlen(order->id), 0, e);
}

static int build(struct call *call, struct source *s, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_build_output struct build_output output = {.kind = NULL};
    int r =
        build_output_read(field_string(call->doc, "Cli.Output"), &output, e);
    if (r == 0)
        r = take_source(s, call, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_build(engine, s->order, e);
    if (r == 0)
        r = build_output_write(engine, s->order->id, &output, e);
    return r < 0 ? r : tell_result(call, s->order, e);
}

static int run(struct call *call, struct err *e)
{
    struct engine_build order = {
        .query = call->doc,
        .quiet = field_bool(call->doc, "Cli.Quiet") ||
                 field_is(call->doc, "Cli.Progress", "quiet"),
        .explain = field_bool(call->doc, "Cli.Explain"),
        .say = say,
    };
    struct source source = {.order = &order};
    int r = build(call, &source, e);
    if (r < 0 && order.excerpt.len > 0) {
        fflush(stdout);
        fwrite(order.excerpt.s, 1, order.excerpt.len, stderr);
    }
    if (r < 0 && order.code != 0) {
        command_complain(e->msg);
        r = order.code;
    }
    text_done(&order.excerpt);
    text_done(&source.dockerfile);
    own_free(&source.place);
    return r;
}

const struct command command_build = {
    .name = "build",
    .aliases = {"image build", "builder build"},
    .synopsis = "[OPTIONS] PATH | -",
    .summary = "Build an image from a Dockerfile",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .check = check,
    .run = run,
};
