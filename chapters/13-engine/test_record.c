/* Records: documents, names and locks, also of many at once. */
#include "fault.h"
#include "test_store.h"

#define A1 "aaaa111111111111111111111111111111111111111111111111111111111111"
#define A2 "aaaa222222222222222222222222222222222222222222222222222222222222"
#define B1 "bbbb111111111111111111111111111111111111111111111111111111111111"

START_TEST(lab_13_1_a_name_belongs_to_one)
{
    store_enter();
    struct engine *engine = store_open();
    char owner[RECORD_ID_LEN + 1];
    must(record_name(engine, "web", A1, owner, &why));
    ck_assert_int_eq(record_name(engine, "web", A2, owner, &why), -EEXIST);
    ck_assert_str_eq(owner, A1);
    ck_assert_str_eq(why.msg,
                     "Conflict. The container name \"/web\" is already in use "
                     "by container \"" A1 "\". You have to remove (or rename) "
                     "that container to be able to reuse that name.");
    /* Only its owner gives it back, and twice is no error. */
    must(record_unname(engine, "web", A2, &why));
    ck_assert_int_eq(record_name(engine, "web", A2, owner, &why), -EEXIST);
    must(record_unname(engine, "web", A1, &why));
    must(record_unname(engine, "web", A1, &why));
    must(record_name(engine, "web", A2, owner, &why));
    engine_close(engine);
}
END_TEST

/* A link that leads to no id, and a kernel that refuses for another reason. */
START_TEST(lab_13_1_what_is_no_id_is_nobodys)
{
    store_enter();
    struct engine *engine = store_open();
    char owner[RECORD_ID_LEN + 1];
    memset(owner, 'x', sizeof owner);
    must(record_name(engine, "web", A1, owner, &why));
    ck_assert_int_eq(record_name(engine, "web", A2, owner, &why), -EEXIST);
    ck_assert_int_eq(owner[RECORD_ID_LEN], '\0');
    ck_assert_int_eq(symlinkat("short", engine->runfd, "names/db"), 0);
    ck_assert_int_eq(record_name(engine, "db", A2, owner, &why), -EEXIST);
    ck_assert_str_eq(owner, "");
    must(fault_open("symlinkat:1:ENOSPC", &why));
    ck_assert_int_eq(record_name(engine, "new", A2, owner, &why), -ENOSPC);
    engine_close(engine);
}
END_TEST

START_TEST(a_record_is_read_as_it_was_written)
{
    store_enter();
    struct engine *engine = store_open();
    store_add(engine, A1, "web", false, "exited");
    auto_record struct record record = {0};
    must(record_load(engine, A1, &record, &why));
    ck_assert_str_eq(record.id, A1);
    ck_assert_str_eq(field_string(record.doc, "Name"), "/web");
    ck_assert(!record.live);
    ck_assert_int_eq(record_load(engine, B1, &record, &why), -ENOENT);
    engine_close(engine);
}
END_TEST

START_TEST(what_removes_itself_is_remembered_in_memory_alone)
{
    store_enter();
    struct engine *engine = store_open();
    int lock = -1;
    char id[RECORD_ID_LEN + 1];
    must(lock = record_lock_new(engine, id, &why));
    store_add(engine, id, "web", true, "running");
    ck_assert(exists(engine->runfd, "", id));
    auto_free char *durable = text_format("containers/%s/config.json", id);
    auto_free char *passing = text_format("%s/config.json", id);
    ck_assert(!exists(engine->rootfd, durable, ""));
    ck_assert(exists(engine->runfd, passing, ""));
    auto_record struct record record = {0};
    must(record_find(engine, "web", &record, &why));
    ck_assert(record.live);
    close(lock);
    engine_close(engine);
}
END_TEST

START_TEST(containers_are_found_by_name_id_and_beginning)
{
    static const struct {
        const char *word, *id;
        int result;
    } cases[] = {
        {"one",    A1,   0        },
        {"/one",   A1,   0        },
        {A2,       A2,   0        },
        {"aaaa1",  A1,   0        },
        {"b",      B1,   0        },
        {"aaaa",   NULL, -ENOTUNIQ}, /* a name before a beginning: below */
        {"",       NULL, -ENOENT  },
        {"c",      NULL, -ENOENT  },
        {"on",     NULL, -ENOENT  }, /* names are not abbreviated */
        {"../one", NULL, -ENOENT  },
        {A1 "1",   NULL, -ENOENT  },
    };
    store_enter();
    struct engine *engine = store_open();
    store_add(engine, A1, "one", false, "exited");
    store_add(engine, A2, "two", false, "exited");
    store_add(engine, B1, "three", false, "exited");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_record struct record record = {0};
        int r = record_find(engine, cases[i].word, &record, &why);
        ck_assert_msg(r == cases[i].result, "%s: %d", cases[i].word, r);
        if (r == 0)
            ck_assert_str_eq(record.id, cases[i].id);
    }
    ck_assert_int_eq(record_unname(engine, "three", B1, &why), 0);
    char owner[RECORD_ID_LEN + 1];
    must(record_name(engine, "aaaa", B1, owner, &why));
    auto_record struct record record = {0};
    must(record_find(engine, "aaaa", &record, &why));
    ck_assert_str_eq(record.id, B1);
    engine_close(engine);
}
END_TEST

START_TEST(a_damaged_record_is_told_and_in_nobodys_way)
{
    store_enter();
    struct engine *engine = store_open();
    store_add(engine, A1, "one", false, "exited");
    store_add(engine, B1, "two", false, "exited");
    must(files_replace(engine->rootfd, "containers/" A1 "/config.json", "{", 1,
                       0, &why));
    struct record record = {0};
    ck_assert_int_eq(record_load(engine, A1, &record, &why), -EINVAL);
    ck_assert_msg(strstr(why.msg, "aaaa11111111: damaged record") != NULL, "%s",
                  why.msg);
    json_t *list = NULL;
    must(engine_containers(engine, ENGINE_ALL, &list, NULL, &why));
    ck_assert_uint_eq(json_array_size(list), 1);
    json_decref(list);
    engine_close(engine);
}
END_TEST

/* The one that has ended is damaged, and nobody notices. */
START_TEST(a_list_of_what_runs_reads_nothing_else)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_start("web", false, "running");
    store_add(engine, A1, "old", false, "exited");
    must(files_replace(engine->rootfd, "containers/" A1 "/config.json", "{", 1,
                       0, &why));
    auto_strv struct strv damaged = {0};
    json_t *list = NULL;
    must(engine_containers(engine, 0, &list, &damaged, &why));
    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_str_eq(field_string(json_array_get(list, 0), "Id"), owner.id);
    ck_assert_uint_eq(damaged.n, 0);
    json_decref(list);
    must(engine_containers(engine, ENGINE_ALL, &list, &damaged, &why));
    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_uint_eq(damaged.n, 1);
    json_decref(list);
    owner_kill(&owner);
    must(engine_containers(engine, 0, &list, NULL, &why));
    ck_assert_uint_eq(json_array_size(list), 0);
    json_decref(list);
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_2_who_lives_is_seen_by_the_lock)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_start("web", false, "running");
    ck_assert_int_eq(record_lock_dead(engine, owner.id, &why), -EWOULDBLOCK);
    auto_record struct record record = {0};
    must(record_find(engine, "web", &record, &why));
    ck_assert(record.live);
    owner_kill(&owner);
    int lock = -1;
    must(lock = record_lock_dead(engine, owner.id, &why));
    /* And now the sweeper has it. */
    ck_assert_int_eq(record_lock_dead(engine, owner.id, &why), -EWOULDBLOCK);
    close(lock);
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_2_a_new_one_is_its_owners_alone)
{
    store_enter();
    struct engine *engine = store_open();
    char first[RECORD_ID_LEN + 1], second[RECORD_ID_LEN + 1];
    struct stat st;
    umask(0);
    auto_fd int one = record_lock_new(engine, first, &why);
    must(one);
    ck_assert_int_eq(fstatat(engine->runfd, first, &st, 0), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0700);
    /* The first that it opens is not there: somebody was faster. */
    must(fault_open("openat:1:ENOENT", &why));
    auto_fd int two = record_lock_new(engine, second, &why);
    must(two);
    ck_assert_str_ne(first, second);
    ck_assert(record_is_locked(engine, first));
    ck_assert(record_is_locked(engine, second));
    engine_close(engine);
}
END_TEST

START_TEST(a_running_container_is_removed_by_force_alone)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_start("web", false, "running");
    ck_assert_int_eq(engine_remove(engine, "web", false, &why), -EBUSY);
    ck_assert_int_eq(engine_remove(engine, "nosuch", true, &why), -ENOENT);
    ck_assert_str_eq(why.msg, "No such container: nosuch");
    owner_kill(&owner);
    must(engine_remove(engine, "web", false, &why));
    ck_assert_uint_eq(count_ids(engine), 0);
    ck_assert(!exists(engine->runfd, "names/", "web"));
    engine_close(engine);
}
END_TEST

/* --- several at once ------------------------------------------------------ */

#define RACERS 8

/* Let `work` run in RACERS processes that start together; how many of them
 * returned 0. */
static int race(int (*work)(void))
{
    int go[2], won = 0;
    ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0) {
            char unused;
            close(go[1]);
            if (read(go[0], &unused, 1) != 0)
                _exit(2);
            _exit(work() == 0 ? 0 : 1);
        }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < RACERS; i++) {
        int status = 1;
        ck_assert_int_gt(wait(&status), 0);
        won += status == 0;
    }
    return won;
}

static int take_name(void)
{
    struct engine *engine = store_open();
    char owner[RECORD_ID_LEN + 1];
    auto_free char *id = text_format("%064d", (int)getpid());
    return record_name(engine, "web", id, owner, &why);
}

START_TEST(lab_13_1_of_many_that_want_a_name_one_gets_it)
{
    store_enter();
    engine_close(store_open());
    ck_assert_int_eq(race(take_name), 1);
}
END_TEST

/* A directory is empty from its mkdir(2) to its lock, and only then. */
static void sweep_the_empty(struct engine *engine)
{
    auto_strv struct strv ids = {0};
    must(record_ids_present(engine, &ids, &why));
    for (size_t i = 0; i < ids.n; i++)
        unlinkat(engine->runfd, ids.v[i], AT_REMOVEDIR);
}

static void sweep_all(struct engine *engine)
{
    engine_sweep(engine, NULL);
}

START_TEST(lab_13_2_what_is_swept_away_before_its_lock_is_made_anew)
{
    static void (*const sweeps[])(struct engine * engine) = {sweep_the_empty,
                                                             sweep_all};
    store_enter();
    struct engine *engine = store_open();
    pid_t sweepers[2];
    for (int i = 0; i < 2; i++) {
        sweepers[i] = fork();
        while (sweepers[i] == 0)
            sweeps[i](engine);
    }
    for (int i = 0; i < 3000; i += contract_step()) {
        char id[RECORD_ID_LEN + 1];
        auto_fd int lock = record_lock_new(engine, id, &why);
        ck_assert_msg(lock >= 0, "%s", why.msg);
        ck_assert(record_is_locked(engine, id));
        must(files_remove_tree(engine->runfd, id, &why));
    }
    for (int i = 0; i < 2; i++) {
        kill(sweepers[i], SIGKILL);
        ck_assert_int_eq(waitpid(sweepers[i], NULL, 0), sweepers[i]);
    }
    engine_close(engine);
}
END_TEST

static int open_first(void)
{
    struct engine *engine = NULL;
    int r = engine_open(&engine, ROOT, &why);
    return r < 0 ? r : !exists(engine->runfd, "names", "");
}

START_TEST(many_may_be_the_first)
{
    store_enter();
    ck_assert_int_eq(race(open_first), RACERS);
    ck_assert_int_eq(access(ROOT "/mountpoints/etc/hosts", F_OK), 0);
    struct engine *engine = store_open();
    ck_assert(!exists(engine->runfd, "names.new", ""));
    engine_close(engine);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_13_1_a_name_belongs_to_one);
    tcase_add_test(tc, lab_13_1_what_is_no_id_is_nobodys);
    tcase_add_test(tc, lab_13_2_a_new_one_is_its_owners_alone);
    tcase_add_test(tc, a_record_is_read_as_it_was_written);
    tcase_add_test(tc, what_removes_itself_is_remembered_in_memory_alone);
    tcase_add_test(tc, containers_are_found_by_name_id_and_beginning);
    tcase_add_test(tc, a_damaged_record_is_told_and_in_nobodys_way);
    tcase_add_test(tc, a_list_of_what_runs_reads_nothing_else);
    tcase_add_test(tc, lab_13_2_who_lives_is_seen_by_the_lock);
    tcase_add_test(tc, a_running_container_is_removed_by_force_alone);
    tcase_add_test(tc, lab_13_1_of_many_that_want_a_name_one_gets_it);
    tcase_add_test(tc,
                   lab_13_2_what_is_swept_away_before_its_lock_is_made_anew);
    tcase_add_test(tc, many_may_be_the_first);
}

int main(void)
{
    return contract_main("records", add);
}
