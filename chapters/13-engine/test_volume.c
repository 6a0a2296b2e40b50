/* Volumes on disk: made whole, removed whole, filled once, killed anywhere. */
#include "test_store.h"

#include "fault.h"
#include "volume.h"

#define IMAGE SCRATCH "/image"

static json_t *request_of(const char *name)
{
    return json_pack("{s:s?}", "Name", name);
}

static void create(struct engine *engine, const char *name)
{
    json_t *request = request_of(name);
    must(volume_create(engine, request, NULL, &why));
    json_decref(request);
}

/* A container's document with one volume at /data: `source` NULL for one that
 * nobody named. */
static json_t *document_with(const char *id, const char *name,
                             const char *source)
{
    return json_pack("{s:s, s:[{s:s, s:s, s:s, s:b, s:{s:s?}}], s:{s:b}}", "Id",
                     id, "Mounts", "Type", "volume", "Name", name,
                     "Destination", "/data", "RW", 1, "Spec", "Source", source,
                     "HostConfig", "AutoRemove", 0);
}

static size_t count(struct engine *engine)
{
    auto_strv struct strv names = {0};
    must(volume_names(engine, &names, &why));
    return names.n;
}

/* An image's directory with three files. */
static void make_image(void)
{
    must(files_mkdirs(AT_FDCWD, IMAGE "/data/sub", 0755, &why));
    static const char *const files[] = {"a", "b", "sub/c"};
    for (size_t i = 0; i < 3; i++) {
        auto_free char *path = text_format(IMAGE "/data/%s", files[i]);
        must(files_replace(AT_FDCWD, path, "whole", 5, 0, &why));
    }
    ck_assert_int_eq(chmod(IMAGE "/data", 0711), 0);
}

static void is_whole(const char *data)
{
    static const char *const files[] = {"a", "b", "sub/c"};
    for (size_t i = 0; i < 3; i++) {
        auto_text struct text content = {0};
        auto_free char *path = text_format("%s/%s", data, files[i]);
        must(files_read(AT_FDCWD, path, &content, &why));
        ck_assert_str_eq(content.s, "whole");
    }
    struct stat st;
    ck_assert_int_eq(stat(data, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0711);
}

/* In a process of its own, with the n-th call failing or killing. */
static int strike(int (*act)(struct engine *engine), int n, const char *how)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct engine *engine = store_open();
        auto_free char *wish = text_format("*:%d:%s", n, how);
        if (fault_open(wish, NULL) < 0)
            _exit(100);
        _exit(act(engine) < 0 ? 1 : 0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Nothing is below volumes/ but these volumes and the lock. */
static void nothing_else(struct engine *engine, size_t n)
{
    auto_fd int lock = volume_lock(engine, &why);
    ck_assert_int_ge(lock, 0);
    auto_free char *path = text_format("%s/volumes", engine->root);
    auto_dir DIR *dir = opendir(path);
    size_t seen = 0;
    while (readdir(dir) != NULL)
        seen++;
    ck_assert_uint_eq(seen, n + 3); /* ".", "..", ".lock" */
}

static int act_create(struct engine *engine)
{
    json_t *request = request_of("data");
    int r = volume_create(engine, request, NULL, &why);
    json_decref(request);
    return r;
}

static int act_remove(struct engine *engine)
{
    return volume_remove(engine, "data", &why);
}

/* What follows is about making and filling: removing is another's subject. */
static void take_away(struct engine *engine)
{
    auto_fd int lock = volume_lock(engine, &why);
    must(lock);
    must(volume_destroy(engine, "data", &why));
}

static int act_fill(struct engine *engine)
{
    json_t *doc = document_with("x", "data", "data");
    int r = volume_fill(engine, doc, IMAGE, &why);
    json_decref(doc);
    return r;
}

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
    tcase_add_test(
        tc, lab_13_5_a_removal_struck_at_any_call_is_finished_by_the_next);
    tcase_add_test(tc,
                   lab_13_6_a_copy_struck_at_any_call_is_whole_after_the_next);
    tcase_add_test(tc, lab_13_4_what_has_the_name_is_never_replaced);
    tcase_add_test(tc, lab_13_6_what_a_copy_finds_in_its_place_stays);
    tcase_add_test(tc, what_is_in_a_volume_stays);
    tcase_add_test(tc, lab_13_5_a_volume_is_used_by_whose_records_name_it);
    tcase_add_test(tc, lab_13_5_a_damaged_record_keeps_all_volumes);
    tcase_add_test(tc, who_leaves_takes_what_nobody_named_and_nobody_else_has);
}

int main(void)
{
    return contract_main("volumes", add);
}
