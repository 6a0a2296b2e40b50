/*
 * contract.h - what every contract test (test_*.c) shares: a main for Check
 * that prints TAP, and a way to skip.
 *
 *     START_TEST(lab_4_1_group_is_created) { ... } END_TEST
 *     static void add(TCase *tc) { tcase_add_test(tc, lab_4_1_...); }
 *     int main(void) { return contract_main("cgroups", add); }
 *
 * Check forks for each test, so a crash or a stray mount costs one test. A
 * test whose name begins lab_N_k_ grades exercise N.k. The output is TAP; a
 * failure whose message begins "SKIP: " is counted as skipped by
 * scripts/run-tests, because Check has no notion of skipping.
 *
 * MINI_DOCKER_TRACE shows what is asked of the kernel (trace.h). It is taken
 * out of the environment: what a test starts must not write over it.
 */
#ifndef CONTRACT_H
#define CONTRACT_H

#include "channel.h"
#include "step.h"
#include "trace.h"

/* Leave the test as skipped unless `condition` holds; `why` names the lack. */
#define contract_needs(condition, why)                                         \
    do {                                                                       \
        if (!(condition)) {                                                    \
            channel_tell("skip", why);                                         \
            ck_abort_msg("SKIP: %s", why);                                     \
        }                                                                      \
    } while (0)

/* Run the tests that `add` puts into one case; exit status for main. */
static inline int contract_main(const char *name, void (*add)(TCase *))
{
    struct err e;
    channel_open();
    if (trace_open(getenv("MINI_DOCKER_TRACE"), &e) < 0)
        fprintf(stderr, "%s\n", e.msg);
    unsetenv("MINI_DOCKER_TRACE");
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 60);
    add(tests);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
