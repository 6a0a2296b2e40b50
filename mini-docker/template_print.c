/* Templates: values as Go prints them. */
#include "template_parts.h"

#include "own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

bool template_is_map(const char *name)
{
    static const char *const maps[] = {
        "Annotations", "Attributes", "Data",  "ExposedPorts", "Labels",
        "Networks",    "Options",    "Ports", "StorageOpt",   "Sysctls",
        "Tmpfs",       "Volumes",    NULL};
    return is_among(name, maps);
}

static bool is_list(const char *name)
{
    static const char *const lists[] = {"Aliases",
                                        "Args",
                                        "Binds",
                                        "CapAdd",
                                        "CapDrop",
                                        "Cmd",
                                        "DNSNames",
                                        "Devices",
                                        "DeviceCgroupRules",
                                        "DeviceRequests",
                                        "Dns",
                                        "DnsOptions",
                                        "DnsSearch",
                                        "Entrypoint",
                                        "Env",
                                        "ExecIDs",
                                        "ExtraHosts",
                                        "GroupAdd",
                                        "Layers",
                                        "Links",
                                        "MaskedPaths",
                                        "Mounts",
                                        "OnBuild",
                                        "ReadonlyPaths",
                                        "RepoDigests",
                                        "RepoTags",
                                        "SecurityOpt",
                                        "Shell",
                                        "Ulimits",
                                        "VolumesFrom",
                                        "BlkioDeviceReadBps",
                                        "BlkioDeviceReadIOps",
                                        "BlkioDeviceWriteBps",
                                        "BlkioDeviceWriteIOps",
                                        "BlkioWeightDevice",
                                        NULL};
    return is_among(name, lists);
}

void template_add_member(struct text *out, const char *name,
                         const json_t *value)
{
    bool is_nothing = json_is_null(value) ||
                      (json_is_object(value) && json_object_size(value) == 0);
    if (!is_nothing)
        template_add_value(out, value);
    else if (template_is_map(name))
        text_add(out, "map[]");
    else if (json_is_object(value))
        text_add(out, "{}");
    else
        text_add(out, is_list(name) ? "[]" : "<nil>");
}

const char *template_type(const json_t *value)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "map[string]interface {}",
        [JSON_ARRAY] = "[]interface {}",
        [JSON_STRING] = "string",
        [JSON_INTEGER] = "int",
        [JSON_REAL] = "float64",
        [JSON_TRUE] = "bool",
        [JSON_FALSE] = "bool",
        [JSON_NULL] = "<nil>",
    };
    return value == NULL ? "<nil>" : types[json_typeof(value)];
}

bool template_is_true(const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return false;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    if (json_is_integer(value))
        return json_integer_value(value) != 0;
    if (json_is_real(value))
        return fpclassify(json_real_value(value)) != FP_ZERO;
    if (json_is_array(value))
        return json_array_size(value) > 0;
    return json_is_object(value) ? json_object_size(value) > 0
                                 : json_is_true(value);
}

/* The fewest digits that read as the same number, with an exponent from 1e21
 * on and below 1e-4. */
void template_add_number(struct text *out, const json_t *value)
{
    if (json_is_integer(value)) {
        text_addf(out, "%lld", (long long)json_integer_value(value));
        return;
    }
    double real = json_real_value(value);
    char digits[64];
    int n = 0;
    do
        snprintf(digits, sizeof digits, "%.*e", n, real);
    while (strtod(digits, NULL) != real && n++ < 17);
    long exponent = strtol(strchr(digits, 'e') + 1, NULL, 10);
    if (exponent >= -4 && exponent < 21)
        text_addf(out, "%.*f", (int)(n > exponent ? n - exponent : 0), real);
    else
        text_add(out, digits);
}

/* A struct, without the names of its members: what stands in a list is one. */
static void add_struct(struct text *out, const json_t *object)
{
    const char *name, *gap = "";
    json_t *member;
    text_add(out, "{");
    json_object_foreach((json_t *)(uintptr_t)object, name, member)
    {
        text_add(out, gap);
        template_add_member(out, name, member);
        gap = " ";
    }
    text_add(out, "}");
}

static void add_list(struct text *out, const json_t *list)
{
    size_t i;
    const json_t *item;
    text_add(out, "[");
    json_array_foreach(list, i, item)
    {
        text_add(out, i > 0 ? " " : "");
        if (json_is_object(item))
            add_struct(out, item);
        else
            template_add_member(out, "", item);
    }
    text_add(out, "]");
}

static void add_map(struct text *out, const json_t *map)
{
    auto_strv struct strv keys = {0};
    template_keys(map, &keys);
    text_add(out, "map[");
    for (size_t i = 0; i < keys.n; i++) {
        text_addf(out, "%s%s:", i > 0 ? " " : "", keys.v[i]);
        template_add_member(out, keys.v[i], json_object_get(map, keys.v[i]));
    }
    text_add(out, "]");
}

void template_add_value(struct text *out, const json_t *value)
{
    if (value == NULL || json_is_null(value))
        text_add(out, "<no value>");
    else if (json_is_string(value))
        text_add(out, json_string_value(value));
    else if (json_is_boolean(value))
        text_add(out, json_is_true(value) ? "true" : "false");
    else if (json_is_array(value))
        add_list(out, value);
    else if (json_is_object(value))
        add_map(out, value);
    else
        template_add_number(out, value);
}

void template_add_quoted(struct text *out, const char *s)
{
    static const char plain[] = "\a\b\f\n\r\t\v\\\"";
    static const char letters[] = "abfnrtv\\\"";
    text_add(out, "\"");
    for (; *s != '\0'; s++) {
        const char *known = strchr(plain, *s);
        if (known != NULL)
            text_addf(out, "\\%c", letters[known - plain]);
        else if ((unsigned char)*s < ' ' || *s == 0x7f)
            text_addf(out, "\\x%02x", (unsigned int)*s);
        else
            text_addn(out, s, 1);
    }
    text_add(out, "\"");
}

const char *template_shown(struct template_run *run, const json_t *value)
{
    auto_text struct text out = {0};
    template_add_value(&out, value);
    return json_string_value(template_keep_text(run, &out));
}

json_t *template_keep_text(struct template_run *run, const struct text *text)
{
    const char *s = text->s == NULL ? "" : text->s;
    json_t *value = json_stringn(s, text->len);
    auto_text struct text mended = {0};
    /* A cut may have gone through a character; Go prints such bytes, JSON has
     * no place for them. */
    for (size_t i = 0; value == NULL && i < text->len;) {
        size_t n = 1;
        while (i + n < text->len && ((unsigned char)s[i + n] & 0xc0) == 0x80)
            n++;
        json_t *piece = json_stringn(s + i, n);
        if (piece != NULL && memchr(s + i, '\0', n) == NULL)
            text_addn(&mended, s + i, n);
        else
            text_add(&mended, "\xef\xbf\xbd");
        json_decref(piece);
        i += n;
    }
    if (value == NULL)
        value = json_string(mended.s);
    return template_keep(run, value);
}
