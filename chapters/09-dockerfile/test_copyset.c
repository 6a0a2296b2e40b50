/* What COPY takes, what its key is made of, and where it goes. */
#include "copyset.h"
#include "files.h"
#include "layer.h"
#include "own.h"
#include "scratch.h"
#include "sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err why;

#define must(call) ck_assert_msg((call) >= 0, "%s: %s", #call, why.msg)

#define FROM SCRATCH "/from"
#define IMAGE SCRATCH "/image"
#define RESULT SCRATCH "/result"

static void write_file(const char *path, const char *text)
{
    must(files_replace(AT_FDCWD, path, text, strlen(text), 0, &why));
    ck_assert_int_eq(chmod(path, 0644), 0);
}

static void make_dirs(const char *const *paths)
{
    for (; *paths != NULL; paths++)
        must(files_mkdirs(AT_FDCWD, *paths, 0755, &why));
}

/* A context, and an image that it goes to. */
static void set_up(void)
{
    static const char *const dirs[] = {FROM "/src/deep", FROM "/skip",
                                       IMAGE "/usr/lib", IMAGE "/app",
                                       RESULT,           NULL};
    scratch_enter();
    make_dirs(dirs);
    write_file(FROM "/a.c", "a");
    write_file(FROM "/b.c", "b");
    write_file(FROM "/b.h", "h");
    write_file(FROM "/src/x", "x");
    write_file(FROM "/src/deep/y", "y");
    write_file(FROM "/skip/no", "no");
    write_file(FROM "/skip/yes", "yes");
    write_file(IMAGE "/app/old", "old");
    write_file(IMAGE "/file", "f");
    ck_assert_int_eq(symlink("usr/lib", IMAGE "/lib"), 0);
    ck_assert_int_eq(symlink("src/x", FROM "/link"), 0);
    ck_assert_int_eq(symlink("../../../etc/passwd", FROM "/out"), 0);
}

static struct tree tree_of(const char *path)
{
    struct tree tree = {.has_marks = true};
    auto_strv struct strv layers = {0};
    strv_add(&layers, path);
    must(tree_open(&tree, &layers, &why));
    return tree;
}

/* The names of a set, as "to to to". */
static char *names_of(const struct copyset *set)
{
    struct text text = {0};
    for (size_t i = 0; i < set->n; i++)
        text_addf(&text, "%s%s", i > 0 ? " " : "",
                  set->v[i].to[0] != '\0' ? set->v[i].to : ".");
    return text_take(&text);
}

/* --- what is taken -------------------------------------------------------- */

static const struct {
    const char *pattern, *ignored, *excluded;
    bool parents;
    const char *names; /* NULL: there is nothing */
} choices[] = {
    {"a.c",              NULL,              NULL,   false, "a.c"                    },
    {"*.c",              NULL,              NULL,   false, "a.c b.c"                },
    {"b.?",              NULL,              NULL,   false, "b.c b.h"                },
    {"src",              NULL,              NULL,   false, ". deep deep/y x"        },
    {"src/",             NULL,              NULL,   false, ". deep deep/y x"        },
    {"./src/../src",     NULL,              NULL,   false, ". deep deep/y x"        },
    {"s*/x",             NULL,              NULL,   false, "x"                      },
    {"link",             NULL,              NULL,   false, "link"                   },
    {"src",              "src/deep",        NULL,   false, ". x"                    },
    {"src",              "**/y",            NULL,   false, ". deep x"               },
    {"skip",             "skip\n!skip/yes", NULL,   false, ". yes"                  },
    {"skip",             "skip",            NULL,   false, NULL                     },
    {"a.c",              "*.c",             NULL,   false, NULL                     },
    {"*.c",              "*.c",             NULL,   false, NULL                     },
    {"nosuch",           NULL,              NULL,   false, NULL                     },
    {"../../etc/passwd", NULL,              NULL,   false, NULL                     },
    {"out",              NULL,              NULL,   false, NULL                     },
    {"src",              NULL,              "deep", false, ". x"                    },
    {"src/deep/y",       NULL,              NULL,   true,  "src src/deep src/deep/y"},
    {"src/./deep/y",     NULL,              NULL,   true,  "deep deep/y"            },
};

static void choose(size_t i, struct copyset *set, int *ret)
{
    struct tree tree = tree_of(FROM);
    auto_ignore struct ignore *ignore = NULL, *exclude = NULL;
    if (choices[i].ignored != NULL)
        must(ignore_parse(choices[i].ignored, strlen(choices[i].ignored),
                          &ignore, &why));
    if (choices[i].excluded != NULL)
        must(ignore_parse(choices[i].excluded, strlen(choices[i].excluded),
                          &exclude, &why));
    struct copyset_from from = {.tree = &tree,
                                .ignore = ignore,
                                .exclude = exclude,
                                .keeps_parents = choices[i].parents,
                                .what = "build context"};
    *ret = copyset_add(set, &from, choices[i].pattern, &why);
    tree_close(&tree);
}

START_TEST(patterns_choose_and_nothing_leads_out)
{
    set_up();
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        auto_copyset struct copyset set = {.v = NULL};
        int r;
        choose(i, &set, &r);
        if (choices[i].names == NULL) {
            ck_assert_msg(r == -ENOENT, "%s: %d", choices[i].pattern, r);
            continue;
        }
        ck_assert_msg(r == 0, "%s: %s", choices[i].pattern, why.msg);
        auto_free char *names = names_of(&set);
        ck_assert_str_eq(names, choices[i].names);
    }
}
END_TEST

/* --- the digest ----------------------------------------------------------- */

static void digest_of_src(char ret[72], size_t *ret_reads)
{
    struct tree tree = tree_of(FROM);
    auto_fd int root = open(SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    auto_filesum struct filesum *sums = filesum_open(root, "sums");
    auto_copyset struct copyset set = {.v = NULL};
    struct copyset_from from = {.tree = &tree, .what = "build context"};
    must(copyset_add(&set, &from, "src", &why));
    must(copyset_digest(&set, sums, ret, NULL, &why));
    *ret_reads = filesum_reads(sums);
    filesum_save(sums);
    tree_close(&tree);
}

/* Until what is written now is old enough to be believed. */
static void wait_for_the_clock(void)
{
    usleep(60000);
}

/* Read `name` with a table, and say how many files that took. */
static size_t read_with(struct filesum *sums, const char *name)
{
    struct tree tree = tree_of(FROM);
    auto_copyset struct copyset set = {.v = NULL};
    struct copyset_from from = {.tree = &tree, .what = "build context"};
    char digest[72];
    must(copyset_add(&set, &from, name, &why));
    must(copyset_digest(&set, sums, digest, NULL, &why));
    tree_close(&tree);
    return filesum_reads(sums);
}

START_TEST(two_who_save_keep_what_each_has_read)
{
    set_up();
    wait_for_the_clock();
    auto_fd int root = open(SCRATCH, O_PATH | O_DIRECTORY | O_CLOEXEC);
    auto_filesum struct filesum *one = filesum_open(root, "sums");
    auto_filesum struct filesum *other = filesum_open(root, "sums");
    ck_assert_uint_eq(read_with(one, "src"), 2);
    ck_assert_uint_eq(read_with(other, "a.c"), 1);
    filesum_save(one);
    filesum_save(other);
    auto_filesum struct filesum *now = filesum_open(root, "sums");
    ck_assert_uint_eq(read_with(now, "src"), 0);
    ck_assert_uint_eq(read_with(now, "a.c"), 0);
}
END_TEST

START_TEST(a_key_is_made_of_contents_and_not_of_times)
{
    set_up();
    char first[72], now[72];
    size_t reads;
    wait_for_the_clock();
    digest_of_src(first, &reads);
    ck_assert_uint_eq(reads, 2);
    digest_of_src(now, &reads);
    ck_assert_str_eq(now, first);
    ck_assert_uint_eq(reads, 0);
    /* A time alone: it is read again, and is the same. */
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    ck_assert_int_eq(utimensat(AT_FDCWD, FROM "/src/x", times, 0), 0);
    wait_for_the_clock();
    digest_of_src(now, &reads);
    ck_assert_str_eq(now, first);
    ck_assert_uint_eq(reads, 1);
    /* The same size and the same time, and other bytes. */
    int fd = open(FROM "/src/x", O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq((int)pwrite(fd, "z", 1, 0), 1);
    close(fd);
    ck_assert_int_eq(utimensat(AT_FDCWD, FROM "/src/x", times, 0), 0);
    wait_for_the_clock();
    digest_of_src(now, &reads);
    ck_assert_str_ne(now, first);
    write_file(FROM "/src/x", "x");
    digest_of_src(now, &reads);
    ck_assert_str_eq(now, first);
    ck_assert_int_eq(chmod(FROM "/src/x", 0755), 0);
    digest_of_src(now, &reads);
    ck_assert_str_ne(now, first);
}
END_TEST

START_TEST(what_changed_a_moment_ago_is_read_again)
{
    set_up();
    char first[72], now[72];
    size_t reads;
    digest_of_src(first, &reads);
    write_file(FROM "/src/x", "X");
    digest_of_src(now, &reads);
    ck_assert_str_ne(now, first);
    digest_of_src(first, &reads);
    ck_assert_uint_ge(reads, 1);
    ck_assert_str_eq(now, first);
}
END_TEST

START_TEST(a_damaged_table_is_no_table)
{
    set_up();
    char first[72], now[72];
    size_t reads;
    wait_for_the_clock();
    digest_of_src(first, &reads);
    write_file(SCRATCH "/sums", "mini-docker-fs1");
    digest_of_src(now, &reads);
    ck_assert_str_eq(now, first);
    ck_assert_uint_eq(reads, 2);
    ck_assert_int_eq(truncate(SCRATCH "/sums", 100), 0);
    digest_of_src(now, &reads);
    ck_assert_str_eq(now, first);
    ck_assert_uint_eq(reads, 2);
}
END_TEST

/* --- where it goes -------------------------------------------------------- */

static int write_to(void *arg, const void *bytes, size_t len)
{
    text_addn(arg, bytes, len);
    return 0;
}

struct reading {
    const struct text *text;
    size_t at;
};

static ssize_t read_from(void *arg, void *bytes, size_t len)
{
    struct reading *reading = arg;
    size_t rest = reading->text->len - reading->at;
    size_t n = rest < len ? rest : len;
    memcpy(bytes, reading->text->s + reading->at, n);
    reading->at += n;
    return (ssize_t)n;
}

/* COPY `pattern` to `path` of the image; the layer is unpacked into RESULT. */
static int copy(const char *pattern, const char *path,
                const struct pack_looks *looks)
{
    struct tree tree = tree_of(FROM), image = tree_of(IMAGE);
    auto_copyset struct copyset set = {.v = NULL};
    auto_text struct text archive = {0};
    struct copyset_from from = {.tree = &tree, .what = "build context"};
    struct copyset_to to = {.tree = &image, .path = path, .looks = *looks};
    struct pack_options options = {
        .target = {write_to, &archive}
    };
    must(copyset_add(&set, &from, pattern, &why));
    struct pack *pack = pack_open(&options);
    int r = copyset_pack(&set, &to, pack, &why);
    r = pack_close(pack, r, &why);
    tree_close(&tree);
    tree_close(&image);
    if (r < 0)
        return r;
    struct reading reading = {&archive, 0};
    struct layer_source source = {read_from, &reading};
    must(files_remove_tree(AT_FDCWD, RESULT, &why));
    ck_assert_int_eq(mkdir(RESULT, 0755), 0);
    auto_fd int dir = open(RESULT, O_PATH | O_DIRECTORY | O_CLOEXEC);
    must(layer_extract(source, (struct layer_sink){0}, dir, NULL, &why));
    return 0;
}

static const struct pack_looks roots = {0, 0, -1, NULL, NULL};

static const struct {
    const char *pattern, *path, *result;
} places[] = {
    {"a.c",  "/x",          "x"             },
    {"a.c",  "/x/",         "x/a.c"         },
    {"a.c",  "/app",        "app/a.c"       },
    {"a.c",  "/new/deep/x", "new/deep/x"    },
    {"a.c",  "/lib/x",      "usr/lib/x"     },
    {"a.c",  "/lib",        "usr/lib/a.c"   },
    {"a.c",  "/lib/../x",   "usr/x"         },
    {"src",  "/app",        "app/deep/y"    },
    {"src",  "/lib",        "usr/lib/deep/y"},
    {"src",  "/new",        "new/x"         },
    {"link", "/l",          "l"             },
};

START_TEST(the_image_says_where_a_path_leads)
{
    set_up();
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int r = copy(places[i].pattern, places[i].path, &roots);
        ck_assert_msg(r == 0, "%s: %s", places[i].path, why.msg);
        auto_free char *path = text_format(RESULT "/%s", places[i].result);
        struct stat st;
        ck_assert_msg(lstat(path, &st) == 0, "%s", path);
        ck_assert(S_ISREG(st.st_mode));
    }
}
END_TEST

START_TEST(a_file_is_no_directory)
{
    set_up();
    ck_assert_int_eq(copy("a.c", "/file/", &roots), -ENOTDIR);
    ck_assert_int_eq(copy("src", "/file", &roots), -ENOTDIR);
    ck_assert_int_eq(copy("a.c", "/file/x", &roots), -ENOTDIR);
    ck_assert_int_eq(mkdir(IMAGE "/app/x", 0755), 0);
    ck_assert_int_eq(copy("src", "/app", &roots), -EISDIR);
}
END_TEST

START_TEST(owner_and_mode_are_as_asked)
{
    set_up();
    struct stat st;
    struct pack_looks looks = {5, 6, 0640, NULL, NULL};
    ck_assert_int_eq(copy("src", "/new/dir", &looks), 0);
    ck_assert_int_eq(lstat(RESULT "/new/dir/x", &st), 0);
    ck_assert_uint_eq(st.st_uid, 5);
    ck_assert_uint_eq(st.st_gid, 6);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
    ck_assert_int_eq(lstat(RESULT "/new", &st), 0);
    ck_assert_uint_eq(st.st_uid, 5);
    ck_assert_uint_eq(st.st_mode & 07777, 0755);
    /* A directory of the image keeps its own. */
    ck_assert_int_eq(chmod(IMAGE "/app", 0700), 0);
    ck_assert_int_eq(copy("a.c", "/app/", &looks), 0);
    ck_assert_int_eq(lstat(RESULT "/app", &st), 0);
    ck_assert_uint_eq(st.st_uid, 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, patterns_choose_and_nothing_leads_out);
    tcase_add_test(tc, a_key_is_made_of_contents_and_not_of_times);
    tcase_add_test(tc, two_who_save_keep_what_each_has_read);
    tcase_add_test(tc, what_changed_a_moment_ago_is_read_again);
    tcase_add_test(tc, a_damaged_table_is_no_table);
    tcase_add_test(tc, the_image_says_where_a_path_leads);
    tcase_add_test(tc, a_file_is_no_directory);
    tcase_add_test(tc, owner_and_mode_are_as_asked);
}

int main(void)
{
    return contract_main("copyset", add);
}
