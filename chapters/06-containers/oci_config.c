/* config.json as a whole, config.md of the OCI runtime specification. */
#include "oci_parts.h"

#include "files.h"
#include "own.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#define AT(member) offsetof(struct oci_config, member)

void oci_config_done(struct oci_config *config)
{
    spec_done(&config->spec);
    text_done(&config->text);
    json_decref(config->doc);
    free(config->bundle);
    free(config->listener_path);
    free(config->listener_metadata);
    free(config->mount_label);
    strv_done(&config->ungranted);
    *config = (struct oci_config)OCI_CONFIG_INIT;
}

const json_t *oci_member(const json_t *doc, const char *path)
{
    while (doc != NULL && path[0] != '\0') {
        size_t len = strcspn(path, ".");
        doc = json_object_getn(doc, path, len);
        path += path[len] == '.' ? len + 1 : len;
    }
    return doc;
}

/* --- the parts --- */

static const char *skip_number(const char *s)
{
    size_t len = strspn(s, "0123456789");
    return len == 0 || (len > 1 && s[0] == '0') ? "?" : s + len;
}

/* "-rc.2" or "+dev", if there is one. */
static const char *skip_words(const char *s, char sign)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    for (char next = sign; *s == next; next = '.') {
        size_t len = strspn(s + 1, allowed);
        if (len == 0)
            return "?";
        s += 1 + len;
    }
    return s;
}

/* semver.org, version 2.0.0. */
static bool is_version(const char *s)
{
    for (int i = 0; i < 3; i++) {
        s = skip_number(s);
        if (i < 2 && *s++ != '.')
            return false;
    }
    return *skip_words(skip_words(s, '-'), '+') == '\0';
}

static int check_version(struct oci_reader *reader, const char *key,
                         const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)key;
    (void)base;
    const char *version = json_string_value(value);
    if (version == NULL || !is_version(version))
        return err_set(e, EINVAL, "expected a version like \"%s\"",
                       OCI_VERSION);
    if (!text_starts(version, "1."))
        return err_set(e, EINVAL, "version %s is not supported", version);
    return 0;
}

static const struct oci_field root_fields[] = {
    {.key = "path",
     .kind = OCI_STRING,
     .required = true,
     .offset = AT(spec.root.path)},
    {.key = "readonly", .kind = OCI_BOOL, .offset = AT(spec.root.readonly)},
    {0               },
};

struct hook_entry {
    char *path;
    struct strv args, env;
    int timeout;
};
static const struct oci_field hook_fields[] = {
    {.key = "path",                        .kind = OCI_STRING, .required = true},
    {.key = "args",
     .kind = OCI_STRINGS,
     .offset = offsetof(struct hook_entry, args)},
    {.key = "env",
     .kind = OCI_STRINGS,
     .offset = offsetof(struct hook_entry, env)},
    {.key = "timeout",
     .kind = OCI_INT,
     .offset = offsetof(struct hook_entry, timeout)},
    {0                                   },
};

/* Hooks are read when they are run; here they are only looked at, so that a
 * mistake is found before anything is done. */
static int check_hook(struct oci_reader *reader, const char *key,
                      const json_t *value, void *base, struct err *e)
{
    (void)key;
    (void)base;
    struct hook_entry in = {.timeout = 1};
    int r = oci_read(reader, value, hook_fields, &in, e);
    if (r == 0 && in.path[0] != '/')
        r = err_set(e, EINVAL, "path \"%s\" is not absolute", in.path);
    if (r == 0 && in.timeout <= 0)
        r = err_set(e, EINVAL, "timeout %d is not above 0", in.timeout);
    own_free(&in.path);
    strv_done(&in.args);
    strv_done(&in.env);
    return r;
}

#define HOOK(name)                                                             \
    {                                                                          \
        .key = (name), .kind = OCI_EACH, .call = check_hook                    \
    }
static const struct oci_field hooks_fields[] = {
    HOOK("prestart"),
    HOOK("createRuntime"),
    HOOK("createContainer"),
    HOOK("startContainer"),
    HOOK("poststart"),
    HOOK("poststop"),
    {0},
};

static int check_annotation(struct oci_reader *reader, const char *key,
                            const json_t *value, void *base, struct err *e)
{
    (void)reader;
    (void)base;
    if (key[0] == '\0')
        return err_set(e, EINVAL, "an annotation without a name");
    if (!json_is_string(value))
        return err_set(e, EINVAL, "expected a string");
    return 0;
}

/* linux.seccomp is chapter 05's to understand. */
static const struct oci_field seccomp_fields[] = {
    {.key = "listenerPath",        .kind = OCI_STRING, .offset = AT(listener_path)},
    {.key = "listenerMetadata",
     .kind = OCI_STRING,
     .offset = AT(listener_metadata)},
    {0   },
};
static const struct oci_field linux_seccomp_fields[] = {
    {.key = "seccomp",          .kind = OCI_OBJECT, .fields = seccomp_fields},
    {0},
};

/* clang-format off */
static const struct oci_field config_fields[] = {
    {.key = "ociVersion", .kind = OCI_CALL, .required = true,
     .call = check_version},
    {.key = "root", .kind = OCI_OBJECT, .required = true,
     .fields = root_fields},
    {.key = "process", .kind = OCI_OBJECT, .offset = AT(spec.process),
     .fields = oci_process_fields, .has = AT(has_process)},
    {.key = "hostname", .kind = OCI_STRING, .offset = AT(spec.hostname)},
    {.key = "domainname", .kind = OCI_STRING, .offset = AT(spec.domainname)},
    {.key = "mounts", .kind = OCI_EACH, .call = oci_read_mount},
    {.key = "hooks", .kind = OCI_OBJECT, .fields = hooks_fields},
    {.key = "annotations", .kind = OCI_MEMBERS, .call = check_annotation},
    {.key = "linux", .kind = OCI_OBJECT, .fields = oci_linux_fields},
    {.key = "linux", .kind = OCI_OBJECT, .fields = linux_seccomp_fields},
    {0},
};
/* clang-format on */

/* --- text --- */

/* Does the number of `n` digits at text[i] need the 64th bit? */
static bool is_large(const char *text, size_t i, size_t n, uint64_t *ret)
{
    char digits[24];
    bool follows = i > 0 && strchr("-.eE+", text[i - 1]) != NULL;
    if (follows || (n != 19 && n != 20))
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)n, text + i);
    return text_to_u64(digits, ret) == 0 && *ret > INT64_MAX;
}

/* Go writes "unlimited" as 18446744073709551615, and jansson's integers have
 * a sign. Numbers from 2^63 to 2^64 - 1 are respelled as the negative number
 * of the same bits; what the text means otherwise is left alone. `out` stays
 * empty where there is none. */
static void respell_large(const char *text, size_t len, struct text *out)
{
    bool quoted = false;
    size_t copied = 0;
    for (size_t i = 0, n; i<len; i += n> 0 ? n : 1) {
        uint64_t number = 0;
        n = 0;
        while (!quoted && i + n < len && isdigit((unsigned char)text[i + n]))
            n++;
        if (n > 0 && is_large(text, i, n, &number)) {
            text_addn(out, text + copied, i - copied);
            text_addf(out, "%" PRId64, (int64_t)number);
            copied = i + n;
        } else if (quoted && text[i] == '\\') {
            n = 2;
        } else if (text[i] == '"') {
            quoted = !quoted;
        }
    }
    if (copied > 0)
        text_addn(out, text + copied, len - copied);
}

static int parse_text(const char *text, size_t len, const char *name,
                      json_t **ret, struct err *e)
{
    auto_text struct text plain = {0};
    respell_large(text, len, &plain);
    json_error_t where;
    *ret = plain.len > 0
               ? json_loadb(plain.s, plain.len, JSON_REJECT_DUPLICATES, &where)
               : json_loadb(len > 0 ? text : "", len, JSON_REJECT_DUPLICATES,
                            &where);
    if (*ret == NULL)
        return err_set(e, EINVAL, "%s: line %d, column %d: %s", name,
                       where.line, where.column, where.text);
    return 0;
}

int oci_process_parse(struct oci_config *config, const char *text, size_t len,
                      const char *name, struct err *e)
{
    auto_json json_t *doc = NULL;
    struct oci_reader reader = {.arg = &config->ungranted};
    int r = parse_text(text, len, name, &doc, e);
    if (r < 0)
        return r;
    r = oci_read(&reader, doc, oci_process_fields, &config->spec.process, e);
    return oci_place(r, name, e);
}

int oci_resources_parse(struct cg_limits *ret, const char *text, size_t len,
                        const char *name, struct err *e)
{
    auto_json json_t *doc = NULL;
    struct oci_reader reader = {0};
    int r = parse_text(text, len, name, &doc, e);
    if (r < 0)
        return r;
    r = oci_read(&reader, doc, oci_resources_fields, ret, e);
    return oci_place(r, name, e);
}

/* --- what follows from the whole --- */

/* The devices every container has come after what the config allows; before it
 * nothing is allowed at all. */
static void finish_rules(struct device_rules *rules)
{
    auto_device_rules struct device_rules own = *rules;
    *rules = (struct device_rules){0};
    device_rules_add(rules, (struct device_rule){false, 'a', -1, -1, "rwm"});
    for (size_t i = 0; i < own.n; i++)
        device_rules_add(rules, own.v[i]);
    device_rules_add_nodes(rules);
}

/* A /dev of the host's that is bound in is used as it is. */
static bool has_own_dev(const struct spec *spec)
{
    for (size_t i = 0; i < spec->mounts.n; i++)
        if (strcmp(spec->mounts.v[i].target, "/dev") == 0 &&
            (spec->mounts.v[i].flags & MS_BIND) != 0)
            return false;
    return true;
}

static int finish(struct oci_config *config, struct err *e)
{
    struct spec *spec = &config->spec;
    finish_rules(&spec->rules);
    spec->default_dev = has_own_dev(spec);
    if (spec->root.path[0] == '\0')
        return err_set(e, EINVAL, "root.path: is empty");
    if (spec->root.path[0] != '/') {
        char *path = text_format("%s/%s", config->bundle, spec->root.path);
        free(spec->root.path);
        spec->root.path = path;
    }
    if (config->mount_label != NULL)
        oci_label_mounts(spec, config->mount_label);
    spec->limits.strict = true;
    return 0;
}

int oci_config_parse(struct oci_config *ret, const char *text, size_t len,
                     const char *name, struct err *e)
{
    struct oci_reader reader = {.arg = &ret->ungranted};
    int r = parse_text(text, len, name, &ret->doc, e);
    if (ret->bundle == NULL)
        ret->bundle = own_strdup("/");
    if (r < 0)
        return r;
    r = oci_read(&reader, ret->doc, config_fields, ret, e);
    if (r == 0)
        r = finish(ret, e);
    return oci_place(r, name, e);
}

/* --- a bundle --- */

int oci_config_filter(struct oci_config *config, int cache, struct err *e)
{
    const json_t *seccomp = oci_member(config->doc, "linux.seccomp");
    if (json_object_size(seccomp) == 0)
        return 0;
    auto_free char *text = json_dumps(seccomp, JSON_COMPACT);
    json_object_del(json_object_get(config->doc, "linux"), "seccomp");
    int r = filter_get_oci(text, strlen(text), cache,
                           &config->spec.process.filter, e);
    if (r == 0 && config->spec.process.filter.notifies &&
        config->listener_path == NULL)
        r = err_set(e, EINVAL,
                    "linux.seccomp: SCMP_ACT_NOTIFY: listenerPath is not set");
    return oci_place(r, "config.json", e);
}

char *oci_config_path(const char *bundle, const char *file)
{
    if (file != NULL && file[0] == '/')
        return own_strdup(file);
    return text_format("%s/%s", bundle, file != NULL ? file : "config.json");
}

int oci_config_load(struct oci_config *ret, const char *bundle,
                    const char *file, int cache, struct err *e)
{
    ret->bundle = realpath(bundle, NULL);
    if (ret->bundle == NULL)
        return err_sys(e, errno, "bundle %s", bundle);
    auto_free char *path = oci_config_path(ret->bundle, file);
    int r = files_read(AT_FDCWD, path, &ret->text, e);
    if (r >= 0)
        r = oci_config_parse(ret, ret->text.s, ret->text.len, "config.json", e);
    if (r == 0)
        r = oci_place(oci_check_whole(ret, e), "config.json", e);
    return r < 0 ? r : oci_config_filter(ret, cache, e);
}
