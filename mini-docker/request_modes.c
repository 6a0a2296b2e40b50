/* Options of run that choose among words: namespaces, capabilities, ... */
#include "request.h"

#include "ctr.h"
#include "engine_check.h"
#include "field.h"
#include "own.h"
#include "trace.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Which words each namespace option knows. "container:NAME" is Docker's for
 * all but two of them. */
/* clang-format off */
static const struct mode {
    const char *option, *complaint;
    bool may_join;
    const char *words[5];
} modes[] = {
    {"pid", "--pid: invalid PID mode", true, {"host"}},
    {"ipc", "invalid IPC mode", true, {"none", "private", "shareable", "host"}},
    {"uts", "--uts: invalid UTS mode", false, {"host"}},
    {"userns", "--userns: invalid USER mode", false, {"host"}},
    {"cgroupns", "--cgroupns: invalid CGROUP mode", false, {"host", "private"}},
};
/* clang-format on */

static int set_mode(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    const struct mode *mode = modes;
    while (strcmp(mode->option, option->name) != 0)
        mode++;
    bool known = value[0] == '\0';
    for (const char *const *word = mode->words; *word != NULL; word++)
        known |= strcmp(*word, value) == 0;
    if (known)
        return option_set_string(option, value, doc, e);
    static const char join[] = "container:";
    bool joins = text_starts(value, join) && value[strlen(join)] != '\0';
    if (joins && strcmp(mode->option, "pid") == 0)
        return option_set_string(option, value, doc, e);
    if (mode->may_join && joins)
        return err_set(e, ENOSYS, "--%s %s is not built yet", option->name,
                       value);
    return err_set(e, EINVAL, "%s", mode->complaint);
}

/* As Docker does: upper case, CAP_ in front, each once. */
static int set_capability(const struct option *option, const char *value,
                          json_t *doc, struct err *e)
{
    auto_text struct text name = {0};
    for (const char *s = value; *s != '\0'; s++) {
        char c = (char)toupper((unsigned char)*s);
        text_addn(&name, &c, 1);
    }
    text_addn(&name, "", 0);
    bool plain = strcmp(name.s, "ALL") == 0 || text_starts(name.s, "CAP_");
    auto_free char *full = text_format("%s%s", plain ? "" : "CAP_", name.s);
    auto_strv struct strv said = {0};
    field_strings(doc, option->path, &said);
    for (size_t i = 0; i < said.n; i++)
        if (strcmp(said.v[i], full) == 0)
            return 0;
    return option_set_list(option, full, doc, e);
}

/* seccomp=FILE: the engine reads the file, so it wants the whole path. */
static int set_seccomp(const struct option *option, const char *profile,
                       json_t *doc, struct err *e)
{
    char path[PATH_MAX];
    if (strcmp(profile, "unconfined") == 0 || strcmp(profile, "builtin") == 0)
        snprintf(path, sizeof path, "%s", profile);
    else if (realpath(profile, path) == NULL)
        return err_sys(e, errno, "opening seccomp profile (%s) failed",
                       profile);
    doc_append(doc, option->path, json_sprintf("seccomp=%s", path));
    return 0;
}

/* Nothing in /proc and /sys is hidden or read-only: empty lists, which for the
 * engine is something else than no lists. */
static void unconfine_paths(json_t *doc)
{
    doc_set(doc, "HostConfig.MaskedPaths", json_array());
    doc_set(doc, "HostConfig.ReadonlyPaths", json_array());
}

/* KEY=VALUE, or KEY:VALUE as it was once written. The engine knows the keys;
 * what needs this program's files or another place is seen to here. */
static int set_security(const struct option *option, const char *value,
                        json_t *doc, struct err *e)
{
    size_t len = strcspn(value, "=:");
    const char *choice = value[len] == '\0' ? "" : value + len + 1;
    auto_free char *key = text_format("%.*s", (int)len, value);
    if (value[len] == '\0' && strcmp(key, "no-new-privileges") != 0)
        return err_set(e, EINVAL, "Invalid --security-opt: \"%s\"", value);
    if (strcmp(key, "seccomp") == 0)
        return set_seccomp(option, choice, doc, e);
    if (strcmp(key, "systempaths") == 0 && strcmp(choice, "unconfined") == 0) {
        unconfine_paths(doc);
        return 0;
    }
    return option_set_list(option, value, doc, e);
}

/* no, always, unless-stopped, on-failure[:max-retries]. */
static int set_restart(const struct option *option, const char *value,
                       json_t *doc, struct err *e)
{
    size_t len = strcspn(value, ":");
    auto_free char *name = text_format("%.*s", (int)len, value);
    const char *number = value[len] == ':' ? value + len + 1 : "0";
    int64_t most = 0;
    int r = engine_check_restart(name, 0, e);
    if (r < 0)
        return r;
    if (text_to_i64(number, &most) < 0 || most > INT32_MAX || most < -INT32_MAX)
        return err_set(e, EINVAL,
                       "invalid restart policy format: maximum retry count "
                       "must be an integer");
    doc_set(doc, option->path,
            json_pack("{s:s, s:I}", "Name", len == 0 ? "no" : name,
                      "MaximumRetryCount", (json_int_t)most));
    return engine_check_restart(name, most, e);
}

static int set_attach(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    static const char *const words[] = {"stdin", "stdout", "stderr"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcasecmp(value, words[i]) != 0)
            continue;
        doc_append(doc, option->path, json_string(words[i]));
        return 0;
    }
    return err_set(e, EINVAL, "valid streams are STDIN, STDOUT and STDERR");
}

static int set_pull(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    if (value[0] != '\0' && strcmp(value, "always") != 0 &&
        strcmp(value, "missing") != 0 && strcmp(value, "never") != 0)
        return err_set(e, EINVAL,
                       "invalid pull option: '%s': must be one of \"always\", "
                       "\"missing\" or \"never\"",
                       value);
    return option_set_string(option, value, doc, e);
}

/* The parameters that belong to a namespace, and so can be the container's. */
static int set_sysctl(const struct option *option, const char *value,
                      json_t *doc, struct err *e)
{
    static const char *const allowed[] = {
        "kernel.msgmax=", "kernel.msgmnb=",          "kernel.msgmni=",
        "kernel.sem=",    "kernel.shmall=",          "kernel.shmmax=",
        "kernel.shmmni=", "kernel.shm_rmid_forced=", "net.",
        "fs.mqueue.",
    };
    bool known = false;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        known |= text_starts(value, allowed[i]);
    if (!known || strchr(value, '=') == NULL)
        return err_set(e, EINVAL, "sysctl '%s' is not allowed", value);
    return option_map.set(option, value, doc, e);
}

static int set_swap(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    if (strcmp(value, "-1") != 0)
        return option_bytes.set(option, value, doc, e);
    doc_set(doc, option->path, json_integer(-1));
    return 0;
}

/* There are no signatures to check, so only skipping the check is true. */
static int set_trust(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    bool skip = true;
    int r = option_read_bool(value, &skip, e);
    if (r == 0 && !skip)
        return err_set(e, ENOSYS, "--%s=false is not built yet", option->name);
    (void)doc;
    return r;
}

const struct option_kind request_mode = {"string", NULL, set_mode, true};
const struct option_kind request_capability = {"list", NULL, set_capability,
                                               false};
const struct option_kind request_security = {"list", NULL, set_security, true};
const struct option_kind request_attach = {"list", NULL, set_attach, false};
const struct option_kind request_restart = {"string", NULL, set_restart, true};
const struct option_kind request_pull = {"string", NULL, set_pull, true};
const struct option_kind request_sysctl = {"map", NULL, set_sysctl, false};
const struct option_kind request_swap = {"bytes", NULL, set_swap, false};
const struct option_kind request_trust = {"", "true", set_trust, false};
/* By the name that the table has for it. */
static int set_skip(const struct option *option, const char *value, json_t *doc,
                    struct err *e)
{
    const struct ctr_step *step = ctr_find_optional(value, e);
    return step == NULL ? -EINVAL : option_set_list(option, step->name, doc, e);
}

const struct option_kind request_skip = {"STEP", NULL, set_skip, false};
const struct option_kind request_trace = {"WISH", "text", option_set_string,
                                          false};

int request_open_trace(const json_t *doc, struct err *e)
{
    const char *wish = field_string(doc, "Cli.Trace");
    if (wish == NULL)
        return 0;
    trace_close();
    return trace_open(wish, e);
}
