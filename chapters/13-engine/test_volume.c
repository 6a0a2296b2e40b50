/* Volumes on disk: made whole, removed whole, filled once, killed anywhere. */
#include "test_volume.h"

START_TEST(
    lab_13_4_a_volume_struck_while_it_is_made_is_there_whole_or_not_at_all)
{
    static const char *const ways[] = {"kill", "EIO"};
    store_enter();
    engine_close(store_open());
    for (size_t w = 0; w < 2; w++) {
        bool struck = true;
        for (int n = 1; struck; n++) {
            int status = strike(act_create, n, ways[w]);
            struck = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            struct engine *engine = store_open();
            json_t *volume = NULL;
            size_t there = count(engine);
            ck_assert_int_eq(volume_load(engine, "data", &volume, &why),
                             there == 1 ? 0 : -ENOENT);
            ck_assert(struck || there == 1);
            json_decref(volume);
            create(engine, "data");
            take_away(engine);
            nothing_else(engine, 0);
            engine_close(engine);
            ck_assert_int_lt(n, 200);
        }
    }
}
END_TEST

START_TEST(lab_13_6_a_copy_struck_at_any_call_is_whole_after_the_next)
{
    static const char *const ways[] = {"kill", "EIO", "ENOSPC"};
    store_enter();
    make_image();
    engine_close(store_open());
    for (size_t w = 0; w < 3; w++) {
        bool struck = true;
        for (int n = 1; struck; n++) {
            struct engine *engine = store_open();
            create(engine, "data");
            int status = strike(act_fill, n, ways[w]);
            struck = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            must(act_fill(engine));
            auto_free char *data = volume_path(engine, "data");
            is_whole(data);
            ck_assert(!exists(AT_FDCWD, data, "/../.mini-docker.copying"));
            ck_assert(!exists(AT_FDCWD, data, "/../.mini-docker.copied"));
            take_away(engine);
            engine_close(engine);
            ck_assert_int_lt(n, 300);
        }
    }
}
END_TEST

/* A copy that is complete and meets what was put there before it arrived. */
START_TEST(lab_13_4_what_has_the_name_is_never_replaced)
{
    store_enter();
    struct engine *engine = store_open();
    create(engine, "data");
    /* Not a volume: but it has the name, and something in it. */
    must(files_mkdirs(engine->rootfd, "volumes/other/_data/kept", 0755, &why));
    json_t *request = request_of("other");
    ck_assert_int_eq(volume_create(engine, request, NULL, &why), -EEXIST);
    ck_assert_ptr_eq(strstr(why.msg, "create other: "), why.msg);
    json_decref(request);
    ck_assert(exists(engine->rootfd, "volumes/other/_data/", "kept"));
    ck_assert(!exists(engine->rootfd, "volumes/", ".new"));
    /* What a killed one left is in nobody's way. */
    must(files_mkdirs(engine->rootfd, "volumes/.new/_data/half", 0755, &why));
    create(engine, "fresh");
    ck_assert(!exists(engine->rootfd, "volumes/fresh/_data/", "half"));
    nothing_else(engine, 3);
    engine_close(engine);
}
END_TEST

/* After it has its name, it is the directory that is synced: a call of make
 * that fails there has made a volume all the same. */
START_TEST(lab_13_4_its_name_is_synced)
{
    store_enter();
    engine_close(store_open());
    bool named = false;
    for (int n = 1, r = -EIO; r == -EIO && n < 20; n++) {
        struct engine *engine = store_open();
        auto_free char *fault = text_format("fsync:%d:EIO", n);
        must(fault_open(fault, &why));
        r = act_create(engine);
        must(fault_open("fsync:1000:EIO", &why));
        named =
            named || (r == -EIO && exists(engine->rootfd, "volumes/", "data"));
        if (exists(engine->rootfd, "volumes/", "data"))
            take_away(engine);
        engine_close(engine);
    }
    ck_assert(named);
}
END_TEST

/* What is complete and has no place yet. */
static char *leave_a_copy(struct engine *engine)
{
    make_image();
    create(engine, "data");
    char *copied = text_format(ROOT "/volumes/data/.mini-docker.copied");
    ck_assert_int_eq(rename(IMAGE "/data", copied), 0);
    make_image();
    return copied;
}

START_TEST(lab_13_6_what_is_gone_is_passed_over_and_an_error_is_not)
{
    store_enter();
    struct engine *engine = store_open();
    auto_free char *copied = leave_a_copy(engine);
    must(fault_open("renameat2:2:EIO", &why));
    ck_assert_int_eq(act_fill(engine), -EIO);
    ck_assert(exists(AT_FDCWD, copied, ""));
    must(fault_open("renameat2:1:ENOENT", &why));
    must(act_fill(engine));
    ck_assert(!exists(AT_FDCWD, copied, ""));
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_6_what_a_copy_finds_in_its_place_stays)
{
    store_enter();
    make_image();
    struct engine *engine = store_open();
    create(engine, "data");
    auto_free char *data = volume_path(engine, "data");
    auto_free char *mine = text_format("%s/a", data);
    auto_free char *copied = text_format("%s/../.mini-docker.copied", data);
    must(files_replace(AT_FDCWD, mine, "mine", 4, 0, &why));
    ck_assert_int_eq(rename(IMAGE "/data", copied), 0);
    make_image();
    must(act_fill(engine));
    auto_text struct text content = {0};
    must(files_read(AT_FDCWD, mine, &content, &why));
    ck_assert_str_eq(content.s, "mine");
    ck_assert(exists(AT_FDCWD, data, "/b"));
    ck_assert(exists(AT_FDCWD, data, "/sub/c"));
    ck_assert(!exists(AT_FDCWD, copied, ""));
    engine_close(engine);
}
END_TEST

START_TEST(what_is_in_a_volume_stays)
{
    store_enter();
    make_image();
    struct engine *engine = store_open();
    create(engine, "data");
    auto_free char *data = volume_path(engine, "data");
    auto_free char *mine = text_format("%s/mine", data);
    must(files_replace(AT_FDCWD, mine, "x", 1, 0, &why));
    must(act_fill(engine));
    ck_assert(!exists(AT_FDCWD, data, "/a"));
    ck_assert(exists(AT_FDCWD, data, "/mine"));
    engine_close(engine);
}
END_TEST

START_TEST(who_leaves_takes_what_nobody_named_and_nobody_else_has)
{
    store_enter();
    struct engine *engine = store_open();
    auto_free char *other = text_format("%064d", 7);
    auto_free char *dir = record_dir(engine, other);
    json_t *named = document_with("x", "named", "named");
    json_t *alone = document_with("x", "alone", NULL);
    json_t *shared = document_with("x", "shared", NULL);
    json_t *others = document_with(other, "shared", NULL);
    static const char *const names[] = {"named", "alone", "shared"};
    for (size_t i = 0; i < 3; i++)
        create(engine, names[i]);
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(record_save(engine, other, others, &why));
    must(volume_leave(engine, named, &why));
    must(volume_leave(engine, shared, &why));
    ck_assert_uint_eq(count(engine), 3);
    must(volume_leave(engine, alone, &why));
    must(volume_leave(engine, alone, &why));
    ck_assert_uint_eq(count(engine), 2);
    must(volume_leave(engine, others, &why));
    ck_assert_uint_eq(count(engine), 1);
    json_decref(named);
    json_decref(alone);
    json_decref(shared);
    json_decref(others);
    engine_close(engine);
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, 60);
    tcase_add_test(
        tc,
        lab_13_4_a_volume_struck_while_it_is_made_is_there_whole_or_not_at_all);
    tcase_add_test(tc,
                   lab_13_6_a_copy_struck_at_any_call_is_whole_after_the_next);
    tcase_add_test(tc, lab_13_4_what_has_the_name_is_never_replaced);
    tcase_add_test(tc, lab_13_4_its_name_is_synced);
    tcase_add_test(tc,
                   lab_13_6_what_is_gone_is_passed_over_and_an_error_is_not);
    tcase_add_test(tc, lab_13_6_what_a_copy_finds_in_its_place_stays);
    tcase_add_test(tc, what_is_in_a_volume_stays);
    tcase_add_test(tc, who_leaves_takes_what_nobody_named_and_nobody_else_has);
}

int main(void)
{
    return contract_main("volumes", add);
}
