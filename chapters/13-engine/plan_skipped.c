/* For teaching: HostConfig.SkipSteps, what `run --skip-step` names. */
#include "plan.h"

#include "ctr.h"
#include "field.h"
#include "own.h"

#include <errno.h>

int plan_skipped(struct plan *plan, struct err *e)
{
    auto_strv struct strv words = {0};
    field_strings(plan->doc, "HostConfig.SkipSteps", &words);
    for (size_t i = 0; i < words.n; i++) {
        const struct ctr_step *step = ctr_find_optional(words.v[i], e);
        if (step == NULL) {
            err_add(e, "skip step \"%s\"", words.v[i]);
            return -EINVAL;
        }
        strv_add(&plan->spec->skipped, step->name);
    }
    return 0;
}

void plan_tell_skipped(const json_t *doc, void (*warn)(const char *line))
{
    auto_strv struct strv words = {0};
    field_strings(doc, "HostConfig.SkipSteps", &words);
    for (size_t i = 0; i < words.n; i++) {
        const struct ctr_step *step = ctr_find_optional(words.v[i], NULL);
        auto_free char *line = text_format(
            "warning: without step %s this container is not isolated as it "
            "should be: %s",
            words.v[i], step != NULL ? step->without : "");
        warn(line);
    }
}

void engine_tell_skipped(struct engine *engine, const char *name,
                         void (*warn)(const char *line))
{
    auto_record struct record record = {.doc = NULL};
    if (record_find(engine, name, &record, NULL) == 0)
        plan_tell_skipped(record.doc, warn);
}
