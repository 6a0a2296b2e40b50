/* Writing layers: what goes into the archive, and that it comes out again. */
#include "test_write.h"

#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static void whiteout(const char *path)
{
    ck_assert_int_eq(mknod(path, S_IFCHR, 0), 0);
}

static void make_opaque(const char *path)
{
    ck_assert_int_eq(lsetxattr(path, "trusted.overlay.opaque", "y", 1, 0), 0);
}

/* LOWER has f, d/x, d/y, e/z; UPPER has lost f and d/x, and e is another. */
static void make_both(void)
{
    put(LOWER "/f", "f");
    put(LOWER "/kept", "kept");
    for (int i = 0; i < 2; i++) {
        const char *top = i == 0 ? LOWER : UPPER;
        auto_free char *d = text_format("%s/d", top);
        auto_free char *e = text_format("%s/e", top);
        ck_assert_int_eq(mkdir(d, 0755), 0);
        ck_assert_int_eq(mkdir(e, 0755), 0);
    }
    put(LOWER "/d/x", "x");
    put(LOWER "/d/y", "y");
    put(LOWER "/e/z", "z");
    whiteout(UPPER "/f");
    whiteout(UPPER "/d/x");
    make_opaque(UPPER "/e");
    put(UPPER "/e/new", "new");
}

START_TEST(lab_7_1_what_is_gone_is_marked)
{
    enter();
    make_both();
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_text struct text layer = {0};
    write_layer(&diff, &layer, LAYER_PLAIN, NULL);
    auto_free char *names = names_in(&layer);
    ck_assert_str_eq(names, "d/\nd/.wh.x\ne/\ne/.wh..wh..opq\ne/new\n.wh.f\n");
}
END_TEST

START_TEST(lab_7_1_marks_become_overlayfss_own_again)
{
    enter();
    make_both();
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_text struct text layer = {0};
    write_layer(&diff, &layer, LAYER_PLAIN, NULL);
    unpack_into(&layer, COPY);
    auto_free char *was = shown(UPPER, false), *is = shown(COPY, false);
    /* Whiteouts have a time of their own. */
    ck_assert_ptr_nonnull(strstr(is, "e 40755 0:0 dev 0 "
                                     "trusted.overlay.opaque=y"));
    ck_assert_ptr_nonnull(strstr(is, "d/x 20000"));
    ck_assert_ptr_nonnull(strstr(is, "f 20000"));
    ck_assert_uint_eq(strlen(was) > 0, strlen(is) > 0);
}
END_TEST

START_TEST(lab_7_2_the_uppermost_of_a_name_wins)
{
    enter();
    make_both();
    auto_tree struct tree tree = TREE(UPPER, LOWER);
    auto_tree_dir struct tree_dir root = {0}, d = {0}, e = {0};
    must(tree_read(&tree, "", tree_all(&tree), &root, &why));
    ck_assert_uint_eq(root.n, 4);
    ck_assert_str_eq(root.v[0].name, "d");
    ck_assert_str_eq(root.v[2].name, "f");
    ck_assert(root.v[2].is_whiteout);
    /* d is in both layers, e hides the one below. */
    ck_assert_uint_eq(root.v[0].range.end, 2);
    ck_assert_uint_eq(root.v[1].range.end, 1);
    must(tree_read(&tree, "d", root.v[0].range, &d, &why));
    ck_assert_uint_eq(d.n, 2);
    ck_assert(d.v[0].is_whiteout && !d.v[1].is_whiteout);
    ck_assert_uint_eq(d.v[1].range.first, 1);
    must(tree_read(&tree, "e", root.v[1].range, &e, &why));
    ck_assert_uint_eq(e.n, 1);
    ck_assert_str_eq(e.v[0].name, "new");
}
END_TEST

START_TEST(lab_7_2_a_file_between_two_directories_parts_them)
{
    enter();
    ck_assert_int_eq(mkdir(UPPER "/a", 0755), 0);
    put(LOWER "/a", "a file");
    ck_assert_int_eq(mkdir(COPY "/a", 0755), 0);
    auto_tree struct tree tree = TREE(UPPER, LOWER, COPY);
    auto_tree_dir struct tree_dir root = {0};
    must(tree_read(&tree, "", tree_all(&tree), &root, &why));
    ck_assert_uint_eq(root.n, 1);
    ck_assert_uint_eq(root.v[0].range.first, 0);
    ck_assert_uint_eq(root.v[0].range.end, 1);
}
END_TEST

START_TEST(lab_7_4_changes_are_told_as_docker_tells_them)
{
    enter();
    make_both();
    put(UPPER "/d/fresh", "fresh");
    ck_assert_int_eq(mkdir(UPPER "/dir", 0755), 0);
    put(UPPER "/dir/in", "in");
    put(UPPER "/kept", "another");
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_free char *lines = changes_of(&diff);
    ck_assert_str_eq(lines, "C /d\nA /d/fresh\nD /d/x\nA /dir\nA /dir/in\n"
                            "C /e\nA /e/new\nD /e/z\nD /f\nC /kept\n");
}
END_TEST

START_TEST(lab_7_4_a_whiteout_of_nothing_is_nothing)
{
    enter();
    put(LOWER "/f", "f");
    whiteout(UPPER "/never");
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_free char *lines = changes_of(&diff);
    ck_assert_str_eq(lines, "");
}
END_TEST

START_TEST(lab_7_5_a_file_copied_up_but_not_changed_is_no_change)
{
    enter();
    struct timespec times[2] = {
        {7, 7},
        {7, 7}
    };
    put(LOWER "/f", "same");
    put(UPPER "/f", "same");
    put(LOWER "/g", "old!");
    put(UPPER "/g", "new!");
    const char *all[] = {LOWER "/f", UPPER "/f", LOWER "/g", UPPER "/g"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(utimensat(AT_FDCWD, all[i], times, 0), 0);
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_free char *lines = changes_of(&diff);
    ck_assert_str_eq(lines, "C /g\n");
}
END_TEST

/* One of everything, with what is hard about it. */
static void make_everything(const char *top)
{
    struct timespec times[2] = {
        {1,          2        },
        {1700000000, 123456789}
    };
    ck_assert_int_eq(chdir(top), 0);
    ck_assert_int_eq(mkdir("dir", 01777), 0);
    put("dir/file", "content");
    ck_assert_int_eq(chown("dir/file", 70000, 3000000), 0);
    ck_assert_int_eq(chmod("dir/file", 06755), 0);
    struct vfs_cap_data cap = {.magic_etc = VFS_CAP_REVISION_2,
                               .data[0].permitted = 1u << 10};
    ck_assert_int_eq(
        lsetxattr("dir/file", "security.capability", &cap, XATTR_CAPS_SZ_2, 0),
        0);
    ck_assert_int_eq(lsetxattr("dir", "trusted.note", "dir", 3, 0), 0);
    ck_assert_int_eq(symlink("/etc/../nowhere", "link"), 0);
    ck_assert_int_eq(lchown("link", 5, 6), 0);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(mknod("char", S_IFCHR | 0620, makedev(300, 70000)), 0);
    ck_assert_int_eq(mknod("block", S_IFBLK | 0660, makedev(8, 1)), 0);
    put("\xff\xfe not utf-8 \n", "odd");
    put("\xc3\xa4", "umlaut");
    char name[256] = "";
    memset(name, 'n', 255);
    put(name, "long");
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(mkdir(name + 100, 0700), 0);
        ck_assert_int_eq(chdir(name + 100), 0);
    }
    put("deep", "deep");
    ck_assert_int_eq(chdir(top), 0);
    int fd = open("sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_int_eq(pwrite(fd, "x", 1, 3 << 20), 1);
    ck_assert_int_eq(ftruncate(fd, 9 << 20), 0);
    close(fd);
    const char *timed[] = {"dir/file", "link", "fifo", "dir", "sparse"};
    for (size_t i = 0; i < sizeof timed / sizeof timed[0]; i++)
        ck_assert_int_eq(
            utimensat(AT_FDCWD, timed[i], times, AT_SYMLINK_NOFOLLOW), 0);
}

START_TEST(whatever_is_packed_comes_out_as_it_was)
{
    enter();
    make_everything(UPPER);
    auto_tree struct tree above = PLAIN(UPPER);
    struct diff diff = {.above = &above};
    auto_text struct text layer = {0};
    write_layer(&diff, &layer, LAYER_GZIP, NULL);
    unpack_into(&layer, COPY);
    auto_free char *was = shown(UPPER, true), *is = shown(COPY, true);
    same_text(was, is);
    ck_assert_ptr_nonnull(strstr(is, "70000:3000000"));
    ck_assert_ptr_nonnull(strstr(is, "at 1700000000.123456789"));
}
END_TEST

START_TEST(equal_trees_make_equal_bytes)
{
    enter();
    make_everything(UPPER);
    auto_tree struct tree above = PLAIN(UPPER);
    struct diff diff = {.above = &above};
    auto_text struct text first = {0}, copy = {0}, again = {0}, gz = {0};
    write_layer(&diff, &first, LAYER_PLAIN, NULL);
    unpack_into(&first, COPY);
    auto_tree struct tree other = PLAIN(COPY);
    diff.above = &other;
    write_layer(&diff, &copy, LAYER_PLAIN, NULL);
    ck_assert_uint_eq(first.len, copy.len);
    ck_assert_mem_eq(first.s, copy.s, first.len);
    write_layer(&diff, &again, LAYER_GZIP, NULL);
    write_layer(&diff, &gz, LAYER_GZIP, NULL);
    ck_assert_uint_eq(gz.len, again.len);
    ck_assert_mem_eq(gz.s, again.s, gz.len);
    ck_assert(layer_recognise(gz.s, gz.len) == LAYER_GZIP);
}
END_TEST

START_TEST(what_no_layer_can_hold_is_left_out_and_told)
{
    enter();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX,
                               .sun_path = UPPER "/socket"};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    put(UPPER "/.wh.kept", "to delete kept");
    ck_assert_int_eq(mkdir(UPPER "/.wh.dir", 0755), 0);
    put(UPPER "/.wh.dir/f", "f");
    put(UPPER "/f", "f");
    auto_tree struct tree above = TREE(UPPER);
    struct diff diff = {.above = &above};
    auto_text struct text layer = {0}, notices = {0};
    write_layer(&diff, &layer, LAYER_PLAIN, &notices);
    auto_free char *names = names_in(&layer);
    ck_assert_str_eq(names, "f\n");
    ck_assert_ptr_nonnull(strstr(notices.s, "/socket: skipping: it is a "
                                            "socket\n"));
    ck_assert_ptr_nonnull(strstr(notices.s, "/.wh.kept: skipping"));
}
END_TEST

START_TEST(a_link_in_a_directorys_place_is_not_followed)
{
    enter();
    ck_assert_int_eq(mkdir(UPPER "/dir", 0755), 0);
    ck_assert_int_eq(mkdir(LOWER "/secret", 0755), 0);
    put(LOWER "/secret/f", "secret");
    auto_tree struct tree tree = PLAIN(UPPER);
    auto_tree_dir struct tree_dir root = {0}, dir = {0};
    must(tree_read(&tree, "", tree_all(&tree), &root, &why));
    ck_assert(S_ISDIR(root.v[0].st.st_mode));
    /* Now the container swaps it. */
    ck_assert_int_eq(rmdir(UPPER "/dir"), 0);
    ck_assert_int_eq(symlink(LOWER "/secret", UPPER "/dir"), 0);
    must(tree_read(&tree, "dir", root.v[0].range, &dir, &why));
    ck_assert_uint_eq(dir.n, 0);
    ck_assert_int_eq(tree_open_entry(&tree, 0, "dir/f", NULL, &why), -ENOENT);
    ck_assert_int_eq(tree_open_entry(&tree, 0, "../lower/secret/f", NULL, &why),
                     -ENOENT);
}
END_TEST

static int full(void *arg, const void *bytes, size_t len)
{
    (void)bytes;
    size_t *room = arg;
    if (len > *room)
        return -ENOSPC;
    *room -= len;
    return 0;
}

START_TEST(a_full_disk_is_an_error_wherever_it_fills)
{
    enter();
    make_everything(UPPER);
    auto_tree struct tree above = PLAIN(UPPER);
    static const size_t rooms[] = {0, 70000, 5000000};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        size_t room = rooms[i];
        struct diff diff = {.above = &above};
        struct pack_options options = {
            .target = {full, &room}
        };
        struct pack *pack = pack_open(&options);
        int r = pack_close(pack, pack_layer(pack, &diff, &why), &why);
        ck_assert_int_eq(r, -ENOSPC);
        ck_assert_ptr_nonnull(strstr(why.msg, "No space left on device"));
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_7_1_what_is_gone_is_marked);
    tcase_add_test(tc, lab_7_1_marks_become_overlayfss_own_again);
    tcase_add_test(tc, lab_7_2_the_uppermost_of_a_name_wins);
    tcase_add_test(tc, lab_7_2_a_file_between_two_directories_parts_them);
    tcase_add_test(tc, lab_7_4_changes_are_told_as_docker_tells_them);
    tcase_add_test(tc, lab_7_4_a_whiteout_of_nothing_is_nothing);
    tcase_add_test(tc, lab_7_5_a_file_copied_up_but_not_changed_is_no_change);
    tcase_add_test(tc, whatever_is_packed_comes_out_as_it_was);
    tcase_add_test(tc, equal_trees_make_equal_bytes);
    tcase_add_test(tc, what_no_layer_can_hold_is_left_out_and_told);
    tcase_add_test(tc, a_link_in_a_directorys_place_is_not_followed);
    tcase_add_test(tc, a_full_disk_is_an_error_wherever_it_fills);
}

int main(void)
{
    return contract_main("write", add);
}
