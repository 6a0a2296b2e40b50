/* Directories that a layer does not name: implied.h. */
#include "test_layer.h"

#include "implied.h"

#include <sys/xattr.h>

#define SHEET SCRATCH "/sheet"

enum { MOST = 3 };

/* Layers, the uppermost first, and what each implies. */
static struct tree stack;
static struct strv lists[MOST];

static struct strv unpack_into(const char *path,
                               const struct tarball_file *files)
{
    struct tarball t;
    struct layer_stats stats = {0};
    tarball_begin(&t);
    for (; files->name != NULL; files++)
        tarball_add(&t, files);
    tarball_end(&t);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    auto_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = layer_extract(tarball_source(&t), (struct layer_sink){0}, dir,
                          &stats, &why);
    ck_assert_msg(r == 0, "%s", why.msg);
    free(t.bytes);
    return stats.implied;
}

static void add_layer(const struct tarball_file *files)
{
    auto_free char *path = text_format(SCRATCH "/%zu", stack.n);
    lists[stack.n] = unpack_into(path, files);
    tree_add(&stack, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    stack.has_marks = true;
}

static int make_sheet(void)
{
    ck_assert_int_eq(mkdir(SHEET, 0700), 0);
    auto_fd int dir = open(SHEET, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = implied_make(&stack, lists, dir, &why);
    ck_assert_msg(r >= 0, "%s", why.msg);
    return r;
}

/* Owner, mode and time; the latter is no directory's own in this test. */
static void has_looks(const char *path, unsigned int uid, mode_t mode,
                      time_t mtime)
{
    struct stat st = look(path);
    ck_assert(S_ISDIR(st.st_mode));
    ck_assert_uint_eq(st.st_uid, uid);
    ck_assert_uint_eq(st.st_mode & 07777, mode);
    ck_assert_int_eq(st.st_mtim.tv_sec, mtime);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 0);
}

START_TEST(what_no_entry_names_is_told_and_has_fixed_looks)
{
    scratch_enter();
    auto_strv struct strv implied =
        unpack_into(LAYER, (struct tarball_file[]){
                               {.name = "b/c/f" },
                               {.name = "a/f"   },
                               {.name = "late/f"},
                               {.name = "late/",  .mode = 0755},
                               {.name = "gone/d/f"               },
                               {.name = "gone"},
                               {.name = "named/",                .mode = 0700, .mtime = 7},
                               {.name = "named/f"},
                               {0               },
    });
    ck_assert_uint_eq(implied.n, 4);
    ck_assert_str_eq(implied.v[0], "");
    ck_assert_str_eq(implied.v[1], "a");
    ck_assert_str_eq(implied.v[2], "b");
    ck_assert_str_eq(implied.v[3], "b/c");
    has_looks(LAYER "/a", 0, 0755, 0);
    has_looks(LAYER "/b/c", 0, 0755, 0);
    has_looks(LAYER "/named", 0, 0700, 7);
}
END_TEST

START_TEST(an_implied_directory_is_as_in_the_layer_below_that_names_it)
{
    scratch_enter();
    add_layer((struct tarball_file[]){
        {.name = "etc/deep/g"}, {.name = "new/f"}, {.name = "shut/f"}, {0}});
    add_layer((struct tarball_file[]){
        {.name = "etc/f"}, {.name = "shut/.wh..wh..opq"}, {0}});
    add_layer((struct tarball_file[]){
        {.name = "./",        .mode = 0711},
        {.name = "etc/",
         .mode = 01750,
         .uid = 70000,
         .mtime = 1000000000,
         .xattr = "trusted.note",
         .xattr_value = "x"},
        {.name = "etc/deep/",       .mode = 0700, .mtime = 5},
        {.name = "shut/", .mode = 0700, .mtime = 6},
        {.name = "else/",  .mode = 0700, .mtime = 7},
        {0}
    });
    ck_assert_int_eq(make_sheet(), 1);
    has_looks(SHEET "/etc", 70000, 01750, 1000000000);
    has_looks(SHEET "/etc/deep", 0, 0700, 5);
    ck_assert_uint_eq(look(SHEET).st_mode & 07777, 0711);
    char value[8];
    ck_assert_int_eq(
        getxattr(SHEET "/etc", "trusted.note", value, sizeof value), 1);
    /* What nobody below has, or has hidden, stays as it was made. */
    has_looks(SHEET "/new", 0, 0755, 0);
    has_looks(SHEET "/shut", 0, 0755, 0);
    /* Directories alone, and only those that lead there. */
    ck_assert_int_eq(count_entries(SHEET), 3);
    ck_assert_int_eq(count_entries(SHEET "/etc"), 1);
    ck_assert_int_eq(count_entries(SHEET "/etc/deep"), 0);
}
END_TEST

START_TEST(layers_that_name_all_need_no_sheet)
{
    scratch_enter();
    add_layer((struct tarball_file[]){
        {.name = "etc/", .mode = 0700},
        {.name = "etc/f"             },
        {.name = "new/f"},
        {.name = "was-file/f"             },
        {0}
    });
    add_layer((struct tarball_file[]){
        {.name = "etc/", .mode = 0755},
        {.name = "was-file"             },
        {0}
    });
    ck_assert_int_eq(make_sheet(), 0);
    ck_assert_int_eq(count_entries(SHEET), 0);
}
END_TEST

START_TEST(what_is_gone_again_above_is_not_brought_back)
{
    scratch_enter();
    add_layer((struct tarball_file[]){{.name = ".wh.d"}, {.name = "e"}, {0}});
    add_layer((struct tarball_file[]){
        {.name = "d/x/f"}, {.name = "e/f"}, {.name = "g/f"}, {0}});
    add_layer((struct tarball_file[]){
        {.name = "d/",  .mode = 0700},
        {.name = "e/",             .mode = 0700},
        {.name = "g/",.mode = 0700},
        {0 }
    });
    ck_assert_int_eq(make_sheet(), 1);
    ck_assert_int_eq(count_entries(SHEET), 1);
    has_looks(SHEET "/g", 0, 0700, 0);
}
END_TEST

START_TEST(a_layer_cannot_make_us_note_without_end)
{
    enum { NAMES = 40, DEPTH = 1000 };
    enter();
    struct tarball t;
    tarball_begin(&t);
    for (int i = 0; i < NAMES; i++) {
        char name[2 * DEPTH + 8];
        int used =
            snprintf(name, sizeof name, "%c%c", 'a' + i / 26, 'a' + i % 26);
        for (int k = 0; k < DEPTH; k++)
            used += snprintf(name + used, sizeof name - (size_t)used, "/d");
        tarball_add(&t, &(struct tarball_file){.name = name});
    }
    tarball_end(&t);
    ck_assert_int_eq(extract(&t), -E2BIG);
    ck_assert_msg(strstr(why.msg, "too many directories have no entry") != NULL,
                  "%s", why.msg);
    free(t.bytes);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_no_entry_names_is_told_and_has_fixed_looks);
    tcase_add_test(tc,
                   an_implied_directory_is_as_in_the_layer_below_that_names_it);
    tcase_add_test(tc, layers_that_name_all_need_no_sheet);
    tcase_add_test(tc, what_is_gone_again_above_is_not_brought_back);
    tcase_add_test(tc, a_layer_cannot_make_us_note_without_end);
}

int main(void)
{
    return contract_main("implied", add);
}
