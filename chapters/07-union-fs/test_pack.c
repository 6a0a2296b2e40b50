/* Single entries of an archive, and what two files must differ in to differ:
 * the parts of writing a layer, each by itself. */
#include "test_write.h"

#include <sys/socket.h>
#include <sys/un.h>

/* An archive of these files of UPPER, in this order; what was noticed. */
static void pack_files(const char *const *paths, struct text *ret,
                       struct text *notices)
{
    auto_tree struct tree tree = TREE(UPPER);
    struct pack_options options = {
        .target = {to_text, ret},
          .notice = note, .notice_arg = notices
    };
    struct pack *pack = pack_open(&options);
    int r = 0;
    for (; *paths != NULL && r == 0; paths++) {
        struct pack_file file = {&tree, 0, *paths, *paths, NULL};
        r = pack_put(pack, &file, &why);
    }
    must(pack_close(pack, r, &why));
}

START_TEST(lab_7_3_hard_links_stay_links)
{
    static const char *const paths[] = {"a", "a/link", "alone", "b", NULL};
    enter();
    put(UPPER "/b", "content");
    ck_assert_int_eq(mkdir(UPPER "/a", 0755), 0);
    ck_assert_int_eq(link(UPPER "/b", UPPER "/a/link"), 0);
    put(UPPER "/alone", "content");
    auto_text struct text layer = {0}, notices = {0};
    pack_files(paths, &layer, &notices);
    unpack_into(&layer, COPY);
    struct stat b, link, alone;
    ck_assert_int_eq(lstat(COPY "/b", &b), 0);
    ck_assert_int_eq(lstat(COPY "/a/link", &link), 0);
    ck_assert_int_eq(lstat(COPY "/alone", &alone), 0);
    ck_assert_uint_eq(b.st_ino, link.st_ino);
    ck_assert_uint_eq(b.st_nlink, 2);
    ck_assert_int_eq(b.st_size, 7);
    ck_assert_uint_eq(alone.st_nlink, 1);
}
END_TEST

START_TEST(lab_7_3_a_file_keeps_its_details_and_content)
{
    static const char *const paths[] = {"file", "link", "fifo", NULL};
    struct timespec times[2] = {
        {5, 0},
        {5, 0}
    };
    enter();
    put(UPPER "/file", "content");
    ck_assert_int_eq(chmod(UPPER "/file", 04751), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, UPPER "/file", times, 0), 0);
    ck_assert_int_eq(symlink("no/where", UPPER "/link"), 0);
    ck_assert_int_eq(mkfifo(UPPER "/fifo", 0640), 0);
    auto_text struct text layer = {0}, notices = {0};
    pack_files(paths, &layer, &notices);
    unpack_into(&layer, COPY);
    struct stat st;
    char target[16] = "";
    ck_assert_int_eq(lstat(COPY "/file", &st), 0);
    ck_assert_uint_eq(st.st_mode, S_IFREG | 04751);
    ck_assert_int_eq(st.st_mtim.tv_sec, 5);
    auto_text struct text content = {0};
    must(files_read(AT_FDCWD, COPY "/file", &content, &why));
    ck_assert_str_eq(content.s, "content");
    ck_assert_int_eq(readlink(COPY "/link", target, sizeof target - 1), 8);
    ck_assert_str_eq(target, "no/where");
    ck_assert_int_eq(lstat(COPY "/fifo", &st), 0);
    ck_assert(S_ISFIFO(st.st_mode));
}
END_TEST

START_TEST(lab_7_3_a_socket_is_left_out_and_told)
{
    static const char *const paths[] = {"socket", "f", NULL};
    enter();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX,
                               .sun_path = UPPER "/socket"};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    put(UPPER "/f", "f");
    auto_text struct text layer = {0}, notices = {0};
    pack_files(paths, &layer, &notices);
    auto_free char *names = names_in(&layer);
    ck_assert_str_eq(names, "f\n");
    ck_assert_str_eq(notices.s, "/socket: skipping: it is a socket\n");
}
END_TEST

START_TEST(lab_7_1_what_would_be_a_mark_is_left_out)
{
    enter();
    put(UPPER "/.wh.kept", "to delete kept");
    ck_assert_int_eq(mkdir(UPPER "/.wh.dir", 0755), 0);
    put(UPPER "/.wh.dir/f", "f");
    put(UPPER "/a.wh.b", "no mark");
    auto_tree struct tree above = TREE(UPPER);
    struct diff diff = {.above = &above};
    auto_text struct text layer = {0}, notices = {0};
    write_layer(&diff, &layer, LAYER_PLAIN, &notices);
    auto_free char *names = names_in(&layer);
    ck_assert_str_eq(names, "a.wh.b\n");
    ck_assert_ptr_nonnull(strstr(notices.s, "/.wh.kept: skipping"));
    ck_assert_ptr_nonnull(strstr(notices.s, "/.wh.dir: skipping"));
}
END_TEST

/* Two files of `size` bytes and one time, which differ in the byte at
 * `differs`, or not at all (-1). */
static void put_pair(const char *name, off_t size, off_t differs)
{
    struct timespec times[2] = {
        {7, 7},
        {7, 7}
    };
    for (int i = 0; i < 2; i++) {
        auto_free char *path = text_format("%s/%s", i ? UPPER : LOWER, name);
        auto_fd int fd = creat(path, 0644);
        ck_assert_int_eq(ftruncate(fd, size), 0);
        if (i == 1 && differs >= 0)
            ck_assert_int_eq(pwrite(fd, "x", 1, differs), 1);
        ck_assert_int_eq(futimens(fd, times), 0);
    }
}

/* One block, whole blocks, and a little more: the last byte counts. */
START_TEST(lab_7_5_the_last_byte_counts)
{
    enter();
    put_pair("empty", 0, -1);
    put_pair("equal", 1 << 20, -1);
    put_pair("first", 300000, 0);
    put_pair("last", (1 << 20) + 1, 1 << 20);
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    auto_free char *lines = changes_of(&diff);
    ck_assert_str_eq(lines, "C /first\nC /last\n");
}
END_TEST

static int count_descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

START_TEST(lab_7_5_what_was_opened_is_closed)
{
    enter();
    for (int i = 0; i < 20; i++) {
        auto_free char *name = text_format("f%d", i);
        put_pair(name, 10, i % 2 == 0 ? -1 : 5);
    }
    auto_tree struct tree above = TREE(UPPER), below = TREE(LOWER);
    struct diff diff = {.above = &above, .below = &below, .is_sheet = true};
    int before = count_descriptors();
    auto_free char *lines = changes_of(&diff);
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert_ptr_null(strstr(lines, "f0\n"));
    ck_assert_ptr_nonnull(strstr(lines, "C /f1\n"));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_7_3_hard_links_stay_links);
    tcase_add_test(tc, lab_7_3_a_file_keeps_its_details_and_content);
    tcase_add_test(tc, lab_7_3_a_socket_is_left_out_and_told);
    tcase_add_test(tc, lab_7_1_what_would_be_a_mark_is_left_out);
    tcase_add_test(tc, lab_7_5_the_last_byte_counts);
    tcase_add_test(tc, lab_7_5_what_was_opened_is_closed);
}

int main(void)
{
    return contract_main("packing", add);
}
