/* The journal: many writers, bounded, never torn for its readers. */
#include "test_store.h"

#include "events.h"

#include <sys/file.h>

#define JOURNAL "events.json"

static json_t *document(const char *id, const char *label)
{
    return json_pack("{s:s, s:s, s:{s:s, s:{s:s}}}", "Id", id, "Name", "/web",
                     "Config", "Image", "busybox", "Labels", "l", label);
}

static void tell(struct engine *engine, const char *id, const char *action)
{
    json_t *doc = document(id, "1");
    events_of_container(engine, doc, action, NULL);
    json_decref(doc);
}

/* --- reading -------------------------------------------------------------- */

struct seen {
    size_t n;
    json_t *all;
};

static int see(void *arg, const json_t *event, struct err *e)
{
    struct seen *seen = arg;
    (void)e;
    seen->n++;
    json_array_append(seen->all, (json_t *)(uintptr_t)event);
    return 0;
}

static struct seen read_all(struct engine *engine, int64_t since)
{
    struct seen seen = {.all = json_array()};
    struct engine_events query = {.each = see, .arg = &seen};
    clock_gettime(CLOCK_REALTIME, &query.until);
    query.since.tv_sec = since;
    must(engine_events(engine, &query, &why));
    return seen;
}

static const char *action(const struct seen *seen, size_t i)
{
    return field_string(json_array_get(seen->all, i), "Action");
}

static off_t size_of(struct engine *engine, const char *name)
{
    struct stat st;
    return fstatat(engine->runfd, name, &st, 0) < 0 ? -1 : st.st_size;
}

static void write_raw(struct engine *engine, const char *text)
{
    int fd = openat(engine->runfd, JOURNAL,
                    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* --- the tests ------------------------------------------------------------ */

START_TEST(an_event_is_a_line_in_the_shape_of_the_api)
{
    store_enter();
    struct engine *engine = store_open();
    time_t before = time(NULL);
    json_t *doc = document("abc", "x");
    events_of_container(engine, doc, "rename",
                        json_pack("{s:s}", "oldName", "/old"));
    auto_text struct text text = {0};
    must(files_read(engine->runfd, JOURNAL, &text, &why));
    ck_assert_ptr_eq(strchr(text.s, '\n'), text.s + text.len - 1);
    json_t *line = json_loads(text.s, 0, NULL);
    int64_t at = field_int(line, "time", 0);
    int64_t nano = field_int(line, "timeNano", 0);
    ck_assert(at >= before && at <= time(NULL) && nano / 1000000000 == at);
    json_object_del(line, "time");
    json_object_del(line, "timeNano");
    json_t *wanted = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:{s:s, s:{s:s, s:s, s:s, s:s}}, s:s}",
        "status", "rename", "id", "abc", "from", "busybox", "Type", "container",
        "Action", "rename", "Actor", "ID", "abc", "Attributes", "l", "x",
        "image", "busybox", "name", "web", "oldName", "/old", "scope", "local");
    ck_assert(json_equal(line, wanted));
    json_decref(wanted);
    json_decref(line);
    json_decref(doc);
    engine_close(engine);
}
END_TEST

START_TEST(no_line_of_many_writers_is_torn_or_lost)
{
    enum { WRITERS = 8, LINES = 200 };
    store_enter();
    struct engine *engine = store_open();
    pid_t pids[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        pids[w] = fork();
        char id[2] = {(char)('a' + w), '\0'};
        for (int i = 0; pids[w] == 0 && i < LINES; i++)
            tell(engine, id, "start");
        if (pids[w] == 0)
            _exit(0);
    }
    for (int w = 0; w < WRITERS; w++)
        ck_assert_int_eq(waitpid(pids[w], NULL, 0), pids[w]);
    struct seen seen = read_all(engine, 0);
    ck_assert_uint_eq(seen.n, WRITERS * LINES);
    size_t count[WRITERS] = {0};
    for (size_t i = 0; i < seen.n; i++)
        count[field_string(json_array_get(seen.all, i), "id")[0] - 'a']++;
    for (int w = 0; w < WRITERS; w++)
        ck_assert_uint_eq(count[w], LINES);
    json_decref(seen.all);
    engine_close(engine);
}
END_TEST

START_TEST(a_torn_line_is_passed_over_and_spoils_no_other)
{
    store_enter();
    struct engine *engine = store_open();
    tell(engine, "a", "create");
    write_raw(engine, "{\"status\":\"sta");
    tell(engine, "a", "die");
    write_raw(engine, "\n\nno event\n{\"time\":1}\n{\"timeNano\":x}\n");
    write_raw(engine, "{\"torn\":{\"timeNano\":1}\n");
    tell(engine, "a", "destroy");
    struct seen seen = read_all(engine, 0);
    ck_assert_uint_eq(seen.n, 3);
    ck_assert_str_eq(action(&seen, 0), "create");
    ck_assert_str_eq(action(&seen, 1), "die");
    ck_assert_str_eq(action(&seen, 2), "destroy");
    json_decref(seen.all);
    engine_close(engine);
}
END_TEST

/* A megabyte or two are kept, whoever holds a lock that we do not wait for. */
START_TEST(the_journal_is_bounded)
{
    enum { LINE = 60 * 1000, LINES = 60, MOST = (1 << 20) + LINE + 1000 };
    store_enter();
    struct engine *engine = store_open();
    char *label = calloc(1, LINE + 1);
    json_t *doc = document("a", memset(label, 'x', LINE));
    for (int i = 0; i < LINES; i++) {
        auto_free char *what = text_format("%d", i);
        events_of_container(engine, doc, what, NULL);
        ck_assert_int_le(size_of(engine, JOURNAL), MOST);
        ck_assert_int_le(size_of(engine, JOURNAL ".1"), MOST);
    }
    ck_assert_int_gt(size_of(engine, JOURNAL ".1"), 1 << 20);
    ck_assert_int_eq(size_of(engine, JOURNAL ".2"), -1);
    /* The last are all there, in their order, across both files. */
    struct seen seen = read_all(engine, 0);
    ck_assert_uint_ge(seen.n, 18);
    for (size_t i = 0; i < seen.n; i++) {
        auto_free char *what = text_format("%d", LINES - (int)seen.n + (int)i);
        ck_assert_str_eq(action(&seen, i), what);
    }
    json_decref(seen.all);
    json_decref(doc);
    free(label);
    engine_close(engine);
}
END_TEST

START_TEST(a_writer_who_was_stopped_keeps_nobody_waiting)
{
    store_enter();
    struct engine *engine = store_open();
    tell(engine, "a", "create");
    int fd = openat(engine->runfd, JOURNAL, O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    tell(engine, "a", "start");
    struct seen seen = read_all(engine, 0);
    ck_assert_uint_eq(seen.n, 2);
    close(fd);
    json_decref(seen.all);
    engine_close(engine);
}
END_TEST

START_TEST(since_and_until_are_looked_at)
{
    store_enter();
    struct engine *engine = store_open();
    tell(engine, "a", "create");
    struct seen seen = read_all(engine, time(NULL) + 1000 > 0 ? 1 : 0);
    ck_assert_uint_eq(seen.n, 1);
    json_decref(seen.all);
    struct engine_events query = {
        .since = {10, 0  },
          .until = {9,  999},
          .each = see, .arg = NULL
    };
    ck_assert_int_eq(engine_events(engine, &query, &why), -EINVAL);
    ck_assert_str_eq(why.msg,
                     "`since` time (10.000000000) cannot be after `until` "
                     "time (9.000000999)");
    query.since.tv_sec = 9;
    must(engine_events(engine, &query, &why));
    engine_close(engine);
}
END_TEST

START_TEST(what_cannot_be_written_is_lost_and_no_failure)
{
    store_enter();
    struct engine *engine = store_open();
    ck_assert_int_eq(mkdirat(engine->runfd, JOURNAL, 0700), 0);
    tell(engine, "a", "create");
    ck_assert_int_eq(unlinkat(engine->runfd, JOURNAL, AT_REMOVEDIR), 0);
    events_of_container(engine, NULL, "destroy", NULL);
    ck_assert_int_eq(size_of(engine, JOURNAL), -1);
    tell(engine, "a", "die");
    ck_assert_int_gt(size_of(engine, JOURNAL), 0);
    engine_close(engine);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, an_event_is_a_line_in_the_shape_of_the_api);
    tcase_add_test(tc, no_line_of_many_writers_is_torn_or_lost);
    tcase_add_test(tc, a_torn_line_is_passed_over_and_spoils_no_other);
    tcase_add_test(tc, the_journal_is_bounded);
    tcase_add_test(tc, a_writer_who_was_stopped_keeps_nobody_waiting);
    tcase_add_test(tc, since_and_until_are_looked_at);
    tcase_add_test(tc, what_cannot_be_written_is_lost_and_no_failure);
}

int main(void)
{
    return contract_main("events", add);
}
