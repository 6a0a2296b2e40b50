/* What dead owners leave, and what a reboot does. */
#include "test_store.h"

#include "cg.h"
#include "events.h"
#include "fault.h"
#include "volume.h"

#define OLD "0000111111111111111111111111111111111111111111111111111111111111"

START_TEST(lab_13_3_a_dead_owners_passing_container_vanishes)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_dead("web", true, "running");
    ck_assert_uint_eq(count_ids(engine), 1);
    must(engine_sweep(engine, &why));
    ck_assert_uint_eq(count_ids(engine), 0);
    ck_assert(!exists(engine->runfd, "names/", "web"));
    ck_assert(!exists(engine->runfd, "", owner.id));
    ck_assert(!exists(engine->rootfd, "containers/", owner.id));
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_3_a_dead_owners_lasting_container_has_exited)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_dead("web", false, "running");
    must(engine_sweep(engine, &why));
    auto_record struct record record = {0};
    must(record_find(engine, "web", &record, &why));
    ck_assert(!record.live);
    ck_assert_str_eq(field_string(record.doc, "State.Status"), "exited");
    ck_assert_int_eq(field_int(record.doc, "State.ExitCode", -1), 137);
    /* The run directory is for what runs. */
    ck_assert(!exists(engine->runfd, "", owner.id));
    engine_close(engine);
}
END_TEST

START_TEST(lab_13_3_an_exit_code_that_was_written_down_stays)
{
    store_enter();
    struct engine *engine = store_open();
    owner_dead("web", false, "exited");
    must(engine_sweep(engine, &why));
    auto_record struct record record = {0};
    must(record_find(engine, "web", &record, &why));
    ck_assert_int_eq(field_int(record.doc, "State.ExitCode", -1), 0);
    engine_close(engine);
}
END_TEST

/* What the journal tells of containers, a letter each. */
static int note(void *arg, const json_t *event, struct err *e)
{
    char *letters = arg;
    (void)e;
    if (field_is(event, "Type", "container"))
        letters[strlen(letters)] = *field_string(event, "Action");
    return 0;
}

static void assert_told(struct engine *engine, const char *expected)
{
    char letters[16] = "";
    struct engine_events query = {.each = note, .arg = letters};
    clock_gettime(CLOCK_REALTIME, &query.until);
    must(engine_events(engine, &query, &why));
    ck_assert_str_eq(letters, expected);
}

START_TEST(lab_13_3_whoever_listens_is_told)
{
    store_enter();
    struct engine *engine = store_open();
    owner_dead("kept", false, "running");
    must(engine_sweep(engine, &why));
    assert_told(engine, "d"); /* die */
    owner_dead("passing", true, "exited");
    must(engine_sweep(engine, &why));
    assert_told(engine, "dd"); /* destroy */
    engine_close(engine);
}
END_TEST

/* The volume of a container that is over, and that nobody named; and what a
 * writer that was killed left of one that stays. */
START_TEST(lab_13_3_what_belongs_to_it_goes_with_it)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner passing = owner_dead("passing", true, "exited");
    struct owner kept = owner_dead("kept", false, "running");
    auto_record struct record record = {0};
    must(record_load(engine, passing.id, &record, &why));
    json_object_set_new(record.doc, "Mounts",
                        json_pack("[{s:s, s:s, s:s, s:b, s:{}}]", "Type",
                                  "volume", "Name", "anonymous", "Destination",
                                  "/data", "RW", 1, "Spec"));
    must(record_save(engine, passing.id, record.doc, &why));
    json_t *request = json_pack("{s:s}", "Name", "anonymous");
    must(volume_create(engine, request, NULL, &why));
    json_decref(request);
    auto_free char *half =
        text_format("containers/%s/config.json.new17", kept.id);
    must(files_replace(engine->rootfd, half, "{", 1, 0, &why));
    must(engine_sweep(engine, &why));
    ck_assert(!exists(engine->rootfd, "volumes/", "anonymous"));
    ck_assert(!exists(engine->rootfd, half, ""));
    engine_close(engine);
}
END_TEST

/* Where groups can be made, who is in its group ends. */
START_TEST(lab_13_3_its_processes_end)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner owner = owner_dead("web", false, "running");
    auto_free char *group = record_cgroup(NULL, owner.id);
    auto_cg struct cg cg = CG_INIT;
    bool has_group = cg_create(&cg, group, &why) == 0;
    pid_t member = fork();
    if (member == 0) {
        if (has_group && cg_join(&cg, NULL) < 0)
            _exit(1);
        for (;;)
            pause();
    }
    while (has_group && waitpid(member, NULL, WNOHANG) == 0) {
        pid_t *pids = NULL;
        size_t n = 0;
        must(cg_list_pids(&cg, &pids, &n, &why));
        free(pids);
        if (n == 1)
            break;
    }
    must(engine_sweep(engine, &why));
    bool ended = waitpid(member, NULL, WNOHANG) == member;
    if (!ended) {
        kill(member, SIGKILL);
        ck_assert_int_eq(waitpid(member, NULL, 0), member);
        must(ctr_remove_remains(group, &why));
    }
    ck_assert_int_eq(ended, has_group);
    engine_close(engine);
}
END_TEST

/* Killed before it could write anything: nobody will ever ask for it. */
START_TEST(lab_13_3_what_has_no_document_is_garbage)
{
    store_enter();
    struct engine *engine = store_open();
    char other[RECORD_ID_LEN + 1];
    struct owner owner = owner_dead(NULL, false, "");
    must(record_name(engine, "web", owner.id, other, &why));
    auto_free char *dir = record_dir(engine, owner.id);
    must(files_mkdirs(AT_FDCWD, dir, 0700, &why));
    must(engine_sweep(engine, &why));
    ck_assert_uint_eq(count_ids(engine), 0);
    ck_assert(!exists(engine->runfd, "names/", "web"));
    engine_close(engine);
}
END_TEST

START_TEST(who_lives_and_who_has_ended_are_left_alone)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner living = owner_start("living", true, "running");
    store_add(engine, OLD, "old", false, "exited");
    must(engine_sweep(engine, &why));
    auto_record struct record record = {0}, old = {0};
    must(record_find(engine, "living", &record, &why));
    ck_assert(record.live);
    ck_assert_str_eq(field_string(record.doc, "State.Status"), "running");
    must(record_find(engine, "old", &old, &why));
    ck_assert(!exists(engine->runfd, "", OLD));
    owner_kill(&living);
    engine_close(engine);
}
END_TEST

/* A name in use is asked for: its owner may just have died. */
START_TEST(one_can_be_swept_alone)
{
    store_enter();
    struct engine *engine = store_open();
    struct owner gone = owner_dead("gone", true, "running");
    struct owner stays = owner_dead("stays", false, "running");
    struct owner living = owner_start("living", true, "running");
    ck_assert(run_sweep_one(engine, gone.id));
    ck_assert(!run_sweep_one(engine, stays.id)); /* it keeps its name */
    ck_assert(!run_sweep_one(engine, living.id));
    ck_assert(!run_sweep_one(engine, "short"));
    ck_assert(!exists(engine->runfd, "names/", "gone"));
    ck_assert(exists(engine->runfd, "names/", "stays"));
    ck_assert(exists(engine->runfd, "names/", "living"));
    owner_kill(&living);
    engine_close(engine);
}
END_TEST

/* After a reboot the run directory is gone with everything in memory. */
START_TEST(lab_13_3_a_reboot_loses_what_ran_and_keeps_what_was_kept)
{
    store_enter();
    owner_dead("kept", false, "running");
    owner_dead("passing", true, "running");
    struct engine *engine = store_open();
    store_add(engine, OLD, "old", false, "exited");
    engine_close(engine);
    ck_assert_int_eq(umount2("/run", 0), 0);
    ck_assert_int_eq(mount("run", "/run", "tmpfs", 0, "mode=0755"), 0);
    engine = store_open();
    auto_record struct record kept = {0}, old = {0}, none = {0};
    must(record_find(engine, "kept", &kept, &why));
    ck_assert_str_eq(field_string(kept.doc, "State.Status"), "exited");
    /* Docker's answer where nobody can know. */
    ck_assert_int_eq(field_int(kept.doc, "State.ExitCode", -1), 255);
    must(record_find(engine, "old", &old, &why));
    ck_assert_int_eq(field_int(old.doc, "State.ExitCode", -1), 0);
    ck_assert_int_eq(record_find(engine, "passing", &none, &why), -ENOENT);
    ck_assert_uint_eq(count_ids(engine), 2);
    engine_close(engine);
}
END_TEST

/* Sweep with the n-th call failing or killing; the wait status. */
static int sweep_struck(int n, const char *how)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct engine *engine = store_open();
        auto_free char *wish = text_format("*:%d:%s", n, how);
        if (fault_open(wish, NULL) < 0)
            _exit(100);
        _exit(engine_sweep(engine, &why) < 0 ? 1 : 0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Strike a sweep that has something to do, and let another one follow. */
static int sweep_twice(int n, const char *how)
{
    owner_dead("kept", false, "running");
    owner_dead("passing", true, "running");
    int status = sweep_struck(n, how);
    struct engine *engine = store_open();
    must(engine_sweep(engine, &why));
    auto_record struct record kept = {0};
    must(record_find(engine, "kept", &kept, &why));
    ck_assert_msg(field_is(kept.doc, "State.Status", "exited"),
                  "still running after %s at call %d", how, n);
    ck_assert_uint_eq(count_ids(engine), 1);
    ck_assert(!exists(engine->runfd, "names/", "passing"));
    must(engine_remove(engine, "kept", false, &why));
    ck_assert_uint_eq(count_ids(engine), 0);
    engine_close(engine);
    return status;
}

START_TEST(lab_13_3_a_sweep_struck_at_any_call_is_finished_by_the_next)
{
    int calls = 0;
    store_enter();
    engine_close(store_open());
    while (WIFSIGNALED(sweep_twice(calls + 1, "kill")))
        calls += contract_step();
    ck_assert_int_gt(calls, 20);
    for (int n = 1; n <= calls; n += contract_step())
        ck_assert(WIFEXITED(sweep_twice(n, "EIO")));
}
END_TEST

START_TEST(lab_13_3_many_sweeps_at_once_do_what_one_does)
{
    store_enter();
    engine_close(store_open());
    for (int i = 0; i < 5; i++) {
        auto_free char *kept = text_format("kept%d", i);
        auto_free char *passing = text_format("passing%d", i);
        owner_dead(kept, false, "running");
        owner_dead(passing, true, "running");
    }
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            must(engine_sweep(store_open(), &why));
            _exit(0);
        }
    int status = 1;
    for (int i = 0; i < 4; i++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    struct engine *engine = store_open();
    must(engine_sweep(engine, &why));
    ck_assert_uint_eq(count_ids(engine), 5);
    ck_assert(exists(engine->runfd, "names/", "kept4"));
    ck_assert(!exists(engine->runfd, "names/", "passing4"));
    engine_close(engine);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_13_3_a_dead_owners_passing_container_vanishes);
    tcase_add_test(tc, lab_13_3_a_dead_owners_lasting_container_has_exited);
    tcase_add_test(tc, lab_13_3_an_exit_code_that_was_written_down_stays);
    tcase_add_test(tc, lab_13_3_whoever_listens_is_told);
    tcase_add_test(tc, lab_13_3_what_belongs_to_it_goes_with_it);
    tcase_add_test(tc, lab_13_3_its_processes_end);
    tcase_add_test(tc, lab_13_3_what_has_no_document_is_garbage);
    tcase_add_test(tc, who_lives_and_who_has_ended_are_left_alone);
    tcase_add_test(tc, one_can_be_swept_alone);
    tcase_add_test(tc,
                   lab_13_3_a_reboot_loses_what_ran_and_keeps_what_was_kept);
    tcase_add_test(tc,
                   lab_13_3_a_sweep_struck_at_any_call_is_finished_by_the_next);
    tcase_add_test(tc, lab_13_3_many_sweeps_at_once_do_what_one_does);
}

int main(void)
{
    return contract_main("the sweep", add);
}
