/* Volumes are removed whole, or not while somebody uses them. */
#include "test_volume.h"

#include <poll.h>

START_TEST(lab_13_5_a_removal_struck_at_any_call_is_finished_by_the_next)
{
    static const char *const ways[] = {"kill", "EIO"};
    store_enter();
    engine_close(store_open());
    for (size_t w = 0; w < 2; w++) {
        bool struck = true;
        for (int n = 1; struck; n++) {
            struct engine *engine = store_open();
            create(engine, "data");
            int status = strike(act_remove, n, ways[w]);
            struck = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
            int r = act_remove(engine);
            ck_assert_msg(r == 0 || r == -ENOENT, "%s", why.msg);
            nothing_else(engine, 0);
            engine_close(engine);
            ck_assert_int_lt(n, 200);
        }
    }
}
END_TEST

START_TEST(lab_13_5_a_volume_is_used_by_whose_records_name_it)
{
    store_enter();
    struct engine *engine = store_open();
    auto_free char *id = text_format("%064d", 7);
    json_t *doc = document_with(id, "data", "data");
    auto_free char *dir = record_dir(engine, id);
    create(engine, "data");
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(record_save(engine, id, doc, &why));
    ck_assert_int_eq(act_remove(engine), -EBUSY);
    auto_free char *said =
        text_format("remove data: volume is in use - [%s]", id);
    ck_assert_str_eq(why.msg, said);
    must(record_remove(engine, id, NULL, &why));
    must(act_remove(engine));
    ck_assert_int_eq(act_remove(engine), -ENOENT);
    json_decref(doc);
    engine_close(engine);
}
END_TEST

/* Who can read none of a record cannot know what it names. */
START_TEST(lab_13_5_a_damaged_record_keeps_all_volumes)
{
    store_enter();
    struct engine *engine = store_open();
    auto_free char *id = text_format("%064d", 7);
    auto_free char *dir = record_dir(engine, id);
    auto_free char *path = text_format("%s/config.json", dir);
    create(engine, "data");
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(files_replace(AT_FDCWD, path, "{", 1, 0, &why));
    ck_assert_int_lt(act_remove(engine), 0);
    ck_assert_uint_eq(count(engine), 1);
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_5_it_has_to_be_there_whoever_names_it)
{
    store_enter();
    struct engine *engine = store_open();
    auto_free char *id = text_format("%064d", 7);
    json_t *doc = document_with(id, "data", "data");
    auto_free char *dir = record_dir(engine, id);
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(record_save(engine, id, doc, &why));
    ck_assert_int_eq(act_remove(engine), -ENOENT);
    json_decref(doc);
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_5_a_damaged_volume_can_be_removed)
{
    store_enter();
    struct engine *engine = store_open();
    create(engine, "data");
    must(files_replace(AT_FDCWD, ROOT "/volumes/data/volume.json", "{", 1, 0,
                       &why));
    must(act_remove(engine));
    nothing_else(engine, 0);
    engine_close(engine);
}
END_TEST

/* Whoever has the lock may be about to use it. */
START_TEST(lab_13_5_it_waits_for_the_lock)
{
    store_enter();
    struct engine *engine = store_open();
    create(engine, "data");
    auto_fd int lock = volume_lock(engine, &why);
    must(lock);
    pid_t remover = fork();
    if (remover == 0) {
        own_close(&lock);
        _exit(act_remove(store_open()) < 0 ? 1 : 0);
    }
    poll(NULL, 0, 200); /* enough for who does not wait */
    ck_assert_int_eq(waitpid(remover, NULL, WNOHANG), 0);
    ck_assert_uint_eq(count(engine), 1);
    own_close(&lock);
    int status = 1;
    ck_assert_int_eq(waitpid(remover, &status, 0), remover);
    ck_assert_int_eq(status, 0);
    engine_close(engine);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(
        tc, lab_13_5_a_removal_struck_at_any_call_is_finished_by_the_next);
    tcase_add_test(tc, lab_13_5_a_volume_is_used_by_whose_records_name_it);
    tcase_add_test(tc, lab_13_5_a_damaged_record_keeps_all_volumes);
    tcase_add_test(tc, lab_13_5_it_has_to_be_there_whoever_names_it);
    tcase_add_test(tc, lab_13_5_a_damaged_volume_can_be_removed);
    tcase_add_test(tc, lab_13_5_it_waits_for_the_lock);
}

int main(void)
{
    return contract_main("removing volumes", add);
}
