/* The language through its headers: what the lab's exercises must do. */
#include "contract.h"

#include "dockerfile.h"
#include "ignore.h"
#include "own.h"
#include "suggest.h"
#include "words.h"

#include <errno.h>
#include <string.h>

struct expansion {
    const char *word, *result;
};

/* Each word, with the one variable, gives its result. */
static void expand_all(const char *variable, const struct expansion *rows,
                       size_t n)
{
    auto_strv struct strv env = {0};
    strv_add(&env, variable);
    const struct words w = {.escape = '\\', .env = &env};
    for (size_t i = 0; i < n; i++) {
        auto_free char *result = NULL;
        struct err e = {0};
        int r = words_expand(&w, rows[i].word, &result, &e);
        ck_assert_msg(r == 0, "%s: %s", rows[i].word, e.msg);
        ck_assert_str_eq(result, rows[i].result);
    }
}

START_TEST(lab_9_1_beginnings_and_ends_are_cut_off)
{
    static const struct expansion rows[] = {
        {"${path#*/}",  "a/b/c.tar.gz" },
        {"${path##*/}", "c.tar.gz"     },
        {"${path%.*}",  "/a/b/c.tar"   },
        {"${path%%.*}", "/a/b/c"       },
        {"${path#x}",   "/a/b/c.tar.gz"},
        {"${path%x}",   "/a/b/c.tar.gz"},
        {"${path#}",    "/a/b/c.tar.gz"},
        {"${path##*}",  ""             },
        {"${path%%*}",  ""             },
        {"${path%*}",   "/a/b/c.tar.gz"},
        {"${path#/?/}", "b/c.tar.gz"   },
        {"${none#a}",   ""             },
    };
    auto_strv struct strv env = {0};
    const struct words w = {.escape = '\\', .env = &env};
    expand_all("path=/a/b/c.tar.gz", rows, sizeof rows / sizeof rows[0]);
    strv_add(&env, "path=/a/b/c.tar.gz");
    char *none = NULL;
    ck_assert_int_eq(words_expand(&w, "${path#\\a}", &none, NULL), -EINVAL);
}
END_TEST

START_TEST(lab_9_1_the_shortest_and_the_longest_differ)
{
    static const struct expansion rows[] = {
        {"${v#*a}",   "bcabc" }, /* of several beginnings ... */
        {"${v##*a}",  "bc"    },
        {"${v%b*}",   "abca"  }, /* ... and of several ends
  */
        {"${v%%b*}",  "a"     },
        {"${v%%abc}", "abc"   },
        {"${v##?}",   "bcabc" },
        {"${v#abc}x", "abcx"  },
        {"${v%%?*}",  ""      },
        {"${v#b}",    "abcabc"},
    };
    expand_all("v=abcabc", rows, sizeof rows / sizeof rows[0]);
}
END_TEST

START_TEST(lab_9_2_the_word_that_was_meant_is_suggested)
{
    static const char *const known[] = {"FROM", "ENV", "RUN", "WORKDIR"};
    static const struct {
        const char *word, *result;
    } rows[] = {
        {"ROM",      "no (did you mean FROM?)"   },
        {"rnu",      "no (did you mean run?)"    },
        {"FRMO",     "no (did you mean FROM?)"   },
        {"ENVV",     "no (did you mean ENV?)"    },
        {"WOKERDIR", "no (did you mean WORKDIR?)"},
        {"apt-get",  "no"                        },
        {"x",        "no"                        },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e;
        err_set(&e, EINVAL, "no");
        ck_assert_int_eq(suggest_add(rows[i].word, known, 4, &e), -EINVAL);
        ck_assert_str_eq(e.msg, rows[i].result);
    }
}
END_TEST

START_TEST(lab_9_2_the_first_of_the_nearest_and_no_message_at_all)
{
    static const char *const known[] = {"ADD", "AND", "COPY"};
    struct err e;
    err_set(&e, ENOENT, "unknown: ADN");
    ck_assert_int_eq(suggest_add("AAD", known, 3, &e), -ENOENT);
    ck_assert_str_eq(e.msg, "unknown: ADN (did you mean ADD?)");
    /* Three steps are too far for a short word. */
    err_set(&e, EINVAL, "no");
    ck_assert_int_eq(suggest_add("CXYZ", known, 3, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "no");
    ck_assert_int_eq(suggest_add("copi", known, 0, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "no");
}
END_TEST

START_TEST(lab_9_3_lines_of_dockerignore_become_patterns)
{
    static const char list[] = "# comment\n\n  *.o  \n/build/\n!./keep.o\n";
    auto_ignore struct ignore *ignore = NULL;
    ck_assert_int_eq(ignore_parse(list, strlen(list), &ignore, NULL), 0);
    ck_assert(ignore_matches(ignore, "a.o"));
    ck_assert(ignore_matches(ignore, "build/a.c"));
    ck_assert(!ignore_matches(ignore, "keep.o"));
    ck_assert(!ignore_matches(ignore, "# comment"));
    ck_assert(!ignore_matches(ignore, "src/a.o"));
    struct ignore *none = NULL;
    struct err e = {0};
    ck_assert_int_eq(ignore_parse("a\n!", 3, &none, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "line 2: illegal exclusion pattern: \"!\"");
    ck_assert_int_eq(ignore_parse("[a", 2, &none, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "line 1: syntax error in pattern: [a");
}
END_TEST

START_TEST(lab_9_3_signs_and_blanks_count_in_their_order)
{
    /* A "#" behind a blank begins no comment; the last word decides. */
    static const char list[] = " #a\n! b/../c\n*\n! #a \n!d";
    auto_ignore struct ignore *ignore = NULL;
    struct err e = {0};
    int r = ignore_parse(list, strlen(list), &ignore, &e);
    ck_assert_msg(r == 0, "%s", e.msg);
    ck_assert(!ignore_matches(ignore, "#a"));
    ck_assert(!ignore_matches(ignore, "d"));
    ck_assert(ignore_matches(ignore, "c"));
    auto_ignore struct ignore *sign = NULL;
    ck_assert_int_eq(ignore_parse(" #a\n", 4, &sign, &e), 0);
    ck_assert(ignore_matches(sign, "#a"));
    static const char bad[] = "a\n\n#!\n ! \n";
    struct ignore *none = NULL;
    ck_assert_int_eq(ignore_parse(bad, strlen(bad), &none, &e), -EINVAL);
    ck_assert_str_eq(e.msg, "line 4: illegal exclusion pattern: \"!\"");
}
END_TEST

/* Parse, and it must be right. */
static void parse(const char *text, struct dockerfile *ret)
{
    struct err e = {0};
    int r = dockerfile_parse("Dockerfile", text, strlen(text), ret, NULL, &e);
    ck_assert_msg(r == 0, "%s: %s", text, e.msg);
}

START_TEST(lab_9_4_documents_follow_their_instruction)
{
    auto_dockerfile struct dockerfile file = {0};
    parse("FROM a\nCOPY <<E <<-F /d/\n\t1\nE \nE\n\t\t2\n\tF\nRUN b\n", &file);
    ck_assert_uint_eq(file.n, 3);
    ck_assert_uint_eq(file.v[1].n_heres, 2);
    ck_assert_str_eq(file.v[1].heres[0].text, "\t1\nE \n");
    ck_assert_str_eq(file.v[1].heres[1].text, "2\n");
    ck_assert_uint_eq(file.v[1].line, 2);
    ck_assert_uint_eq(file.v[1].last_line, 7);
    auto_dockerfile struct dockerfile open = {0};
    struct err e = {0};
    static const char text[] = "FROM a\nRUN <<E\n1\n";
    ck_assert_int_eq(dockerfile_parse("f", text, strlen(text), &open, NULL, &e),
                     -EINVAL);
    ck_assert_str_eq(e.msg, "f: dockerfile parse error on line 2: "
                            "unterminated heredoc");
}
END_TEST

START_TEST(lab_9_4_ends_of_lines_and_empty_documents)
{
    auto_dockerfile struct dockerfile file = {0};
    parse("FROM a\r\nCOPY <<E /d\nE\nRUN <<-'X'\n\t\t$a\n\tX\r\n", &file);
    ck_assert_uint_eq(file.n, 3);
    ck_assert_ptr_nonnull(file.v[1].heres[0].text);
    ck_assert_str_eq(file.v[1].heres[0].text, "");
    ck_assert_str_eq(file.v[2].heres[0].text, "$a\n");
    ck_assert_uint_eq(file.v[2].last_line, 6);
    /* Tabs are taken off, blanks are not. */
    auto_dockerfile struct dockerfile blanks = {0};
    parse("FROM a\nRUN <<-E\n\t  b\n  E\n\tE\n", &blanks);
    ck_assert_str_eq(blanks.v[1].heres[0].text, "  b\n  E\n");
    /* Only <<- forgives tabs before the name. */
    auto_dockerfile struct dockerfile open = {0};
    struct err e = {0};
    static const char text[] = "FROM a\nRUN <<E\n\tE\n";
    ck_assert_int_eq(dockerfile_parse("f", text, strlen(text), &open, NULL, &e),
                     -EINVAL);
    ck_assert_ptr_nonnull(strstr(e.msg, "unterminated heredoc"));
}
END_TEST

START_TEST(lab_9_5_both_forms_of_env_are_read)
{
    auto_dockerfile struct dockerfile file = {0};
    parse("FROM a\nENV a=1 b='2 3'\nENV c 4  5=6\nLABEL d=\n", &file);
    ck_assert_uint_eq(file.v[1].words.n, 2);
    ck_assert_str_eq(file.v[1].words.v[1], "b='2 3'");
    ck_assert_uint_eq(file.v[2].words.n, 1);
    ck_assert_str_eq(file.v[2].words.v[0], "c=4  5=6");
    ck_assert_str_eq(file.v[3].words.v[0], "d=");
    static const char *const bad[][2] = {
        {"ENV a",     "ENV must have two arguments"          },
        {"ENV a=1 b", "Syntax error - can't find = in \"b\". Must be of the "
                      "form: name=value"},
        {"ENV",       "ENV requires at least one argument"   },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct dockerfile_instruction none = {0};
        struct err e = {0};
        ck_assert_int_eq(dockerfile_parse_line(bad[i][0], &none, &e), -EINVAL);
        ck_assert_str_eq(e.msg, bad[i][1]);
    }
}
END_TEST

START_TEST(lab_9_5_the_first_word_tells_the_form)
{
    auto_dockerfile struct dockerfile file = {0};
    parse("FROM a\nENV a b=c\nENV d=e f=\nLABEL g h\n", &file);
    ck_assert_uint_eq(file.v[1].words.n, 1);
    ck_assert_str_eq(file.v[1].words.v[0], "a=b=c");
    ck_assert_uint_eq(file.v[2].words.n, 2);
    ck_assert_str_eq(file.v[2].words.v[1], "f=");
    ck_assert_str_eq(file.v[3].words.v[0], "g=h");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_9_1_beginnings_and_ends_are_cut_off);
    tcase_add_test(tc, lab_9_1_the_shortest_and_the_longest_differ);
    tcase_add_test(tc, lab_9_2_the_word_that_was_meant_is_suggested);
    tcase_add_test(tc, lab_9_2_the_first_of_the_nearest_and_no_message_at_all);
    tcase_add_test(tc, lab_9_3_lines_of_dockerignore_become_patterns);
    tcase_add_test(tc, lab_9_3_signs_and_blanks_count_in_their_order);
    tcase_add_test(tc, lab_9_4_documents_follow_their_instruction);
    tcase_add_test(tc, lab_9_4_ends_of_lines_and_empty_documents);
    tcase_add_test(tc, lab_9_5_both_forms_of_env_are_read);
    tcase_add_test(tc, lab_9_5_the_first_word_tells_the_form);
}

int main(void)
{
    return contract_main("language", add);
}
