/* The walkers alone, with small tables and without a container: who does what,
 * in which order, and what is said on the way. Needs nothing. */
#include "contract.h"
#include "own.h"
#include "steps.h"
#include "talk.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- steps that write down that they were taken ----------------------------
 */

/* In memory that both sides see. */
static struct ctr make_ctr(void)
{
    struct ctr ctr = CTR_INIT;
    ctr.options.arg = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(ctr.options.arg, MAP_FAILED);
    return ctr;
}

static int note(const struct ctr *ctr, const char *word)
{
    char *diary = ctr->options.arg;
    memcpy(diary + strlen(diary), word, strlen(word) + 1);
    return 0;
}

static int do_a(struct ctr *ctr, struct err *e)
{
    (void)e;
    return note(ctr, "a");
}

static int do_b(struct ctr *ctr, struct err *e)
{
    (void)e;
    return note(ctr, "b");
}

static int fail_c(struct ctr *ctr, struct err *e)
{
    note(ctr, "c");
    return err_set(e, EIO, "c is broken");
}

static int fail_d(struct ctr *ctr, struct err *e)
{
    note(ctr, "d");
    return err_set(e, EBUSY, "d is busy");
}

static int end_with_7(struct ctr *ctr, struct err *e)
{
    (void)e;
    note(ctr, "i");
    _exit(7);
}

static int become_two(struct ctr *ctr, struct err *e)
{
    (void)e;
    note(ctr, "p");
    ctr->pid = fork();
    return ctr->pid == 0 ? CTR_CHILD : 0;
}

static bool never(const struct ctr *ctr)
{
    (void)ctr;
    return false;
}

#define TABLE(steps)                                                           \
    {                                                                          \
        steps, sizeof(steps) / sizeof((steps)[0])                              \
    }

/* Two ends: the walker's is in ctr->talk, the other one is returned. */
static int connect_to(struct ctr *ctr)
{
    int ends[2];
    ck_assert_int_eq(talk_pair(ends, NULL), 0);
    ctr->talk = ends[0];
    return ends[1];
}

static void say(int fd, int kind, int value, int code, const char *text)
{
    struct talk_message message = {.kind = kind, .value = value};
    if (text != NULL)
        err_set(&message.err, code, "%s", text);
    message.err.code = code;
    ck_assert_int_eq(talk_send(fd, &message, NULL), 0);
}

/* --- 6.1 -------------------------------------------------------------------
 */

START_TEST(lab_6_1_wanted_steps_in_order_until_one_fails)
{
    static const struct ctr_step steps[] = {
        {.name = "one",   .outside = do_a},
        {.name = "two",   .outside = do_b, .wanted = never},
        {.name = "three",               .inside = end_with_7               },
        {.name = "four",               .outside = do_b },
        {.name = "five",               .outside = fail_c,                .undo = fail_d},
        {.name = "six", .outside = do_a},
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    struct err e = {0};
    ck_assert_int_eq(ctr_walk_outside(&ctr, &table, 0, 6, &e), -EIO);
    ck_assert_str_eq(ctr.options.arg, "abc");
    ck_assert_str_eq(e.msg, "c is broken");
    /* Only the steps from `first` to before `end`. */
    struct ctr other = make_ctr();
    ck_assert_int_eq(ctr_walk_outside(&other, &table, 1, 4, &e), 0);
    ck_assert_str_eq(other.options.arg, "b");
}
END_TEST

START_TEST(lab_6_1_who_waits_inside_is_told_the_steps_number)
{
    static const struct ctr_step steps[] = {
        {.name = "one", .outside = do_a},
        {.name = "two", .outside = do_b, .inside = end_with_7},
        {.name = "three",             .outside = do_a             },
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    auto_fd int other = connect_to(&ctr);
    struct talk_message word;
    ck_assert_int_eq(ctr_walk_outside(&ctr, &table, 0, 3, NULL), 0);
    ck_assert_str_eq(ctr.options.arg, "aba");
    ck_assert_int_eq(talk_receive(other, &word, NULL), 0);
    ck_assert_int_eq(word.kind, CTR_GO);
    ck_assert_int_eq(word.value, 1);
    /* One word, not one for each step. */
    own_close(&ctr.talk);
    ck_assert_int_eq(talk_receive(other, &word, NULL), -EPIPE);
}
END_TEST

START_TEST(lab_6_1_where_it_meets_the_child_comes_first)
{
    static const struct ctr_step steps[] = {
        {.name = "one", .outside = do_a, .inside = do_a, .meets = true},
        {.name = "two", .outside = do_b, .inside = do_b, .meets = true},
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    struct err e = {0};
    auto_fd int other = connect_to(&ctr);
    say(other, CTR_HERE, 0, 0, NULL);
    say(other, CTR_FAILED, 1, ENOENT, "gone");
    ck_assert_int_eq(ctr_walk_outside(&ctr, &table, 0, 2, &e), -ENOENT);
    ck_assert_str_eq(ctr.options.arg, "a");
    ck_assert_str_eq(e.msg, "two: gone");
}
END_TEST

START_TEST(lab_6_1_the_child_goes_on_inside)
{
    static const struct ctr_step steps[] = {
        {.name = "process", .outside = become_two},
        {.name = "inside",  .inside = end_with_7 },
        {.name = "outside", .outside = do_b      },
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    auto_fd int other = connect_to(&ctr);
    int status = 0;
    pid_t self = getpid();
    ck_assert_int_eq(ctr_walk_outside(&ctr, &table, 0, 1, NULL), 0);
    ck_assert_int_eq(getpid(), self);
    ck_assert_int_eq(waitpid(ctr.pid, &status, 0), ctr.pid);
    ck_assert_int_eq(WEXITSTATUS(status), 7);
    ck_assert_str_eq(ctr.options.arg, "pi");
}
END_TEST

/* --- 6.2 -------------------------------------------------------------------
 */

/* A child at a step that waits for its parent's word, which is this one; how it
 * ended, and what it said. */
static int walk_inside(struct ctr *ctr, int kind, int value,
                       struct talk_message *said)
{
    static const struct ctr_step steps[] = {
        {.name = "zero",   .inside = do_a      },
        { .name = "one", .outside = do_b, .inside = end_with_7},
    };
    const struct ctr_table table = TABLE(steps);
    int other = connect_to(ctr), status = 0;
    pid_t child = fork();
    if (child == 0) {
        close(other);
        ctr_walk_inside(ctr, &table, 0);
    }
    own_close(&ctr->talk);
    if (kind != 0)
        say(other, kind, value, 0, NULL);
    else
        shutdown(other, SHUT_WR);
    if (talk_receive(other, said, NULL) < 0)
        said->kind = 0;
    close(other);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

START_TEST(lab_6_2_the_right_word_and_the_step_is_taken)
{
    struct ctr ctr = make_ctr();
    struct talk_message said = {0};
    ck_assert_int_eq(walk_inside(&ctr, CTR_GO, 1, &said), 7);
    ck_assert_str_eq(ctr.options.arg, "ai");
    ck_assert_int_eq(said.kind, 0);
}
END_TEST

START_TEST(lab_6_2_any_other_word_and_it_is_not)
{
    static const struct {
        int kind, value;
    } wrong[] = {
        {CTR_GO,     0},
        {CTR_GO,     2},
        {CTR_HERE,   1},
        {CTR_FAILED, 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct ctr ctr = make_ctr();
        struct talk_message said = {0};
        walk_inside(&ctr, wrong[i].kind, wrong[i].value, &said);
        ck_assert_str_eq(ctr.options.arg, "a");
        ck_assert_int_eq(said.kind, CTR_FAILED);
        ck_assert_int_eq(said.value, 1);
        ck_assert_int_eq(said.err.code, EPROTO);
    }
}
END_TEST

START_TEST(lab_6_2_a_parent_that_is_gone_takes_no_step)
{
    struct ctr ctr = make_ctr();
    struct talk_message said = {0};
    ck_assert_int_eq(walk_inside(&ctr, 0, 0, &said), 125);
    ck_assert_str_eq(ctr.options.arg, "a");
    ck_assert_int_eq(said.err.code, EPIPE);
}
END_TEST

/* --- 6.3 -------------------------------------------------------------------
 */

static const struct ctr_step names[] = {
    {.name = "one"},
    {.name = "two"},
};
static const struct ctr_table named = TABLE(names);

START_TEST(lab_6_3_silence_is_success_and_a_failing_step_is_named)
{
    struct ctr ctr = make_ctr();
    struct err e = {0};
    int other = connect_to(&ctr);
    say(other, CTR_FAILED, 1, ENOENT, "mount /x: gone");
    ck_assert_int_eq(ctr_hear_child(&ctr, &named, &e), -ENOENT);
    ck_assert_str_eq(e.msg, "two: mount /x: gone");
    close(other);
    ck_assert_int_eq(ctr_hear_child(&ctr, &named, &e), 0);
}
END_TEST

START_TEST(lab_6_3_that_a_program_is_missing_is_the_whole_story)
{
    struct ctr ctr = make_ctr();
    struct err e = {0};
    auto_fd int other = connect_to(&ctr);
    say(other, CTR_FAILED, 0, CTR_NOT_FOUND, "exec: \"x\": not found");
    ck_assert_int_eq(ctr_hear_child(&ctr, &named, &e), -CTR_NOT_FOUND);
    ck_assert_str_eq(e.msg, "exec: \"x\": not found");
}
END_TEST

START_TEST(lab_6_3_what_makes_no_sense_is_refused)
{
    static const struct {
        int kind, value, code;
    } wrong[] = {
        {CTR_GO,     0,  EIO},
        {CTR_HERE,   0,  EIO},
        {CTR_FAILED, 2,  EIO},
        {CTR_FAILED, -1, EIO},
        {CTR_FAILED, 0,  0  },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct ctr ctr = make_ctr();
        auto_fd int other = connect_to(&ctr);
        say(other, wrong[i].kind, wrong[i].value, wrong[i].code, "?");
        ck_assert_int_eq(ctr_hear_child(&ctr, &named, NULL), -EPROTO);
        own_close(&ctr.talk);
    }
    /* Nor is it silence when something was said that is no message. */
    struct ctr ctr = make_ctr();
    auto_fd int other = connect_to(&ctr);
    ck_assert_int_eq(send(other, "?", 1, 0), 1);
    ck_assert_int_eq(ctr_hear_child(&ctr, &named, NULL), -EPROTO);
}
END_TEST

/* --- 6.4 -------------------------------------------------------------------
 */

START_TEST(lab_6_4_the_last_step_is_undone_first)
{
    static const struct ctr_step steps[] = {
        {.name = "one",      .undo = do_a},
        {               .name = "two", .outside = fail_c            },
        { .name = "three",   .undo = do_b,               .wanted = never},
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    ck_assert_int_eq(ctr_walk_back(&ctr, &table, NULL), 0);
    ck_assert_str_eq(ctr.options.arg, "ba");
}
END_TEST

START_TEST(lab_6_4_after_a_failure_the_rest_is_undone_all_the_same)
{
    static const struct ctr_step steps[] = {
        {.name = "one",   .undo = do_a  },
        {.name = "two",   .undo = fail_c},
        {.name = "three", .undo = fail_d},
        {.name = "four",  .undo = do_b  },
    };
    const struct ctr_table table = TABLE(steps);
    struct ctr ctr = make_ctr();
    struct err e = {0};
    ck_assert_int_eq(ctr_walk_back(&ctr, &table, &e), -EBUSY);
    ck_assert_str_eq(ctr.options.arg, "bdca");
    ck_assert_str_eq(e.msg, "d is busy");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_6_1_wanted_steps_in_order_until_one_fails);
    tcase_add_test(tc, lab_6_1_who_waits_inside_is_told_the_steps_number);
    tcase_add_test(tc, lab_6_1_where_it_meets_the_child_comes_first);
    tcase_add_test(tc, lab_6_1_the_child_goes_on_inside);
    tcase_add_test(tc, lab_6_2_the_right_word_and_the_step_is_taken);
    tcase_add_test(tc, lab_6_2_any_other_word_and_it_is_not);
    tcase_add_test(tc, lab_6_2_a_parent_that_is_gone_takes_no_step);
    tcase_add_test(tc, lab_6_3_silence_is_success_and_a_failing_step_is_named);
    tcase_add_test(tc, lab_6_3_that_a_program_is_missing_is_the_whole_story);
    tcase_add_test(tc, lab_6_3_what_makes_no_sense_is_refused);
    tcase_add_test(tc, lab_6_4_the_last_step_is_undone_first);
    tcase_add_test(tc, lab_6_4_after_a_failure_the_rest_is_undone_all_the_same);
}

int main(void)
{
    return contract_main("walkers", add);
}
