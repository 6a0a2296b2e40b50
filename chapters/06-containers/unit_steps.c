/* The create table as a whole: what each step says of itself, and the order
 * that the comment on top of create.c promises. No step is run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "steps.h"

#include <ctype.h>
#include <string.h>

static size_t index_of(const char *name)
{
    for (size_t i = 0; i < ctr_n_steps; i++)
        if (strcmp(ctr_steps[i].name, name) == 0)
            return i;
    fail_msg("there is no step \"%s\"", name);
    return 0;
}

static void every_step_tells_its_story(void **state)
{
    (void)state;
    for (size_t i = 0; i < ctr_n_steps; i++) {
        const struct ctr_step *step = &ctr_steps[i];
        assert_non_null(step->name);
        assert_non_null(step->chapter);
        assert_non_null(step->why);
        assert_in_range(strlen(step->name), 2, 20);
        assert_in_range(strlen(step->why), 10, 72);
        assert_true(islower((unsigned char)step->name[0]));
        /* The chapters below this one, and itself. */
        assert_int_equal(strlen(step->chapter), 2);
        assert_true(strcmp(step->chapter, "01") >= 0);
        assert_true(strcmp(step->chapter, "06") <= 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(step->name, ctr_steps[j].name);
    }
}

static void every_step_does_something(void **state)
{
    (void)state;
    for (size_t i = 0; i < ctr_n_steps; i++) {
        const struct ctr_step *step = &ctr_steps[i];
        assert_true(step->inside != NULL || step->outside != NULL);
        /* To meet takes two. */
        if (step->meets)
            assert_true(step->inside != NULL && step->outside != NULL);
    }
}

static void nothing_is_inside_before_there_is_a_process(void **state)
{
    (void)state;
    size_t process = index_of("process");
    for (size_t i = 0; i <= process; i++)
        assert_null(ctr_steps[i].inside);
    /* And but for the gate, the parent waits for nothing of its own after. */
    for (size_t i = process + 1; i < ctr_n_steps; i++)
        assert_non_null(ctr_steps[i].inside);
}

/*
 * What the child does to itself and in its own namespaces ends with it. What
 * the parent does in the world outside needs an undo, or a reason here.
 */
static const struct {
    const char *name, *why;
} not_undone[] = {
    {"limits",         "they are files of the group, and go with it"      },
    {"device rules",   "the program hangs on the group, and goes with it" },
    {"mapped volumes", "descriptors, which ctr_done closes"               },
    {"id maps",        "they belong to the namespace, that to the process"},
    {"oom score",      "it is an attribute of the process"                },
    {"runtime hooks",  "others did it, and poststop hooks are their undo" },
    {"ready",          "a word to somebody who waits"                     },
    {"gate",           "a word to the child"                              },
};
#define N_NOT_UNDONE (sizeof not_undone / sizeof not_undone[0])

static void what_outlives_the_process_is_undone(void **state)
{
    (void)state;
    for (size_t i = 0; i < ctr_n_steps; i++) {
        const struct ctr_step *step = &ctr_steps[i];
        bool excused = false;
        for (size_t j = 0; j < N_NOT_UNDONE; j++)
            excused = excused || strcmp(not_undone[j].name, step->name) == 0;
        if (step->outside != NULL && step->undo == NULL && !excused)
            fail_msg("\"%s\" acts outside and has no undo", step->name);
        if (step->undo != NULL && excused)
            fail_msg("\"%s\" has an undo, and an excuse", step->name);
    }
}

/* Each line is a rule of the kernel, or an attack. */
static const struct {
    const char *first, *then, *why;
} orders[] = {
    {"cgroup",            "limits",            "files need their directory"             },
    {"limits",            "process",           "no instruction of it runs unlimited"    },
    {"device rules",      "process",           "nor with the host's disks"              },
    {"process",           "birth",             "it dies with us from the first moment"  },
    {"birth",             "enter cgroup",      "also while it moves"                    },
    {"enter cgroup",      "id maps",           "the group's files are still ours"       },
    {"enter cgroup",      "cgroup namespace",
     "the group one is in becomes its root"                                             },
    {"id maps",           "hostname",          "only root of the namespace may name it" },
    {"id maps",           "root",              "only root of the namespace may mount"   },
    {"undumpable",        "join namespaces",   "somebody in there might trace it"       },
    {"standard streams",  "root",              "no descriptor of ours is at hand inside"},
    {"root",              "mounts",            "there must be something to mount on"    },
    {"mounts",            "cgroup mount",      "/sys lies below it"                     },
    {"mounts",            "devices",           "/dev lies below them"                   },
    {"devices",           "terminal",          "/dev/console is one of them"            },
    {"sysctls",           "read-only paths",   "afterwards /proc/sys cannot be written" },
    {"mounts",            "read-only paths",   "what is mounted later would lie on top" },
    {"mounts",            "masked paths",      "the same"                               },
    {"cgroup mount",      "masked paths",      "the same"                               },
    {"masked paths",      "pivot",             "they are named by the new root"         },
    {"runtime hooks",     "pivot",             "a hook may still mount"                 },
    {"container hooks",   "pivot",             "a hook's program is the host's"         },
    {"mounts",            "pivot",             "the host's files can still be named"    },
    {"label file",        "mounts",            "/proc is the host's until then"         },
    {"pivot",             "working directory", "its path is one of the container's"     },
    {"pivot",             "program",           "so is the program's"                    },
    {"program",           "gate",              "127 comes before anything is announced" },
    {"working directory", "gate",              "so does what is wrong with it"          },
    {"program",           "rlimits",           "few descriptors are enough for it"      },
    {"rlimits",           "gate",              "a limit that cannot be is told early"   },
    {"ready",             "gate",              "ready is said when all could be made"   },
    {"gate",              "start hooks",       "they belong to the start"               },
    {"gate",              "no new privileges", "what takes power away comes last"       },
    {"start hooks",       "capabilities",      "a hook has the runtime's powers"        },
    {"no new privileges", "exec",              "it is meant for execve"                 },
    {"security label",    "exec",              "so is this"                             },
    {"seccomp filter",    "capabilities",      "installing it needs CAP_SYS_ADMIN"      },
    {"rlimits",           "capabilities",      "raising one needs CAP_SYS_RESOURCE"     },
    {"capabilities",      "exec",              "the program must not have had them"     },
};

static void the_order_is_one_that_works(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (index_of(orders[i].first) >= index_of(orders[i].then))
            fail_msg("\"%s\" must come before \"%s\": %s", orders[i].first,
                     orders[i].then, orders[i].why);
}

static void the_first_is_the_group_and_the_last_is_exec(void **state)
{
    (void)state;
    assert_int_equal(index_of("cgroup"), 0);
    assert_int_equal(index_of("exec"), ctr_n_steps - 1);
    assert_null(ctr_steps[ctr_n_steps - 1].wanted);
}

/* ctr_create stops before it, ctr_start begins with it: the one place where
 * the caller acts. It must be there for every container, and once. */
static void there_is_one_gate_for_everybody(void **state)
{
    (void)state;
    size_t gates = 0;
    for (size_t i = 0; i < ctr_n_steps; i++)
        gates += ctr_steps[i].outside == ctr_out_gate;
    assert_int_equal(gates, 1);
    const struct ctr_step *gate = &ctr_steps[index_of("gate")];
    assert_ptr_equal(gate->outside, ctr_out_gate);
    assert_null(gate->wanted);
    assert_non_null(gate->inside); /* so that the child waits */
    /* The parent's last step: then it only listens. */
    for (size_t i = index_of("gate") + 1; i < ctr_n_steps; i++)
        assert_null(ctr_steps[i].outside);
}

/* Giving up power is not for some containers: at most it is for all that did
 * not ask to keep it. */
static void nobody_goes_without_what_is_never_optional(void **state)
{
    (void)state;
    static const char *const always[] = {
        "process", "birth",  "undumpable",      "standard streams",
        "root",    "mounts", "read-only paths", "masked paths",
        "pivot",   "gate",   "capabilities",    "exec",
    };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        assert_null(ctr_steps[index_of(always[i])].wanted);
}

/* A session keyring of its own is everybody's who did not refuse it. */
static void the_keyring_stays_ours_only_if_somebody_says_so(void **state)
{
    (void)state;
    struct spec spec = {0};
    struct ctr ctr = {.spec = &spec};
    const struct ctr_step *keyring = &ctr_steps[index_of("keyring")];
    assert_true(keyring->wanted(&ctr));
    spec.process.keep_keyring = true;
    assert_false(keyring->wanted(&ctr));
}

/* Without these there is no container, or nobody could end it; or what fails
 * is somebody else's (hooks). A new step says of itself that it may go. */
static void what_makes_and_ends_a_container_is_never_left_out(void **state)
{
    (void)state;
    static const char *const needed[] = {
        "cgroup",
        "mapped volumes",
        "process",
        "birth",
        "own number",
        "enter cgroup",
        "id maps",
        "label file",
        "join namespaces",
        "standard streams",
        "root",
        "terminal",
        "runtime hooks",
        "container hooks",
        "program",
        "ready",
        "gate",
        "start socket",
        "start hooks",
        "exec",
    };
    size_t n = 0;
    for (size_t i = 0; i < ctr_n_steps; i++)
        n += ctr_steps[i].without == NULL;
    assert_int_equal(n, sizeof needed / sizeof needed[0]);
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        assert_null(ctr_steps[index_of(needed[i])].without);
        assert_null(ctr_find_optional(needed[i], &e));
        assert_non_null(strstr(e.msg, "neither made nor taken down"));
    }
}

static void a_step_is_found_by_its_name_however_it_is_typed(void **state)
{
    (void)state;
    static const char *const good[] = {"masked paths", "masked-paths",
                                       "Masked-Paths", "MASKED PATHS"};
    static const char *const bad[] = {"",
                                      "masked",
                                      "masked  paths",
                                      "pivot ",
                                      "masked_paths",
                                      "read only paths",
                                      "pivots",
                                      "-"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_string_equal(ctr_find_optional(good[i], NULL)->name,
                            "masked paths");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(ctr_find_optional(bad[i], NULL));
    assert_string_equal(ctr_find_optional("read-only-paths", NULL)->name,
                        "read-only paths");
    for (size_t i = 0; i < ctr_n_steps; i++)
        if (ctr_steps[i].without != NULL)
            assert_ptr_equal(ctr_find_optional(ctr_steps[i].name, NULL),
                             &ctr_steps[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_tells_its_story),
        cmocka_unit_test(every_step_does_something),
        cmocka_unit_test(nothing_is_inside_before_there_is_a_process),
        cmocka_unit_test(what_outlives_the_process_is_undone),
        cmocka_unit_test(the_order_is_one_that_works),
        cmocka_unit_test(the_first_is_the_group_and_the_last_is_exec),
        cmocka_unit_test(there_is_one_gate_for_everybody),
        cmocka_unit_test(nobody_goes_without_what_is_never_optional),
        cmocka_unit_test(what_makes_and_ends_a_container_is_never_left_out),
        cmocka_unit_test(a_step_is_found_by_its_name_however_it_is_typed),
        cmocka_unit_test(the_keyring_stays_ours_only_if_somebody_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
