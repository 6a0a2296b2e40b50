/* Words with variables (chapter 09): a word, and the variables, one a line. The
 * same word gives the same twice; what has none of the signs stays as it is. */
#include "fuzz.h"
#include "words.h"

#include <errno.h>

static const size_t MOST = 3 << 20;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *word = fuzz_part(&in);
    auto_free char *variables = fuzz_part(&in);
    auto_strv struct strv env = {0}, list = {0};
    strv_split(&env, variables, '\n');
    const struct words w = {.escape = size % 2 == 0 ? '\\' : '`', .env = &env};
    const struct words plain = {.escape = w.escape, .env = NULL};
    auto_free char *first = NULL, *again = NULL, *text = NULL, *quoted = NULL;
    struct err e = {0};
    int r = words_expand(&w, word, &first, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == 0 || (r == -EINVAL && first == NULL));
    fuzz_must(words_expand(&w, word, &again, NULL) == r);
    fuzz_must(r < 0 || (strcmp(first, again) == 0 && strlen(first) < MOST));
    fuzz_must(words_expand_list(&w, word, &list, NULL) == r);
    for (size_t i = 0; i < list.n; i++)
        fuzz_must(list.v[i][0] != '\0');
    words_expand_text(&w, word, &text, NULL);
    words_expand(&plain, word, &quoted, NULL);
    if (strpbrk(word, "$'\"\\`") == NULL)
        fuzz_must(strcmp(first, word) == 0 && strcmp(text, word) == 0);
    return 0;
}
