/* mini-docker inspect: the documents of containers and images. */
#include "command.h"

#include "field.h"
#include "own.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct option options[] = {
    {"format", 'f', &option_string, "Format",
     "Print as 'json' or 'TEMPLATE', where a template names fields: "
     "{{.State.Status}}, {{json .Config}}"},
    {"platform", 0, &option_string, "Platform",
     "Inspect a specific platform of the image (image inspect only). "
     "Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    {"size", 's', &option_bool, "Size",
     "Display total file sizes if the type is container"},
    {"type", 0, &option_string, "Type",
     "Only inspect objects of the given type (container, image, network, "
     "volume)"},
    {"verbose", 'v', &option_bool, "Verbose",
     "Verbose output for diagnostics (network inspect only)"},
    {0},
};
/* clang-format on */

static int find_container(struct engine *engine, const struct call *call,
                          const char *name, json_t **ret, struct err *e)
{
    return engine_inspect(engine, name, field_bool(call->doc, "Size"), ret, e);
}

static int find_volume(struct engine *engine, const struct call *call,
                       const char *name, json_t **ret, struct err *e)
{
    (void)call;
    return engine_volume_inspect(engine, name, ret, e);
}

static int find_network(struct engine *engine, const struct call *call,
                        const char *name, json_t **ret, struct err *e)
{
    (void)call;
    return engine_network_inspect(engine, name, ret, e);
}

static int find_image(struct engine *engine, const struct call *call,
                      const char *name, json_t **ret, struct err *e)
{
    return engine_image_inspect(engine, name,
                                field_string(call->doc, "Platform"), ret, e);
}

/* What can be inspected, in the order in which a name is looked for. */
static const struct kind {
    const char *name;
    int (*find)(struct engine *engine, const struct call *call,
                const char *name, json_t **ret, struct err *e);
} kinds[] = {
    {"container", find_container},
    {"image",     find_image    },
    {"network",   find_network  },
    {"volume",    find_volume   },
 /* What Docker has besides these. */
    {"config",    NULL          },
    {"node",      NULL          },
    {"plugin",    NULL          },
    {"secret",    NULL          },
    {"service",   NULL          },
    {"task",      NULL          },
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* `image inspect` says as much as `inspect --type image`. */
static const char *wanted_kind(const struct call *call)
{
    return call->group != NULL ? call->group : field_string(call->doc, "Type");
}

static int check(const struct call *call, struct err *e)
{
    const char *type = wanted_kind(call);
    if (field_get(call->doc, "Platform") != NULL &&
        (type == NULL || strcmp(type, "image") != 0))
        return err_set(e, EINVAL, "--platform is for images: image inspect");
    /* It would tell of a swarm. */
    if (field_bool(call->doc, "Verbose") &&
        (type == NULL || strcmp(type, "network") != 0))
        return err_set(e, EINVAL, "--verbose is for networks: network inspect");
    for (size_t i = 0; type != NULL && i < KINDS; i++)
        if (strcmp(kinds[i].name, type) == 0)
            return kinds[i].find != NULL
                       ? 0
                       : err_set(e, ENOSYS, "--type %s is not built yet", type);
    return type == NULL
               ? 0
               : err_set(e, EINVAL,
                         "unknown type: \"%s\": must be one of \"container\", "
                         "\"image\", \"network\", \"volume\"",
                         type);
}

/* An error other than "there is none of that name" ends the search: with a
 * damaged container we must not answer with the image of the same name. */
static int find(struct engine *engine, const struct call *call,
                const char *name, json_t **ret, struct err *e)
{
    const char *type = wanted_kind(call);
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].find == NULL ||
            (type != NULL && strcmp(kinds[i].name, type) != 0))
            continue;
        int r = kinds[i].find(engine, call, name, ret, e);
        /* What cannot be an image's name at all names none. */
        if (type != NULL || (r != -ENOENT && r != -EINVAL))
            return r;
    }
    return err_set(e, ENOENT, "No such object: %s", name);
}

static int print(const json_t *found, const char *format, struct err *e)
{
    bool is_compact = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && format[0] != '\0' && !is_compact) {
        if (json_array_size(found) == 0)
            printf("\n"); /* Docker's too */
        return table_print(NULL, found, format, stdout, e);
    }
    auto_free char *text =
        json_dumps(found, is_compact ? JSON_COMPACT : JSON_INDENT(4));
    printf("%s\n", text);
    return 0;
}

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *found = json_array();
    const char *format = field_string(call->doc, "Format");
    int r = check(call, e);
    if (r == 0 && table_check(format, e) < 0)
        return command_refuse_format(e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < call->operands.n; i++) {
        struct err why = {0};
        json_t *doc = NULL;
        if (find(engine, call, call->operands.v[i], &doc, &why) < 0)
            strv_add(&call->failures, why.msg);
        else
            json_array_append_new(found, doc);
    }
    r = print(found, format, e);
    if (r < 0)
        return r;
    return call->failures.n > 0 ? 1 : 0;
}

const struct command command_inspect = {
    .name = "inspect",
    .aliases = {"container inspect", "image inspect", "network inspect",
                "volume inspect"},
    .synopsis = "[OPTIONS] NAME|ID [NAME|ID...]",
    .summary = "Return low-level information on Docker objects",
    .options = options,
    .min_operands = 1,
    .max_operands = COMMAND_ANY,
    .run = run,
};
