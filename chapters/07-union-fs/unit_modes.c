/* Permissions in chmod's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "modes.h"

static void words_change_what_they_name(void **state)
{
    static const struct {
        const char *words;
        mode_t before, after;
    } rows[] = {
        {"u=rwX,go=rX", S_IFREG | 0600,  S_IFREG | 0644 },
        {"u=rwX,go=rX", S_IFREG | 0100,  S_IFREG | 0755 },
        {"u=rwX,go=rX", S_IFDIR | 0700,  S_IFDIR | 0755 },
        {"a=r",         S_IFREG | 0777,  S_IFREG | 0444 },
        {"=r",          S_IFREG | 04777, S_IFREG | 0444 },
        {"+x",          S_IFREG | 0644,  S_IFREG | 0755 },
        {"+w",          S_IFREG | 0444,  S_IFREG | 0644 },
        {"a+w",         S_IFREG | 0444,  S_IFREG | 0666 },
        {"go-rwx",      S_IFREG | 0755,  S_IFREG | 0700 },
        {"g=u",         S_IFREG | 0640,  S_IFREG | 0660 },
        {"o=g-w",       S_IFREG | 0670,  S_IFREG | 0675 },
        {"u+s,g+s",     S_IFREG | 0755,  S_IFREG | 06755},
        {"+t",          S_IFDIR | 0777,  S_IFDIR | 01777},
        {"u=",          S_IFREG | 04755, S_IFREG | 0055 },
        {"u+r-w+x",     S_IFREG | 0200,  S_IFREG | 0500 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(modes_is_valid(rows[i].words));
        assert_int_equal(modes_apply(rows[i].words, rows[i].before),
                         rows[i].after);
    }
}

static void what_is_none_is_refused(void **state)
{
    static const char *const none[] = {"",     "u",   "rwx",  "u=rwx,",
                                       ",u=r", "z+r", "u+rz", "u*r",
                                       "u+ug", "755", "u=r w"};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (modes_is_valid(none[i]))
            fail_msg("taken: \"%s\"", none[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_change_what_they_name),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
