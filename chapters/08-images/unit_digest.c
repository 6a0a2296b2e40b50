/* Digests: of what, and which names are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "digest.h"

#include <errno.h>

static void digests_are_sha256(void **state)
{
    (void)state;
    char text[DIGEST_SIZE];
    digest_of("abc", 3, text);
    assert_string_equal(text, "sha256:ba7816bf8f01cfea414140de5dae2223"
                              "b00361a396177a9cb410ff61f20015ad");
    assert_true(digest_is_valid(text));
    text[10] = 'A';
    assert_false(digest_is_valid(text));
    static const char *const bad[] = {"", "sha256:", "sha256:../../etc",
                                      "sha512:00", "sha256"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(digest_is_valid(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_sha256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
