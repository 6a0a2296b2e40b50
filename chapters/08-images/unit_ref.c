/* References, as Docker reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "ref.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32

static void good_references_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *text, *full, *familiar, *repository;
    } cases[] = {
        {"busybox",                         "docker.io/library/busybox:latest",    "busybox:latest",
         "busybox"                                                                                                               },
        {"busybox:1.36",                    "docker.io/library/busybox:1.36",      "busybox:1.36",
         "busybox"                                                                                                               },
        {"docker.io/busybox",               "docker.io/library/busybox:latest",
         "busybox:latest",                                                                                 "busybox"             },
        {"index.docker.io/library/busybox", "docker.io/library/busybox:latest",
         "busybox:latest",                                                                                 "busybox"             },
        {"me/app",                          "docker.io/me/app:latest",             "me/app:latest",        "me/app"              },
        {"library/a/b",                     "docker.io/library/a/b:latest",        "library/a/b:latest",
         "library/a/b"                                                                                                           },
        {"localhost/app",                   "localhost/app:latest",                "localhost/app:latest",
         "localhost/app"                                                                                                         },
        {"localhost:5000/app:v1",           "localhost:5000/app:v1",
         "localhost:5000/app:v1",                                                                          "localhost:5000/app"  },
        {"ghcr.io/o/p_q/r-s__t:V_1.0-x",    "ghcr.io/o/p_q/r-s__t:V_1.0-x",
         "ghcr.io/o/p_q/r-s__t:V_1.0-x",                                                                   "ghcr.io/o/p_q/r-s__t"},
        {"[2001:db8::1]:80/x",              "[2001:db8::1]:80/x:latest",
         "[2001:db8::1]:80/x:latest",                                                                      "[2001:db8::1]:80/x"  },
        {"Registry/app",                    "Registry/app:latest",                 "Registry/app:latest",
         "Registry/app"                                                                                                          },
        {"a@sha256:" HEX64,                 "docker.io/library/a@sha256:" HEX64,
         "a@sha256:" HEX64,                                                                                "a"                   },
        {"a:b@sha256:" HEX64,               "docker.io/library/a:b@sha256:" HEX64,
         "a:b@sha256:" HEX64,                                                                              "a"                   },
        {HEX32,                             "docker.io/library/" HEX32 ":latest",  HEX32 ":latest",        HEX32                 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_ref struct ref ref = {0};
        struct err e;
        if (ref_parse(cases[i].text, &ref, &e) < 0)
            fail_msg("%s: %s", cases[i].text, e.msg);
        auto_free char *full = ref_full(&ref);
        auto_free char *familiar = ref_familiar(&ref);
        auto_free char *repository = ref_repository(&ref);
        assert_string_equal(full, cases[i].full);
        assert_string_equal(familiar, cases[i].familiar);
        assert_string_equal(repository, cases[i].repository);
        /* What was parsed once means the same when it is parsed again. */
        auto_ref struct ref again = {0};
        assert_int_equal(ref_parse(familiar, &again, NULL), 0);
        auto_free char *same = ref_full(&again);
        assert_string_equal(same, full);
    }
}

/* ghcr.io/a would be read as the image "a" of another registry. */
static void the_hub_is_said_where_the_rest_would_mislead(void **state)
{
    (void)state;
    static const char *const names[] = {"docker.io/ghcr.io/a:latest",
                                        "docker.io/localhost/a:1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        auto_ref struct ref ref = {0};
        assert_int_equal(ref_parse(names[i], &ref, NULL), 0);
        auto_free char *full = ref_full(&ref);
        auto_free char *familiar = ref_familiar(&ref);
        assert_string_equal(full, names[i]);
        assert_string_equal(familiar, names[i]);
    }
}

static void bad_references_are_refused_in_dockers_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"",               "invalid reference format"                            },
        {":tag",           "invalid reference format"                            },
        {"a:",             "invalid reference format"                            },
        {"a:-x",           "invalid reference format"                            },
        {"a:b:c",          "invalid reference format"                            },
        {"a b",            "invalid reference format"                            },
        {"-a",             "invalid reference format"                            },
        {"a-",             "invalid reference format"                            },
        {"a___b",          "invalid reference format"                            },
        {"a..b",           "invalid reference format"                            },
        {"a//b",           "invalid reference format"                            },
        {"/a",             "invalid reference format"                            },
        {"a/",             "invalid reference format"                            },
        {"../a",           "invalid reference format"                            },
        {"-host.org/a",    "invalid reference format"                            },
        {"host.:80/a",     "invalid reference format"                            },
        {"host:port/a",    "invalid reference format"                            },
        {"a@sha256:123",   "invalid reference format"                            },
        {"a@md5:" HEX32,   "invalid reference format"                            },
        {"\xc3\xa4",       "invalid reference format"                            },
        {"Busy",           "invalid reference format: repository name (library/Busy) "
                 "must be lowercase"                             },
        {"ghcr.io/Me/app", "invalid reference format: repository name "
                           "(Me/app) must be lowercase"},
        {HEX64,            "invalid repository name (" HEX64
                "), cannot specify 64-byte hexadecimal strings"   },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ref ref;
        struct err e = {0};
        if (ref_parse(cases[i].text, &ref, &e) != -EINVAL)
            fail_msg("%s is accepted", cases[i].text);
        assert_string_equal(e.msg, cases[i].why);
        assert_null(ref.domain);
    }
}

static void lengths_have_limits(void **state)
{
    (void)state;
    char text[400] = "a:";
    struct ref ref = {0};
    memset(text + 2, 't', 128);
    assert_int_equal(ref_parse(text, &ref, NULL), 0);
    ref_done(&ref);
    text[130] = 't';
    assert_int_equal(ref_parse(text, &ref, NULL), -EINVAL);
    memset(text, 'a', 300);
    struct err e;
    assert_int_equal(ref_parse(text, &ref, &e), -EINVAL);
    assert_string_equal(e.msg,
                        "repository name must not be more than 255 characters");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_references_are_understood),
        cmocka_unit_test(the_hub_is_said_where_the_rest_would_mislead),
        cmocka_unit_test(bad_references_are_refused_in_dockers_words),
        cmocka_unit_test(lengths_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
