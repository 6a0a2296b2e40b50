/* For teaching: steps that are left out, so that one sees what they are for. */
#include "ctr.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* "Masked-paths" is the step "masked paths". */
static bool is_called(const char *name, const char *word)
{
    size_t i = 0;
    while (word[i] != '\0' &&
           name[i] == (word[i] == '-' && name[i] == ' '
                           ? ' '
                           : tolower((unsigned char)word[i])))
        i++;
    return word[i] == '\0' && name[i] == '\0';
}

const struct ctr_step *ctr_find_optional(const char *word, struct err *e)
{
    size_t i = 0;
    while (i < ctr_n_steps && !is_called(ctr_steps[i].name, word))
        i++;
    if (i < ctr_n_steps && ctr_steps[i].without != NULL)
        return &ctr_steps[i];
    err_set(e, EINVAL, "%s",
            i < ctr_n_steps ? "a container can be neither made nor taken down "
                              "without this step"
                            : "no such step (run --trace=steps shows them)");
    return NULL;
}

bool ctr_skips(const struct ctr *ctr, const char *name)
{
    const struct spec *spec = ctr->spec;
    for (size_t i = 0; spec != NULL && i < spec->skipped.n; i++)
        if (strcmp(spec->skipped.v[i], name) == 0)
            return true;
    return false;
}
