// WRAP poll cg_adopt cg_set_limits device_rules_apply proc_clone talk_send
// WRAP talk_receive proc_signal proc_wait cg_destroy cg_thaw cg_clone_fd
/* The walkers: which functions are called, in which order, when one fails. The
 * kernel is faked; what was called is written down as words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "proc.h"
#include "steps.h"
#include "talk.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct text said;    /* the calls, with blanks between them */
static const char *failing; /* the call that fails, or NULL */

static int note(const char *word)
{
    text_addf(&said, "%s ", word);
    bool every = failing != NULL && strcmp(failing, "every undo") == 0;
    bool this = failing != NULL && strcmp(failing, word) == 0;
    return this || (every && word[0] == '-') ? -EIO : 0;
}

static int begin(void **state)
{
    (void)state;
    text_clear(&said);
    text_add(&said, "");
    failing = NULL;
    return 0;
}

/* --- a table of our own --------------------------------------------------- */

static int out_a(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    int r = note("a");
    return r < 0 ? err_sys(e, r, "a") : 0;
}

static int out_b(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    int r = note("b");
    return r < 0 ? err_sys(e, r, "b") : 0;
}

static int undo_a(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    int r = note("-a");
    return r < 0 ? err_sys(e, r, "undo a") : 0;
}

static int undo_b(struct ctr *ctr, struct err *e)
{
    (void)ctr;
    int r = note("-b");
    return r < 0 ? err_set(e, EBUSY, "undo b") : 0;
}

static bool never(const struct ctr *ctr)
{
    (void)ctr;
    return false;
}

static const struct ctr_step small[] = {
    {.name = "a",
     .chapter = "06",
     .why = "first",
     .outside = out_a,
     .undo = undo_a },
    {.name = "no",
     .chapter = "06",
     .why = "-",
     .outside = out_b,
     .wanted = never},
    {.name = "b",
     .chapter = "06",
     .why = "then",
     .outside = out_b,
     .undo = undo_b },
    {.name = "m",
     .chapter = "06",
     .why = "meet",
     .outside = out_a,
     .inside = out_b},
};
static const struct ctr_table table = {.v = small, .n = 4};

int __wrap_talk_send(int fd, const struct talk_message *message, struct err *e)
{
    (void)fd, (void)e;
    assert_int_equal(message->kind, CTR_GO);
    auto_free char *go = text_format("go%d", message->value);
    return note(go);
}

static struct talk_message word; /* what the child says; kind 0: nothing */

int __wrap_talk_receive(int fd, struct talk_message *ret, struct err *e)
{
    (void)fd;
    *ret = word;
    return word.kind == 0 ? err_set(e, EPIPE, "gone") : 0;
}

static void a_step_that_is_skipped_is_taken_on_neither_side(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    strv_split(&spec.skipped, "m,a", ',');
    struct ctr ctr = CTR_INIT;
    struct err e;
    ctr.spec = &spec;
    /* No go3: the child would not wait for it. */
    assert_int_equal(ctr_walk_outside(&ctr, &table, 0, 4, &e), 0);
    assert_string_equal(said.s, "b ");
    /* What there is to be undone is undone all the same. */
    assert_int_equal(ctr_walk_back(&ctr, &table, &e), 0);
    assert_string_equal(said.s, "b -b -a ");
}

static void steps_are_taken_in_order_and_the_child_hears_where_it_waits(
    void **state)
{
    (void)state;
    struct ctr ctr = CTR_INIT;
    struct err e;
    assert_int_equal(ctr_walk_outside(&ctr, &table, 0, 4, &e), 0);
    assert_string_equal(said.s, "a b a go3 ");
}

static void a_part_of_the_table_can_be_walked(void **state)
{
    (void)state;
    struct ctr ctr = CTR_INIT;
    assert_int_equal(ctr_walk_outside(&ctr, &table, 1, 3, NULL), 0);
    assert_string_equal(said.s, "b ");
}

static void nothing_follows_a_failure(void **state)
{
    (void)state;
    struct ctr ctr = CTR_INIT;
    struct err e;
    failing = "b";
    assert_int_equal(ctr_walk_outside(&ctr, &table, 0, 4, &e), -EIO);
    assert_string_equal(said.s, "a b ");
    assert_string_equal(e.msg, "b: Input/output error");
}

static void undoing_goes_backwards_through_all(void **state)
{
    (void)state;
    struct ctr ctr = CTR_INIT;
    assert_int_equal(ctr_walk_back(&ctr, &table, NULL), 0);
    assert_string_equal(said.s, "-b -a ");
}

static void a_failed_undo_stops_no_other_and_the_first_is_told(void **state)
{
    (void)state;
    struct ctr ctr = CTR_INIT;
    struct err e;
    failing = "every undo";
    assert_int_equal(ctr_walk_back(&ctr, &table, &e), -EBUSY);
    assert_string_equal(said.s, "-b -a ");
    assert_string_equal(e.msg, "undo b");
}

/* --- what the child says -------------------------------------------------- */

static int hear(int kind, int value, int code, struct err *e)
{
    struct ctr ctr = CTR_INIT;
    word = (struct talk_message){.kind = kind, .value = value};
    word.err.code = code;
    snprintf(word.err.msg, sizeof word.err.msg, "reason");
    return ctr_hear_child(&ctr, &table, e);
}

static void silence_is_success(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(hear(0, 0, 0, &e), 0);
}

static void a_failing_step_is_told_by_name(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(hear(CTR_FAILED, 2, ENOSPC, &e), -ENOSPC);
    assert_string_equal(e.msg, "b: reason");
    assert_int_equal(hear(CTR_FAILED, 2, CTR_NOT_FOUND, &e), -CTR_NOT_FOUND);
    assert_string_equal(e.msg, "reason");
    assert_int_equal(hear(CTR_FAILED, 2, ENOSPC, NULL), -ENOSPC);
}

/* The child runs what an image says, and might say anything. */
static void nonsense_is_refused(void **state)
{
    (void)state;
    struct err e;
    assert_int_equal(hear(CTR_FAILED, 4, EIO, &e), -EPROTO);
    assert_int_equal(hear(CTR_FAILED, -1, EIO, &e), -EPROTO);
    assert_int_equal(hear(CTR_FAILED, 0, 0, &e), -EPROTO);
    assert_int_equal(hear(CTR_FAILED, 0, -5, &e), -EPROTO);
    assert_int_equal(hear(CTR_GO, 0, EIO, &e), -EPROTO);
    assert_int_equal(hear(77, 0, EIO, &e), -EPROTO);
}

/* --- the real table, up to the gate --------------------------------------- */

int __wrap_cg_adopt(struct cg *ret, const char *path, struct err *e)
{
    (void)ret, (void)path;
    int r = note("group");
    return r < 0 ? err_sys(e, r, "group") : 0;
}

int __wrap_cg_set_limits(const struct cg *cg, const struct cg_limits *limits,
                         struct err *e)
{
    (void)cg, (void)limits;
    int r = note("limits");
    return r < 0 ? err_sys(e, r, "limits") : 0;
}

int __wrap_device_rules_apply(const struct device_rules *rules,
                              const struct cg *cg, struct err *e)
{
    (void)rules, (void)cg;
    int r = note("rules");
    return r < 0 ? err_sys(e, r, "rules") : 0;
}

int __wrap_cg_clone_fd(const struct cg *cg)
{
    (void)cg;
    return -1;
}

int __wrap_proc_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd,
                      struct err *e)
{
    (void)flags, (void)cgroup_fd;
    int r = note("clone");
    if (r < 0)
        return err_sys(e, r, "clone");
    *ret_pidfd = dup(0); /* somebody will close it */
    return 4711;
}

/* Nobody has been made who could have said something. */
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    (void)fds, (void)n, (void)timeout_ms;
    return 0;
}

int __wrap_proc_signal(int pidfd, int signal, struct err *e)
{
    (void)pidfd, (void)e;
    assert_int_equal(signal, SIGKILL);
    return note("kill");
}

int __wrap_cg_thaw(const struct cg *cg, struct err *e)
{
    (void)cg, (void)e;
    return 0;
}

int __wrap_proc_wait(int pidfd, struct err *e)
{
    (void)pidfd, (void)e;
    note("wait");
    return 137;
}

int __wrap_cg_destroy(struct cg *cg, struct err *e)
{
    (void)cg, (void)e;
    return note("ungroup");
}

static int created(void *arg, pid_t pid, struct err *e)
{
    (void)arg;
    assert_int_equal(pid, 4711);
    int r = note("created");
    return r < 0 ? err_sys(e, r, "created") : 0;
}

/* Create a plain container whose step `name` fails; what was called. */
static int create_failing(const char *name, struct err *e)
{
    auto_spec struct spec spec = SPEC_INIT;
    struct ctr ctr = CTR_INIT;
    const struct ctr_options options = {
        .stdio = {-1, -1, -1},
          .created = created
    };
    strv_add(&spec.process.args, "true");
    spec.process.cwd = own_strdup("/");
    spec.root.path = own_strdup("/");
    spec.new_namespaces = NS_BIT(NS_MOUNT);
    spec.cgroup = own_strdup("x");
    text_clear(&said);
    text_add(&said, "");
    failing = name;
    int r = ctr_create(&ctr, &spec, &options, e);
    assert_true(r == 0 || (ctr.pidfd == -1 && ctr.talk == -1));
    failing = NULL;
    if (r == 0) {
        text_add(&said, "| ");
        ctr_destroy(&ctr, NULL);
    }
    return r;
}

static void each_failure_undoes_what_was_done_in_reverse(void **state)
{
    (void)state;
    static const struct {
        const char *failing, *calls;
    } cases[] = {
        {"group",   "group ungroup "                                       },
        {"limits",  "group limits ungroup "                                },
        {"rules",   "group limits rules ungroup "                          },
        {"clone",   "group limits rules clone ungroup "                    },
        {"created", "group limits rules clone created kill wait ungroup "  },
        {NULL,      "group limits rules clone created | kill wait ungroup "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        int r = create_failing(cases[i].failing, &e);
        assert_int_equal(r, cases[i].failing != NULL ? -EIO : 0);
        assert_string_equal(said.s, cases[i].calls);
        if (r < 0)
            assert_non_null(strstr(e.msg, cases[i].failing));
    }
}

static void what_can_be_refused_is_refused_before_anything_exists(void **state)
{
    (void)state;
    auto_spec struct spec spec = SPEC_INIT;
    struct ctr ctr = CTR_INIT;
    const struct ctr_options options = {
        .stdio = {-1, -1, -1}
    };
    struct err e;
    assert_int_equal(ctr_create(&ctr, &spec, &options, &e), -EINVAL);
    assert_string_equal(said.s, "");
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(steps_are_taken_in_order_and_the_child_hears_where_it_waits),
        TEST(a_step_that_is_skipped_is_taken_on_neither_side),
        TEST(a_part_of_the_table_can_be_walked),
        TEST(nothing_follows_a_failure),
        TEST(undoing_goes_backwards_through_all),
        TEST(a_failed_undo_stops_no_other_and_the_first_is_told),
        TEST(silence_is_success),
        TEST(a_failing_step_is_told_by_name),
        TEST(nonsense_is_refused),
        TEST(each_failure_undoes_what_was_done_in_reverse),
        TEST(what_can_be_refused_is_refused_before_anything_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
