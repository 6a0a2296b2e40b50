/* mini-docker container, image, network, builder and system prune. */
#include "command.h"

#include "field.h"
#include "filter_option.h"
#include "own.h"
#include "prune.h"

#include <errno.h>

/* clang-format off */
#define FILTER                                                                 \
    {"filter", 0, &filter_option, "Filters",                              \
     "Remove only what fits (until=, label=, label!=)"}
#define FORCE                                                                  \
    {"force", 'f', &option_bool, "Force", "Do not prompt for confirmation"}

static const struct option container_options[] = {FILTER, FORCE, {0}};

static const struct option image_options[] = {
    {"all", 'a', &option_bool, "All",
     "Remove all unused images, not just dangling ones"},
    FILTER, FORCE, {0},
};

static const struct option builder_options[] = {
    {"all", 'a', &option_bool, "All",
     "Remove all unused build cache, not just dangling ones"},
    {"filter", 0, &filter_option, "Filters",
     "Remove only what fits (until=, id=, type=, inuse=, shared= ...)"},
    FORCE,
    {"keep-storage", 0, &option_bytes, "Keep",
     "Amount of disk space to keep for cache"},
    {0},
};

static const struct option system_options[] = {
    {"all", 'a', &option_bool, "All",
     "Remove all unused images not just dangling ones"},
    FILTER, FORCE,
    {"volumes", 0, &option_bool, "Volumes", "Prune anonymous volumes"},
    {0},
};
/* clang-format on */

static int check(const struct call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    if (field_bool(call->doc, "Volumes") &&
        list_filter_value(&said, "until") != NULL)
        return err_set(e, EINVAL,
                       "the \"until\" filter is not supported with "
                       "\"--volumes\"");
    const struct prune_filter filter = {.said = said};
    return call->command == &command_builder_prune
               ? prune_filter_check_builds(&filter, e)
               : prune_filter_check(&filter, e);
}

typedef int prune_function(struct engine *engine,
                           const struct prune_filter *wish, uint64_t *bytes,
                           struct err *e);

/* Ask, and do one after the other; the last of them is followed by NULL. 1: it
 * is not wanted after all. */
static int ask_and_do(const struct call *call, const char *warning,
                      prune_function *const *parts, uint64_t *bytes,
                      struct err *e)
{
    int r = check(call, e);
    if (r < 0)
        return r;
    if (!field_bool(call->doc, "Force") && !command_confirm(warning))
        return 1;
    auto_engine struct engine *engine = NULL;
    struct prune_filter wish = {.all = field_bool(call->doc, "All"),
                                .keep =
                                    (uint64_t)field_int(call->doc, "Keep", 0)};
    field_strings(call->doc, "Filters", &wish.said);
    r = engine_open(&engine, call->root, e);
    for (; r == 0 && *parts != NULL; parts++)
        r = (*parts)(engine, &wish, bytes, e);
    strv_done(&wish.said);
    return r;
}

static int prune_all(const struct call *call, const char *warning,
                     prune_function *const *parts, struct err *e)
{
    uint64_t bytes = 0;
    int r = ask_and_do(call, warning, parts, &bytes, e);
    if (r == 0)
        prune_print_total(bytes);
    return r < 0 ? r : 0;
}

static int run_container(struct call *call, struct err *e)
{
    static prune_function *const parts[] = {prune_containers, NULL};
    return prune_all(call, "WARNING! This will remove all stopped containers.",
                     parts, e);
}

/* Networks take up no room, so that nothing is reclaimed. */
static int run_network(struct call *call, struct err *e)
{
    static prune_function *const parts[] = {prune_networks, NULL};
    uint64_t bytes = 0;
    int r = ask_and_do(call,
                       "WARNING! This will remove all custom networks not "
                       "used by at least one container.",
                       parts, &bytes, e);
    return r < 0 ? r : 0;
}

static int run_image(struct call *call, struct err *e)
{
    static prune_function *const parts[] = {prune_images, NULL};
    return prune_all(call,
                     field_bool(call->doc, "All")
                         ? "WARNING! This will remove all images without at "
                           "least one container associated to them."
                         : "WARNING! This will remove all dangling images.",
                     parts, e);
}

static int run_builder(struct call *call, struct err *e)
{
    static prune_function *const parts[] = {prune_builds, NULL};
    return prune_all(call,
                     field_bool(call->doc, "All")
                         ? "WARNING! This will remove all build cache."
                         : "WARNING! This will remove all dangling build "
                           "cache.",
                     parts, e);
}

/* What will go, line by line, and which of it. */
static char *make_warning(const struct call *call)
{
    bool all = field_bool(call->doc, "All");
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    struct text text = {0};
    text_add(&text, "WARNING! This will remove:\n"
                    "  - all stopped containers\n"
                    "  - all networks not used by at least one container\n");
    if (field_bool(call->doc, "Volumes"))
        text_add(&text, "  - all anonymous volumes not used by at least one "
                        "container\n");
    text_addf(&text, "  - all %s\n",
              all ? "images without at least one container associated to them"
                  : "dangling images");
    text_addf(&text, "  - %s build cache\n", all ? "all" : "unused");
    if (said.n > 0)
        text_add(&text, "\n  Items to be pruned will be filtered with:\n");
    for (size_t i = 0; i < said.n; i++)
        text_addf(&text, "  - %s\n", said.v[i]);
    return text_take(&text);
}

/* Containers first: they keep volumes and images. */
static int run_system(struct call *call, struct err *e)
{
    static prune_function *const with_volumes[] = {
        prune_containers, prune_networks, prune_volumes,
        prune_images,     prune_builds,   NULL};
    static prune_function *const without[] = {prune_containers, prune_networks,
                                              prune_images, prune_builds, NULL};
    auto_free char *warning = make_warning(call);
    return prune_all(call, warning,
                     field_bool(call->doc, "Volumes") ? with_volumes : without,
                     e);
}

const struct command command_container_prune = {
    .name = "container prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove all stopped containers",
    .options = container_options,
    .run = run_container,
};

const struct command command_network_prune = {
    .name = "network prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove all unused networks",
    .options = container_options,
    .run = run_network,
};

const struct command command_builder_prune = {
    .name = "builder prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove build cache",
    .options = builder_options,
    .run = run_builder,
};

const struct command command_image_prune = {
    .name = "image prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove unused images",
    .options = image_options,
    .run = run_image,
};

const struct command command_system_prune = {
    .name = "system prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove unused data",
    .options = system_options,
    .run = run_system,
};
