/* Layers made to harm: nothing of them gets out. */
#include "test_layer.h"

#include <sys/xattr.h>

START_TEST(attributes_arrive_but_not_those_of_overlayfs)
{
    enter();
    ck_assert_int_eq(
        unpack((struct tarball_file[]){
            {.name = "d/",
             .xattr = "trusted.overlay.redirect",
             .xattr_value = "/"},
            {.name = "f", .xattr = "trusted.note", .xattr_value = "kept"},
            {0       }
    }),
        0);
    char value[16] = "";
    ck_assert_int_eq(lgetxattr(LAYER "/f", "trusted.note", value, sizeof value),
                     4);
    ck_assert_str_eq(value, "kept");
    ck_assert_int_lt(
        lgetxattr(LAYER "/d", "trusted.overlay.redirect", value, sizeof value),
        0);
}
END_TEST

START_TEST(absolute_names_lose_their_slash)
{
    enter();
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = OUTSIDE "/evil", .data = "x"},
                         {0                      }
    }),
                     0);
    nothing_outside();
    ck_assert(has(LAYER OUTSIDE "/evil"));
}
END_TEST

START_TEST(dot_dot_is_refused_by_name)
{
    static const char *const names[] = {
        "../outside/evil",  "a/../../outside/evil", "a/..", "..",
        "/../outside/evil", "./../outside/evil"};
    enter();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(unpack((struct tarball_file[]){
                             {.name = names[i], .data = "x"},
                             {0               }
        }),
                         -EINVAL);
        ck_assert_msg(strstr(why.msg, names[i]) != NULL, "%s", why.msg);
        nothing_outside();
    }
    /* Two sides: dots that are part of a name are harmless. */
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "..a/b..", .data = "x"},
                         {0                }
    }),
                     0);
    ck_assert(has(LAYER "/..a/b.."));
}
END_TEST

START_TEST(writing_through_a_link_stays_inside)
{
    static const char *const targets[] = {OUTSIDE, "../outside",
                                          "../../../../../../../mnt/outside"};
    enter();
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        /* Inside, the link leads nowhere, and mkdir does not follow it. */
        ck_assert_int_lt(unpack((struct tarball_file[]){
                             {.name = "l",     .symlink = targets[i]},
                             {.name = "l/x",               .data = "evil"},
                             {0}
        }),
                         0);
        nothing_outside();
    }
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = OUTSIDE "/",               .mode = 0755},
                         {.name = "l",                                 .symlink = "../../../.." OUTSIDE},
                         {.name = "l/x",.data = "not evil"},
                         {0                    }
    }),
                     0);
    nothing_outside();
    ck_assert(has(LAYER OUTSIDE "/x"));
}
END_TEST

START_TEST(links_within_the_layer_are_followed)
{
    enter();
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "usr/bin/",    .mode = 0755},
                         {.name = "bin",                     .symlink = "usr/bin"},
                         {.name = "bin/sh",.data = "#!"},
                         {.name = "bin/more/sub",      .data = "x"},
                         {0                    }
    }),
                     0);
    ck_assert(has(LAYER "/usr/bin/sh"));
    ck_assert(has(LAYER "/usr/bin/more/sub"));
    ck_assert(S_ISLNK(look(LAYER "/bin").st_mode));
}
END_TEST

START_TEST(a_file_is_not_written_through_its_own_link)
{
    enter();
    FILE *victim = fopen(SCRATCH "/layer/victim", "w");
    ck_assert_int_eq(fputs("untouched", victim) >= 0, 1);
    fclose(victim);
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "f",     .symlink = "victim"},
                         {.name = "f",               .data = "evil"},
                         {0}
    }),
                     0);
    ck_assert_int_eq(look(LAYER "/victim").st_size, 9);
    ck_assert(S_ISREG(look(LAYER "/f").st_mode));
}
END_TEST

START_TEST(hard_links_lead_to_files_inside)
{
    enter();
    FILE *secret = fopen(SCRATCH "/secret", "w");
    fclose(secret);
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "h", .hardlink = "../secret"},
                         {0          }
    }),
                     -EINVAL);
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "h", .hardlink = SCRATCH "/secret"},
                         {0          }
    }),
                     -ENOENT);
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "up",             .symlink = ".."},
                         {.name = "h",                        .hardlink = "up/secret"},
                         {0}
    }),
                     -ENOENT);
    ck_assert_uint_eq(look(SCRATCH "/secret").st_nlink, 1);
    /* The link itself, not what it leads to. */
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "l",      .symlink = SCRATCH "/secret"},
                         {.name = "h",                .hardlink = "l"},
                         {.name = "h",.hardlink = "h"},
                         {0     }
    }),
                     0);
    ck_assert(S_ISLNK(look(LAYER "/h").st_mode));
    ck_assert_uint_eq(look(SCRATCH "/secret").st_nlink, 1);
}
END_TEST

START_TEST(the_last_entry_of_a_name_wins)
{
    enter();
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "a",    .symlink = OUTSIDE},
                         {.name = "a/",              .mode = 0755},
                         {.name = "a/x",.data = "inside"},
                         {.name = "b/sub/file",  .data = "x"},
                         {.name = "b",              .data = "now a file"},
                         {.name = "c",  .data = "one"},
                         {.name = "c",    .data = "three"},
                         {.name = "d/",              .mode = 0700, .mtime = 1},
                         {.name = "d/keep",.data = "x"},
                         {.name = "d/",    .mode = 0755, .mtime = 2},
                         {.name = "e/",              .mode = 0755, .mtime = 1},
                         {.name = "e",.symlink = "d"},
                         {0             }
    }),
                     0);
    nothing_outside();
    ck_assert(has(LAYER "/a/x"));
    ck_assert(S_ISREG(look(LAYER "/b").st_mode));
    ck_assert_int_eq(look(LAYER "/c").st_size, 5);
    ck_assert(has(LAYER "/d/keep"));
    ck_assert_uint_eq(look(LAYER "/d").st_mode & 07777, 0755);
    ck_assert_int_eq(look(LAYER "/d").st_mtime, 2);
    ck_assert(S_ISLNK(look(LAYER "/e").st_mode));
}
END_TEST

START_TEST(the_root_stays_a_directory)
{
    enter();
    ck_assert_int_lt(unpack((struct tarball_file[]){
                         {.name = "keep",      .data = "x"},
                         {.name = "./.",                   .symlink = OUTSIDE},
                         {0}
    }),
                     0);
    ck_assert(has(LAYER "/keep"));
    nothing_outside();
}
END_TEST

START_TEST(a_name_too_long_is_refused)
{
    enter();
    size_t len = 1 << 20;
    char *name = own_alloc(len + 1);
    memset(name, 'x', len);
    ck_assert_int_lt(unpack((struct tarball_file[]){{.name = name}, {0}}), 0);
    for (size_t i = 1; i < len; i += 2)
        name[i] = '/';
    ck_assert_int_lt(unpack((struct tarball_file[]){{.name = name}, {0}}), 0);
    ck_assert_int_eq(
        unpack((struct tarball_file[]){{.name = "esc\x1b[2Jape\n/../x"}, {0}}),
        -EINVAL);
    ck_assert_ptr_null(strpbrk(why.msg, "\x1b\n"));
    free(name);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, attributes_arrive_but_not_those_of_overlayfs);
    tcase_add_test(tc, absolute_names_lose_their_slash);
    tcase_add_test(tc, dot_dot_is_refused_by_name);
    tcase_add_test(tc, writing_through_a_link_stays_inside);
    tcase_add_test(tc, links_within_the_layer_are_followed);
    tcase_add_test(tc, a_file_is_not_written_through_its_own_link);
    tcase_add_test(tc, hard_links_lead_to_files_inside);
    tcase_add_test(tc, the_last_entry_of_a_name_wins);
    tcase_add_test(tc, the_root_stays_a_directory);
    tcase_add_test(tc, a_name_too_long_is_refused);
}

int main(void)
{
    return contract_main("hostile", add);
}
