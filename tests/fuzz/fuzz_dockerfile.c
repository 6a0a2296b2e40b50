/* Dockerfiles (chapter 09): what is read has what its header promises, and each
 * instruction, alone, reads as the same again; what is refused has a line. */
#include "dockerfile.h"
#include "fuzz.h"

#include <errno.h>

static void must_read_again(const struct dockerfile_instruction *i, char escape)
{
    /* What follows the first line is in no `text`; and the escape character is
     * the file's. */
    if (i->n_heres > 0 || escape != '\\')
        return;
    auto_dockerfile_instruction struct dockerfile_instruction again = {0};
    int r = dockerfile_parse_line(i->text, &again, NULL);
    /* A line that ended in an escaped escape, or began with a sign that "\"
     * kept apart, is another one when it stands alone. */
    if (r < 0 || strcmp(i->text, again.text) != 0)
        return;
    fuzz_must(again.kind == i->kind && again.words.n == i->words.n);
    for (size_t k = 0; k < i->words.n; k++)
        fuzz_must(strcmp(again.words.v[k], i->words.v[k]) == 0);
}

static void must_be_whole(const struct dockerfile *file)
{
    fuzz_must(file->n > 0);
    unsigned line = 0;
    for (size_t k = 0; k < file->n; k++) {
        const struct dockerfile_instruction *i = &file->v[k];
        auto_text struct text excerpt = {0};
        fuzz_must(i->line > line && i->last_line >= i->line);
        fuzz_must(i->last_line <= file->lines.n);
        fuzz_must(i->words.n > 0 || i->is_json);
        fuzz_must(strchr(i->text, '\n') == NULL);
        for (size_t h = 0; h < i->n_heres; h++)
            fuzz_must(i->heres[h].name[0] != '\0' && i->heres[h].text != NULL);
        dockerfile_point(file, i, &excerpt);
        fuzz_must(excerpt.len > 0);
        must_read_again(i, file->escape);
        line = i->last_line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_dockerfile struct dockerfile file = {0};
    auto_text struct text excerpt = {0};
    struct err e = {0};
    int r = dockerfile_parse("Dockerfile", (const char *)data, size, &file,
                             &excerpt, &e);
    fuzz_must_say(r, &e);
    if (r == 0)
        must_be_whole(&file);
    else
        fuzz_must(r == -EINVAL);
    if (r < 0 && strstr(e.msg, "error on line") != NULL)
        fuzz_must(text_ends(excerpt.s, "^\n"));
    return 0;
}
