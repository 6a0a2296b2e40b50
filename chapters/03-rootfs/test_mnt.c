/* Contract of mnt.h: what mountinfo says after mnt_make, and what it must
 * never say. Binds are in test_bind.c. */
#include "fault.h"
#include "room.h"

/* ---- 3.1: words ---- */

/* `options` must mean exactly the flags of `want`, and `data`. */
static void check_words(const char *options, struct mnt want, const char *data)
{
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "s", "/t", "tmpfs", options, &e));
    const struct mnt *m = list.v;
    ck_assert_msg(
        m->flags == want.flags && m->propagation == want.propagation &&
            m->rec_set == want.rec_set && m->rec_clear == want.rec_clear &&
            m->copy_up == want.copy_up && m->mapped == want.mapped &&
            m->mapped_below == want.mapped_below && strcmp(m->data, data) == 0,
        "options \"%s\" were not understood", options);
}

START_TEST(lab_3_1_words_become_flags)
{
    const struct mnt nothing = {0};
    check_words("", nothing, "");
    check_words("defaults,rw", nothing, "");
    check_words("ro,rw,noatime,atime", nothing, "");
    check_words("nosuid,suid,nodev,dev,noexec,exec", nothing, "");
    check_words("nosuid,,noexec,ro",
                (struct mnt){.flags = MS_NOSUID | MS_NOEXEC | MS_RDONLY}, "");
    check_words("size=64m,nodev,mode=755", (struct mnt){.flags = MS_NODEV},
                "size=64m,mode=755");
    check_words("tmpcopyup,x", (struct mnt){.copy_up = true}, "x");
}
END_TEST

START_TEST(lab_3_1_words_for_trees)
{
    check_words("rbind", (struct mnt){.flags = MS_BIND | MS_REC}, "");
    check_words(
        "bind,rprivate",
        (struct mnt){.flags = MS_BIND, .propagation = MS_PRIVATE | MS_REC}, "");
    check_words("rshared,slave", (struct mnt){.propagation = MS_SLAVE}, "");
    check_words("bind,idmap", (struct mnt){.flags = MS_BIND, .mapped = true},
                "");
    check_words("bind,ridmap",
                (struct mnt){.flags = MS_BIND, .mapped_below = true}, "");
    check_words("rro", (struct mnt){.rec_set = MOUNT_ATTR_RDONLY}, "");
    check_words("rro,rrw", (struct mnt){.rec_clear = MOUNT_ATTR_RDONLY}, "");
    check_words("rnoatime",
                (struct mnt){.rec_set = MOUNT_ATTR_NOATIME,
                             .rec_clear = MOUNT_ATTR__ATIME},
                "");
}
END_TEST

START_TEST(lab_3_1_what_we_cannot_do_is_said)
{
    auto_mnt_list struct mnt_list list = {0};
    room_fails(EINVAL, mnt_list_add(&list, "s", "/t", "tmpfs", "idmap", &e));
    room_fails(ENOTSUP,
               mnt_list_add(&list, "s", "/t", "bind", "ridmap=0-0-1", &e));
    room_fails(EINVAL, mnt_list_add(&list, "s", "//", "tmpfs", "", &e));
    ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(a_later_mount_takes_the_place_of_an_earlier)
{
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "a", "/dev", "tmpfs", NULL, &e));
    room_ok(mnt_list_add(&list, "b", "/dev/shm", "tmpfs", NULL, &e));
    room_ok(mnt_list_add(&list, "/c", "//dev/./x/../", "bind", NULL, &e));
    room_ok(mnt_list_add(&list, "d", "/dev", NULL, "remount,ro", &e));
    ck_assert_uint_eq(list.n, 3);
    ck_assert_str_eq(list.v[0].source, "/c");
    ck_assert_str_eq(list.v[0].target, "/dev");
    ck_assert_uint_eq(list.v[0].flags, MS_BIND);
    ck_assert_str_eq(list.v[2].source, "d");
    mnt_list_remove(&list, "/dev/");
    ck_assert_uint_eq(list.n, 1);
    ck_assert_str_eq(list.v[0].target, "/dev/shm");
}
END_TEST

/* ---- 3.3: new file systems ---- */

START_TEST(lab_3_3_every_option_reaches_the_kernel)
{
    static const struct {
        const char *options, *shown, *super, *absent;
    } cases[] = {
        {"nosuid",                       "nosuid",      "",         "ro"      },
        {"nodev",                        "nodev",       "",         "nosuid"  },
        {"noexec",                       "noexec",      "",         "nodev"   },
        {"ro",                           "ro",          "ro",       "rw"      },
        {"noatime",                      "noatime",     "",         "relatime"},
        {"nodiratime",                   "nodiratime",  "",         "noatime" },
        {"strictatime",                  "rw",          "",         "relatime"},
        {"nosymfollow",                  "nosymfollow", "",         "nosuid"  },
        {"sync",                         "rw",          "sync",     "nosuid"  },
        {"dirsync",                      "rw",          "dirsync",  "nosuid"  },
        {"lazytime",                     "rw",          "lazytime", "nosuid"  },
        {"size=64k,mode=700",            "rw",          "size=64k", "nosuid"  },
        {"mode=700,nosuid,nr_inodes=10", "nosuid",      "mode=700", "nodev"   },
 /* not plain: made detached, changed, then attached */
        {"rprivate,ro,noexec,size=64k",  "noexec",      "size=64k", "rw"      },
        {"sync,rnodev,nr_inodes=10",     "nodev",       "sync",     "nosuid"  },
    };
    auto_fd int root = room_enter();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auto_mnt_list struct mnt_list list = {0};
        auto_free char *target = text_format("/t%zu", i);
        auto_free char *place = text_format(ROOM "%s", target);
        room_ok(
            mnt_list_add(&list, "shm", target, "tmpfs", cases[i].options, &e));
        room_ok(mnt_make(root, list.v, &e));
        struct room_mount m;
        ck_assert_int_eq(room_find("self", place, &m), 1);
        ck_assert_msg(
            room_has(m.options, cases[i].shown) &&
                !room_has(m.options, cases[i].absent) &&
                (*cases[i].super == '\0' || room_has(m.super, cases[i].super)),
            "options \"%s\" became \"%s\" and \"%s\"", cases[i].options,
            m.options, m.super);
    }
}
END_TEST

START_TEST(lab_3_3_proc_and_sys_need_no_place_in_the_image)
{
    auto_fd int root = room_enter();
    room_ok(room_make(root, "proc", "/proc", "proc", MS_NOSUID, &e));
    room_ok(room_make(root, "sysfs", "/sys", "sysfs", MS_RDONLY, &e));
    room_ok(room_make(root, "mqueue", "/dev/mqueue", "mqueue", 0, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/proc", &m), 1);
    ck_assert_str_eq(m.type, "proc");
    ck_assert_int_eq(room_find("self", ROOM "/sys", &m), 1);
    ck_assert_str_eq(m.type, "sysfs");
    ck_assert_int_eq(room_find("self", ROOM "/dev/mqueue", &m), 1);
}
END_TEST

START_TEST(lab_3_3_proc_on_a_link_is_refused)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir(ROOM "/elsewhere", 0755), 0);
    ck_assert_int_eq(sys_symlinkat("/elsewhere", root, "proc"), 0);
    ck_assert_int_eq(sys_symlinkat("../..", root, "sys"), 0);
    int before = room_find("self", NULL, NULL);
    room_fails(ELOOP, room_make(root, "proc", "/proc", "proc", 0, &e));
    room_fails(ELOOP, room_make(root, "sysfs", "/sys", "sysfs", 0, &e));
    ck_assert_int_eq(room_find("self", NULL, NULL), before);
}
END_TEST

START_TEST(a_link_cannot_lead_a_mount_into_proc)
{
    auto_fd int root = room_enter();
    room_ok(room_make(root, "proc", "/proc", "proc", 0, &e));
    ck_assert_int_eq(sys_symlinkat("/proc/self", root, "data"), 0);
    room_fails(ELOOP, room_make(root, "t", "/data", "tmpfs", 0, &e));
    room_write("/mnt/loadavg", "0 0 0\n");
    room_ok(room_make(root, "/mnt/loadavg", "/proc/loadavg", "bind", MS_BIND,
                      &e)); /* written plainly: meant so */
}
END_TEST

/* ---- links in the image ---- */

/* Links an image may hold, and where inside the root they must lead. */
static const struct {
    const char *name, *text, *target, *lands;
} links[] = {
    {"abs",   OUTSIDE,            "/abs",         OUTSIDE         },
    {"rel",   "../../.." OUTSIDE, "/rel",         OUTSIDE         },
    {"up",    "..",               "/up/new",      "/new"          },
    {"top",   "/",                "/top/deep/er", "/deep/er"      },
    {"tmp",   OUTSIDE,            "/tmp/below",   OUTSIDE "/below"},
    {"ghost", "../run/not/yet",   "/ghost",       "/run/not/yet"  },
};

START_TEST(lab_3_3_no_link_leads_out)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(chdir("/"), 0);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        auto_free char *lands = text_format(ROOM "%s", links[i].lands);
        ck_assert_int_eq(sys_symlinkat(links[i].text, root, links[i].name), 0);
        int before = room_find("self", lands, NULL);
        room_ok(room_make(root, "t", links[i].target, "tmpfs", 0, &e));
        ck_assert_msg(room_find("self", lands, NULL) == before + 1,
                      "%s -> %s did not lead to %s", links[i].name,
                      links[i].text, lands);
    }
    ck_assert_int_eq(room_find("self", OUTSIDE, NULL), 0);
    ck_assert_int_eq(room_count(OUTSIDE), 0);
    ck_assert_int_eq(access("/run/not", F_OK), -1);
}
END_TEST

START_TEST(links_in_a_circle_end)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(sys_symlinkat("b", root, "a"), 0);
    ck_assert_int_eq(sys_symlinkat("a", root, "b"), 0);
    room_fails(ELOOP, room_make(root, "t", "/a/x", "tmpfs", 0, &e));
}
END_TEST

/* ---- the rest ---- */

START_TEST(remount_changes_what_is_there)
{
    auto_fd int root = room_enter();
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "t", "/t", "tmpfs", "nosuid", &e));
    room_ok(mnt_list_add(&list, "", "/t", "", "remount,bind,ro", &e));
    room_ok(mnt_list_add(&list, "", "/t", "", "shared", &e));
    ck_assert_uint_eq(list.n, 3);
    for (size_t i = 0; i < list.n; i++)
        room_ok(mnt_make(root, &list.v[i], &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/t", &m), 1);
    ck_assert(room_has(m.options, "ro") && room_has(m.options, "nosuid"));
    ck_assert(room_has(m.super, "rw"));
    ck_assert_ptr_nonnull(strstr(m.tags, "shared:"));
}
END_TEST

START_TEST(propagation_words_show_as_tags)
{
    auto_fd int root = room_enter();
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "t", "/s", "tmpfs", "rshared", &e));
    room_ok(mnt_list_add(&list, "t", "/u", "tmpfs", "unbindable", &e));
    room_ok(mnt_list_add(&list, "/mnt", "/p", "bind", "rprivate", &e));
    for (size_t i = 0; i < list.n; i++)
        room_ok(mnt_make(root, &list.v[i], &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/s", &m), 1);
    ck_assert(strstr(m.tags, "shared:") != NULL);
    ck_assert_int_eq(room_find("self", ROOM "/u", &m), 1);
    ck_assert(strstr(m.tags, "unbindable") != NULL);
    ck_assert_int_eq(room_find("self", ROOM "/p", &m), 1);
    ck_assert_str_eq(m.tags, "");
}
END_TEST

START_TEST(tmpcopyup_begins_as_what_it_hides)
{
    auto_fd int root = room_enter();
    ck_assert_int_eq(mkdir(ROOM "/run", 0755), 0);
    ck_assert_int_eq(mkdir(ROOM "/run/lock", 01777), 0);
    ck_assert_int_eq(chmod(ROOM "/run/lock", 01777), 0);
    room_write(ROOM "/run/lock/file", "content");
    ck_assert_int_eq(chown(ROOM "/run/lock/file", 33, 34), 0);
    ck_assert_int_eq(symlink("lock/file", ROOM "/run/link"), 0);
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "t", "/run", "tmpfs", "tmpcopyup,ro", &e));
    room_ok(mnt_make(root, list.v, &e));
    struct stat st;
    ck_assert_int_eq(stat(ROOM "/run/link", &st), 0);
    ck_assert_uint_eq(st.st_uid, 33);
    ck_assert_uint_eq(st.st_gid, 34);
    ck_assert_int_eq(st.st_size, 7);
    ck_assert_int_eq(stat(ROOM "/run/lock", &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 01777);
    ck_assert_int_eq(room_try_create(ROOM "/run/x"), -EROFS);
}
END_TEST

START_TEST(lab_3_3_a_host_without_proc_mounts_too)
{
    auto_fd int root = room_enter();
    room_ok(fault_open("mount:1:ENOENT", &e));
    auto_mnt_list struct mnt_list list = {0};
    room_ok(mnt_list_add(&list, "shm", "/t", "tmpfs",
                         "ro,nosuid,size=64k,mode=700", &e));
    room_ok(mnt_make(root, list.v, &e));
    struct room_mount m;
    ck_assert_int_eq(room_find("self", ROOM "/t", &m), 1);
    ck_assert(room_has(m.options, "ro") && room_has(m.options, "nosuid"));
    ck_assert(room_has(m.super, "ro") && room_has(m.super, "size=64k"));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_3_1_words_become_flags);
    tcase_add_test(tc, lab_3_1_words_for_trees);
    tcase_add_test(tc, lab_3_1_what_we_cannot_do_is_said);
    tcase_add_test(tc, a_later_mount_takes_the_place_of_an_earlier);
    tcase_add_test(tc, lab_3_3_every_option_reaches_the_kernel);
    tcase_add_test(tc, lab_3_3_proc_and_sys_need_no_place_in_the_image);
    tcase_add_test(tc, lab_3_3_proc_on_a_link_is_refused);
    tcase_add_test(tc, lab_3_3_no_link_leads_out);
    tcase_add_test(tc, a_link_cannot_lead_a_mount_into_proc);
    tcase_add_test(tc, links_in_a_circle_end);
    tcase_add_test(tc, remount_changes_what_is_there);
    tcase_add_test(tc, propagation_words_show_as_tags);
    tcase_add_test(tc, tmpcopyup_begins_as_what_it_hides);
    tcase_add_test(tc, lab_3_3_a_host_without_proc_mounts_too);
}

int main(void)
{
    return contract_main("mnt", add);
}
