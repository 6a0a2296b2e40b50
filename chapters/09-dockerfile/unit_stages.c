/* The plan of a build: stages, what they begin with, who needs whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "stages.h"

#include <errno.h>
#include <string.h>

/* One Dockerfile, one target, and what is planned: a letter for each stage, in
 * upper case where it is needed; or how it is refused. */
static const struct row {
    const char *text, *target, *plan, *refusal;
} rows[] = {
    {"FROM a\n",                                                        NULL,     "A",   NULL                                },
    {"FROM a\nFROM b\n",                                                NULL,     "aB",  NULL                                },
    {"FROM a\nFROM b\n",                                                "0",      "Ab",  NULL                                },
    {"FROM a AS one\nFROM b\nCOPY --from=one / /\n",                    NULL,     "AB",  NULL                                },
    {"FROM a AS one\nFROM b\nCOPY --from=0 / /\n",                      NULL,     "AB",  NULL                                },
    {"FROM a AS one\nFROM b\nCOPY --from=ONE / /\n",                    NULL,     "AB",  NULL                                },
    {"FROM a AS one\nFROM b\nRUN --mount=type=bind,from=one x\n",       NULL,     "AB",
     NULL                                                                                                                    },
    {"FROM a AS one\nFROM one AS two\nFROM two\n",                      NULL,     "ABC", NULL                                },
    {"FROM a AS one\nFROM one AS two\nFROM b\n",                        NULL,     "abC", NULL                                },
    {"FROM a AS one\nFROM one AS two\nFROM b\n",                        "two",    "ABc", NULL                                },
    {"FROM a AS one\nFROM b\nCOPY --from=later / /\nFROM c AS later\n", "1",
     "aBc",                                                                              NULL                                },
    {"FROM a AS one\nFROM a AS one\n",                                  NULL,     NULL,  "duplicate name one"                },
    {"FROM a\n",                                                        "nosuch", NULL,
     "failed to reach build target nosuch in Dockerfile"                                                                     },
    {"RUN x\nFROM a\n",                                                 NULL,     NULL,  "no build stage in current context" },
    {"ARG x\n",                                                         NULL,     NULL,  "contains no stages to build"       },
    {"ARG x\nFROM $x\n",                                                NULL,     NULL,  "base name ($x) should not be blank"},
};

static int plan(const char *text, struct stages_order *order,
                struct dockerfile *file, struct stages *ret, struct err *e)
{
    int r = dockerfile_parse("Dockerfile", text, strlen(text), file, NULL, e);
    return r < 0 ? r : stages_plan(file, order, ret, e);
}

static void only_what_the_target_leads_to_is_needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_strv struct strv none = {0};
        auto_dockerfile struct dockerfile file = {0};
        auto_stages struct stages stages = {.v = NULL};
        struct stages_order order = {.args = &none, .target = rows[i].target};
        struct err e = {0};
        int r = plan(rows[i].text, &order, &file, &stages, &e);
        if (rows[i].refusal != NULL) {
            assert_int_equal(r, -EINVAL);
            if (strstr(e.msg, rows[i].refusal) == NULL)
                fail_msg("%s: %s", rows[i].text, e.msg);
            continue;
        }
        assert_int_equal(r, 0);
        assert_int_equal(stages.n, strlen(rows[i].plan));
        for (size_t k = 0; k < stages.n; k++)
            assert_int_equal(stages.v[k].is_needed, rows[i].plan[k] < 'a');
    }
}

static void bases_are_images_stages_or_nothing(void **state)
{
    (void)state;
    auto_strv struct strv args = {0}, automatic = {0};
    strv_add(&args, "tag=2");
    strv_add(&automatic, "TARGETARCH=amd64");
    auto_dockerfile struct dockerfile file = {0};
    auto_stages struct stages stages = {.v = NULL};
    struct stages_order order = {.args = &args, .automatic = &automatic};
    struct err e;
    int r =
        plan("ARG tag=1\nARG name=base-$TARGETARCH\nFROM $name:$tag AS one\n"
             "FROM scratch\nFROM --platform=linux/$TARGETARCH One\n",
             &order, &file, &stages, &e);
    assert_int_equal(r, 0);
    if (r < 0)
        return; /* which it did: asserts do not come back */
    assert_string_equal(stages.v[0].base, "base-amd64:2");
    assert_int_equal(stages.v[0].from, -1);
    assert_true(stages.v[1].is_scratch);
    assert_int_equal(stages.v[2].from, 0);
    assert_string_equal(stages.v[2].platform, "linux/amd64");
}

static void a_stage_has_a_name_or_a_number(void **state)
{
    (void)state;
    auto_strv struct strv none = {0};
    auto_dockerfile struct dockerfile file = {0};
    auto_stages struct stages stages = {.v = NULL};
    struct stages_order order = {.args = &none};
    struct err e;
    assert_int_equal(
        plan("FROM a AS one\nFROM b\n", &order, &file, &stages, &e), 0);
    assert_int_equal(stages_find(&stages, 2, "one"), 0);
    assert_int_equal(stages_find(&stages, 2, "1"), 1);
    assert_int_equal(stages_find(&stages, 1, "1"), -1);
    assert_int_equal(stages_find(&stages, 2, "x"), -1);
    auto_free char *from = stages_mount_from("type=bind,from=one,target=/x");
    assert_string_equal(from, "one");
    assert_null(stages_mount_from("type=cache,target=/from=x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_target_leads_to_is_needed),
        cmocka_unit_test(bases_are_images_stages_or_nothing),
        cmocka_unit_test(a_stage_has_a_name_or_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
