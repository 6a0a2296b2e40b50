/* mini-docker volume prune: remove volumes that no container uses. */
#include "command.h"

#include "field.h"
#include "filter_option.h"
#include "list_filter.h"
#include "own.h"
#include "prune.h"

#include <errno.h>

/* clang-format off */
static const struct option options[] = {
    {"all", 'a', &option_bool, "All",
     "Remove all unused volumes, not just anonymous ones"},
    {"filter", 0, &filter_option, "Filters",
     "Remove only what fits (all=, label=, label!=)"},
    {"force", 'f', &option_bool, "Force", "Do not prompt for confirmation"},
    {0},
};
/* clang-format on */

/* Both ways of saying "all" at once are one too many. */
static int check(const struct call *call, struct err *e)
{
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    if (field_bool(call->doc, "All") && list_filter_value(&said, "all") != NULL)
        return err_set(e, EINVAL,
                       "conflicting options: cannot specify both --all and "
                       "--filter all=1");
    return prune_filter_check_volumes(&(struct prune_filter){.said = said}, e);
}

static int run(struct call *call, struct err *e)
{
    struct prune_filter wish = {.all = field_bool(call->doc, "All")};
    auto_strv struct strv said = {0};
    field_strings(call->doc, "Filters", &said);
    int r = check(call, e);
    if (r < 0)
        return r;
    const char *all = list_filter_value(&said, "all");
    wish.all = wish.all || (all != NULL && list_filter_is_true(all));
    wish.said = said;
    const char *which = wish.all ? "all" : "anonymous";
    auto_free char *warning =
        text_format("WARNING! This will remove %s local volumes not used by "
                    "at least one container.",
                    which);
    if (!field_bool(call->doc, "Force") && !command_confirm(warning))
        return 0;
    auto_engine struct engine *engine = NULL;
    auto_doc json_t *result = NULL;
    struct engine_prune prune = {.wanted = prune_filter_volume, .arg = &wish};
    r = engine_open(&engine, call->root, e);
    if (r == 0)
        r = engine_volumes_prune(engine, &prune, &result, e);
    if (r < 0)
        return r;
    uint64_t bytes = 0;
    prune_print(result, "Deleted Volumes", "VolumesDeleted", &bytes);
    prune_print_total(bytes);
    return 0;
}

const struct command command_volume_prune = {
    .name = "volume prune",
    .synopsis = "[OPTIONS]",
    .summary = "Remove unused local volumes",
    .options = options,
    .run = run,
};
