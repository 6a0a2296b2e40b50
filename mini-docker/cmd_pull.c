/* mini-docker pull: an image from a registry. */
#include "command.h"

#include "engine_registry.h"
#include "field.h"
#include "own.h"
#include "ref.h"
#include "request.h"
#include "transfer.h"

#include <stdio.h>

/* clang-format off */
static const struct option options[] = {
    {"all-tags", 'a', &option_bool, "Cli.AllTags",
     "Download all tagged images in the repository"},
    {"disable-content-trust", 0, &request_trust, "Cli.DisableContentTrust",
     "Skip image verification"},
    {"platform", 0, &option_string, "Platform",
     "Set platform if server is multi-platform capable"},
    {"quiet", 'q', &option_bool, "Cli.Quiet", "Suppress verbose output"},
    {0},
};
/* clang-format on */

static int run(struct call *call, struct err *e)
{
    auto_engine struct engine *engine = NULL;
    auto_ref struct ref ref = {0};
    const char *name = call->operands.v[0];
    bool is_quiet = field_bool(call->doc, "Cli.Quiet");
    bool all = field_bool(call->doc, "Cli.AllTags");
    int r = transfer_begin(call, &ref, e);
    if (r == 0)
        r = engine_open(&engine, call->root, e);
    if (r < 0)
        return r;
    auto_progress struct progress lines = {.is_shown = !is_quiet};
    const struct pull what = {.name = name,
                              .platform = field_string(call->doc, "Platform"),
                              .all_tags = all,
                              .tell = transfer_tell,
                              .arg = &lines};
    r = engine_registry_pull(engine, &what, e);
    if (r < 0)
        return r;
    auto_free char *full = ref_full(&ref);
    if (all)
        printf("%s/%s\n", ref.domain, ref.path);
    else
        printf("%s\n", full);
    return 0;
}

const struct command command_pull = {
    .name = "pull",
    .aliases = {"image pull"},
    .synopsis = "[OPTIONS] NAME[:TAG|@DIGEST]",
    .summary = "Download an image from a registry",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
