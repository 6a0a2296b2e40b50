/* Moments at which others have a hand in it. */
#include "test_box.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* What a hook saw, in memory that child and parent share. */
struct seen {
    int calls;
    pid_t pid, caller;
    bool host, mounts, own_mounts; /* "/" is ours; /proc is there; namespace */
};

struct notes {
    struct seen at[3];
    ino_t our_mounts;
    int fail_at; /* the hook that fails, or -1 */
};

static int note(void *arg, enum ctr_hook when, pid_t pid, struct err *e)
{
    struct notes *notes = arg;
    struct seen *seen = &notes->at[when];
    struct stat st;
    seen->calls++;
    seen->pid = pid;
    seen->caller = getpid();
    seen->host = stat(BOX_ROOT, &st) == 0;
    seen->mounts = stat(BOX_ROOT "/proc/version", &st) == 0;
    seen->own_mounts = ns_inode(0, NS_MOUNT) != notes->our_mounts;
    return notes->fail_at == (int)when ? err_set(e, EPERM, "hook says no") : 0;
}

static struct notes *box_init_hooked(struct box *box, const char *script)
{
    box_init(box, script);
    struct notes *notes = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(notes, MAP_FAILED);
    notes->our_mounts = ns_inode(0, NS_MOUNT);
    notes->fail_at = -1;
    box->options.hook = note;
    box->options.arg = notes;
    box->options.hooks = 1u << CTR_HOOK_RUNTIME | 1u << CTR_HOOK_CONTAINER |
                         1u << CTR_HOOK_START;
    return notes;
}

START_TEST(each_hook_comes_at_its_moment)
{
    struct box box;
    struct notes *notes = box_init_hooked(&box, "true");
    const struct seen *runtime = &notes->at[CTR_HOOK_RUNTIME];
    const struct seen *container = &notes->at[CTR_HOOK_CONTAINER];
    const struct seen *start = &notes->at[CTR_HOOK_START];
    ck_assert_msg(box_create(&box) == 0, "%s", box.e.msg);
    ck_assert_int_eq(runtime->calls, 1);
    ck_assert_int_eq(runtime->pid, box.ctr.pid);
    ck_assert_int_eq(runtime->caller, getpid());
    ck_assert(!runtime->own_mounts);
    ck_assert_int_eq(start->calls, 0);
    ck_assert_msg(ctr_start(&box.ctr, &box.e) == 0, "%s", box.e.msg);
    ck_assert_int_eq(container->calls, 1);
    ck_assert_int_eq(container->pid, box.ctr.pid);
    ck_assert_int_eq(container->caller, 1);
    ck_assert(container->own_mounts && container->host && container->mounts);
    ck_assert_int_eq(start->calls, 1);
    ck_assert_int_eq(start->pid, box.ctr.pid);
    ck_assert(start->own_mounts && !start->host);
    box_end(&box);
}
END_TEST

/* The mounts are there when the hook outside runs: it may enter and look. */
START_TEST(the_hook_outside_finds_the_mounts_made)
{
    struct box box;
    box_init_hooked(&box, "true");
    box.options.hooks = 1u << CTR_HOOK_RUNTIME;
    mnt_list_add(&box.spec.mounts, "/nosuch", "/tmp", "bind", "bind", &box.e);
    ck_assert_int_eq(box_create(&box), -ENOENT);
    ck_assert_msg(strncmp(box.e.msg, "mounts: ", 8) == 0, "%s", box.e.msg);
    ck_assert_int_eq(((struct notes *)box.options.arg)->at[0].calls, 0);
}
END_TEST

START_TEST(a_hook_that_fails_ends_it)
{
    static const char *const names[] = {"hook says no",
                                        "container hooks: hook says no",
                                        "start hooks: hook says no"};
    struct box box;
    struct notes *notes = box_init_hooked(&box, "echo ran");
    notes->fail_at = _i;
    ck_assert_int_eq(box_fails(&box), -EPERM);
    ck_assert_str_eq(box.e.msg, names[_i]);
    char said[256];
    box_read(&box, said);
    ck_assert_str_eq(said, "");
    struct cg cg = CG_INIT;
    ck_assert_int_eq(cg_open(&cg, box.spec.cgroup, NULL), -ENOENT);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, each_hook_comes_at_its_moment);
    tcase_add_test(tc, the_hook_outside_finds_the_mounts_made);
    tcase_add_loop_test(tc, a_hook_that_fails_ends_it, 0, 3);
}

int main(void)
{
    return contract_main("hooks", add);
}
