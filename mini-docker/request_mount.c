/*
 * What is mounted, said the long way: --mount type=bind,src=/a,dst=/b,ro.
 *
 * The value is one line of comma-separated values (RFC 4180: a field in double
 * quotes may hold commas); each field is a key with a value, and each key is a
 * row of a table that says where it goes and for which type it is.
 */
#include "request.h"

#include "field.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One field of the mount under construction. */
struct field {
    const char *key, *value; /* as said; the value of a lone key is "" */
    bool alone;              /* "ro", without "=" */
};

static int put_text(json_t *mount, const char *path, const struct field *field,
                    struct err *e)
{
    (void)e;
    doc_set(mount, path, json_string(field->value));
    return 0;
}

static int put_switch(json_t *mount, const char *path,
                      const struct field *field, struct err *e)
{
    bool on = true;
    if (!field->alone && option_read_bool(field->value, &on, NULL) < 0)
        return err_set(e, EINVAL, "invalid value for %s: %s", field->key,
                       field->value);
    if (on)
        doc_set(mount, path, json_true());
    return 0;
}

static int put_recursive(json_t *mount, const char *path,
                         const struct field *field, struct err *e)
{
    if (strcmp(field->value, "enabled") == 0)
        return 0;
    if (strcmp(field->value, "disabled") == 0) {
        doc_set(mount, path, json_true());
        return 0;
    }
    if (strcmp(field->value, "writable") == 0 ||
        strcmp(field->value, "readonly") == 0)
        return err_set(e, ENOSYS, "--mount bind-recursive=%s is not built yet",
                       field->value);
    return err_set(e, EINVAL,
                   "invalid value for bind-recursive: %s (must be "
                   "\"enabled\", \"disabled\", \"writable\", or \"readonly\")",
                   field->value);
}

/* "KEY=VALUE", the value of a volume-label or volume-opt. */
static int put_pair(json_t *mount, const char *path, const struct field *field,
                    struct err *e)
{
    (void)e;
    size_t len = strcspn(field->value, "=");
    auto_free char *key = text_format("%.*s", (int)len, field->value);
    doc_put(mount, path, key,
            json_string(field->value + len + (field->value[len] == '=')));
    return 0;
}

static int put_bytes(json_t *mount, const char *path, const struct field *field,
                     struct err *e)
{
    json_int_t bytes = 0;
    if (option_read_bytes(field->value, &bytes, NULL) < 0)
        return err_set(e, EINVAL, "invalid value for %s: %s", field->key,
                       field->value);
    doc_set(mount, path, json_integer(bytes));
    return 0;
}

static int put_mode(json_t *mount, const char *path, const struct field *field,
                    struct err *e)
{
    char *end;
    unsigned long mode = strtoul(field->value, &end, 8);
    if (field->value[0] < '0' || field->value[0] > '7' || *end != '\0' ||
        mode > 07777)
        return err_set(e, EINVAL, "invalid value for %s: %s", field->key,
                       field->value);
    doc_set(mount, path, json_integer((json_int_t)mode));
    return 0;
}

static const struct key {
    const char *name;
    const char *path; /* in the mount, or OPTION_NOT_YET */
    int (*put)(json_t *mount, const char *path, const struct field *field,
               struct err *e);
    bool may_stand_alone;
} keys[] = {
    {"type",              "Type",                               put_text,      false},
    {"source",            "Source",                             put_text,      false},
    {"src",               "Source",                             put_text,      false},
    {"target",            "Target",                             put_text,      false},
    {"dst",               "Target",                             put_text,      false},
    {"destination",       "Target",                             put_text,      false},
    {"readonly",          "ReadOnly",                           put_switch,    true },
    {"ro",                "ReadOnly",                           put_switch,    true },
    {"consistency",       "Consistency",                        put_text,      false},
    {"bind-propagation",  "BindOptions.Propagation",            put_text,      false},
    {"bind-nonrecursive", "BindOptions.NonRecursive",           put_switch,    true },
    {"bind-recursive",    "BindOptions.NonRecursive",           put_recursive, false},
    {"tmpfs-size",        "TmpfsOptions.SizeBytes",             put_bytes,     false},
    {"tmpfs-mode",        "TmpfsOptions.Mode",                  put_mode,      false},
    {"volume-nocopy",     "VolumeOptions.NoCopy",               put_switch,    true },
    {"volume-label",      "VolumeOptions.Labels",               put_pair,      false},
    {"volume-driver",     "VolumeOptions.DriverConfig.Name",    put_text,      false},
    {"volume-opt",        "VolumeOptions.DriverConfig.Options", put_pair,      false},
    {"volume-subpath",    OPTION_NOT_YET,                       NULL,          false},
    {"image-subpath",     OPTION_NOT_YET,                       NULL,          false},
};

static int put_field(json_t *mount, const char *text, struct err *e)
{
    size_t len = strcspn(text, "=");
    auto_free char *name = text_format("%.*s", (int)len, text);
    struct field field = {
        .key = name,
        .value = text[len] == '=' ? text + len + 1 : "",
        .alone = text[len] != '=',
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcasecmp(keys[i].name, name) != 0)
            continue;
        if (field.alone && !keys[i].may_stand_alone)
            break;
        if (keys[i].path == OPTION_NOT_YET)
            return err_set(e, ENOSYS, "--mount %s is not built yet", name);
        return keys[i].put(mount, keys[i].path, &field, e);
    }
    if (field.alone)
        return err_set(e, EINVAL, "invalid field '%s' must be a key=value pair",
                       text);
    return err_set(e, EINVAL, "unexpected key '%s' in '%s'", name, text);
}

/* The next field of the line at *at, which moves behind it. */
static char *next_field(const char **at)
{
    auto_text struct text field = {0};
    bool quoted = **at == '"';
    const char *s = *at + quoted;
    for (; *s != '\0'; s++) {
        if (quoted && s[0] == '"' && s[1] != '"') {
            quoted = false;
            continue;
        }
        if (!quoted && *s == ',')
            break;
        if (quoted && s[0] == '"')
            s++; /* "" inside quotes is one " */
        text_addn(&field, s, 1);
    }
    *at = s;
    return text_take(&field);
}

static int check_mount(const json_t *mount, struct err *e)
{
    if (field_string(mount, "Target") == NULL)
        return err_set(e, EINVAL, "target is required");
    const char *type = field_string(mount, "Type");
    static const char *const options[][2] = {
        {"bind",   "BindOptions"  },
        {"volume", "VolumeOptions"},
        {"tmpfs",  "TmpfsOptions" },
    };
    enum { TYPES = sizeof options / sizeof options[0] };
    size_t known = 0;
    for (size_t i = 0; i < TYPES; i++) {
        known += strcmp(type, options[i][0]) == 0;
        if (field_get(mount, options[i][1]) != NULL &&
            strcmp(type, options[i][0]) != 0)
            return err_set(e, EINVAL,
                           "cannot mix '%s-*' options with mount type '%s'",
                           options[i][0], type);
    }
    if (known == 0)
        return err_set(e, EINVAL, "mount type unknown: \"%s\"", type);
    return 0;
}

static int set_mount(const struct option *option, const char *value,
                     json_t *doc, struct err *e)
{
    auto_doc json_t *mount = json_pack("{s:s}", "Type", "volume");
    const char *at = value;
    if (value[0] == '\0')
        return err_set(e, EINVAL, "target is required");
    for (bool more = true; more; at += more) {
        auto_free char *field = next_field(&at);
        int r = put_field(mount, field, e);
        if (r < 0)
            return r;
        more = *at == ',';
    }
    int r = check_mount(mount, e);
    if (r == 0)
        doc_append(doc, option->path, json_incref(mount));
    return r;
}

const struct option_kind request_mount = {"mount", NULL, set_mount, false};
