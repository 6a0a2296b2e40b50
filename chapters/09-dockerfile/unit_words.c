/* Quotes and variables: a word, and what it becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "words.h"

#include <errno.h>
#include <string.h>

/* The variables of all tables. */
static void set_up(struct strv *env)
{
    static const char *const all[] = {
        "x=old",   "x=abc",    "empty=",      "path=/a/b/c.tar.gz",
        "q=it's",  "two=a  b", "stars=a*b*c", "utf=\xc3\xa4\xc3\xb6",
        "dup=aaa",
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        strv_add(env, all[i]);
}

struct row {
    const char *word, *result;
};

static void expect(const struct row *rows, size_t n, const char *failure)
{
    auto_strv struct strv env = {0};
    set_up(&env);
    const struct words w = {'\\', &env};
    for (size_t i = 0; i < n; i++) {
        auto_free char *result = NULL;
        struct err e = {0};
        int r = words_expand(&w, rows[i].word, &result, &e);
        if (failure == NULL && r < 0)
            fail_msg("%s: %s", rows[i].word, e.msg);
        if (failure == NULL && strcmp(result, rows[i].result) != 0)
            fail_msg("%s: %s, not %s", rows[i].word, result, rows[i].result);
        if (failure == NULL)
            continue;
        auto_free char *whole = text_format("failed to process \"%s\": %s",
                                            rows[i].word, rows[i].result);
        if (r != -EINVAL || result != NULL)
            fail_msg("%s is no error", rows[i].word);
        assert_string_equal(e.msg, whole);
    }
}
#define EXPECT(rows) expect(rows, sizeof(rows) / sizeof(rows)[0], NULL)
#define REFUSE(rows) expect(rows, sizeof(rows) / sizeof(rows)[0], "")

static void quotes_are_taken_off(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"",                  ""         },
        {"a b",               "a b"      },
        {"'a b'",             "a b"      },
        {"a\"b\"'c'd",        "abcd"     },
        {"'$x'",              "$x"       },
        {"\"$x\"",            "abc"      },
        {"'a\"b'",            "a\"b"     },
        {"\"a'b\"",           "a'b"      },
        {"'a\\b'",            "a\\b"     },
        {"a\\ b",             "a b"      },
        {"a\\b",              "ab"       },
        {"a\\",               "a"        },
        {"\\$x",              "$x"       },
        {"\\\\$x",            "\\abc"    },
        {"\"a\\b\\\"c\\$d\"", "a\\b\"c$d"},
        {"\"a\\\\\"",         "a\\"      },
        {"\\'$x\\'",          "'abc'"    },
    };
    EXPECT(rows);
}

static void variables_are_put_in(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"$x",        "abc"             },
        {"$x$x",      "abcabc"          },
        {"$x-$nope-", "abc--"           },
        {"${x}y",     "abcy"            },
        {"$xy",       ""                },
        {"$x_y",      ""                },
        {"$x.y",      "abc.y"           },
        {"$two",      "a  b"            },
        {"$q",        "it's"            },
        {"$",         "$"               },
        {"a$ b",      "a$ b"            },
        {"$(x)",      "$(x)"            },
        {"$1$12x",    "x"               },
        {"$$x",       "x"               },
        {"${1}",      ""                },
        {"$empty",    ""                },
        {"${utf}",    "\xc3\xa4\xc3\xb6"},
        {"=${x}=",    "=abc="           },
    };
    EXPECT(rows);
}

static void a_missing_variable_has_a_substitute(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"${x-y}",             "abc"   },
        {"${x:-y}",            "abc"   },
        {"${no-y}",            "y"     },
        {"${no:-y}",           "y"     },
        {"${empty-y}",         ""      },
        {"${empty:-y}",        "y"     },
        {"${x+y}",             "y"     },
        {"${x:+y}",            "y"     },
        {"${no+y}",            ""      },
        {"${empty+y}",         "y"     },
        {"${empty:+y}",        ""      },
        {"${no:-}",            ""      },
        {"${no:-$x}",          "abc"   },
        {"${no:-${x}d}",       "abcd"  },
        {"${no:-${nor:-z}}",   "z"     },
        {"${no:-a b}",         "a b"   },
        {"${no:-'}'}",         "}"     },
        {"${no:-\"a}b\"}",     "a}b"   },
        {"${no:-a\\}b}",       "a}b"   },
        {"${x?m}${x:?m}",      "abcabc"},
        {"${empty?m}",         ""      },
        {"a${no:-b}c${x:+d}e", "abcde" },
    };
    EXPECT(rows);
}

static void parts_are_cut_off(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"${path#*/}",     "a/b/c.tar.gz" },
        {"${path##*/}",    "c.tar.gz"     },
        {"${path%.*}",     "/a/b/c.tar"   },
        {"${path%%.*}",    "/a/b/c"       },
        {"${path%/*}",     "/a/b"         },
        {"${path#/?/}",    "b/c.tar.gz"   },
        {"${path#x}",      "/a/b/c.tar.gz"},
        {"${path#}",       "/a/b/c.tar.gz"},
        {"${path%%*}",     ""             },
        {"${path##*}",     ""             },
        {"${no#x}",        ""             },
        {"${x#a}",         "bc"           },
        {"${x%c}",         "ab"           },
        {"${x%$x}",        ""             },
        {"${stars#a\\*}",  "b*c"          },
        {"${stars%\\**}",  "a*b"          },
        {"${stars%%\\**}", "a"            },
        {"${utf#?}",       "\xc3\xb6"     },
        {"${utf%?}",       "\xc3\xa4"     },
        {"${dup#a*a}",     "a"            },
        {"${dup##a*a}",    ""             },
        {"${dup%a*a}",     "a"            },
    };
    EXPECT(rows);
}

static void parts_are_replaced(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"${x/b/X}",        "aXc"            },
        {"${dup/a/b}",      "baa"            },
        {"${dup//a/b}",     "bbb"            },
        {"${dup//aa/b}",    "ba"             },
        {"${path//\\//_}",  "_a_b_c.tar.gz"  },
        {"${path/\\/a/}",   "/b/c.tar.gz"    },
        {"${path/b*r/X}",   "/a/X.gz"        },
        {"${x//?/<$x>}",    "<abc><abc><abc>"},
        {"${x//*/y}",       "y"              },
        {"${x/no/y}",       "abc"            },
        {"${x//b/}",        "ac"             },
        {"${no/a/b}",       ""               },
        {"${x///-}",        "-a-b-c-"        },
        {"${stars//\\*/+}", "a+b+c"          },
    };
    EXPECT(rows);
}

static void what_is_no_word_is_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"'a",          "unexpected end of statement while looking for matching "
               "single-quote"                        },
        {"\"a",         "unexpected end of statement while looking for matching "
                "double-quote"                      },
        {"\"a\\\"",     "unexpected end of statement while looking for matching "
                    "double-quote"              },
        {"${",          "syntax error: missing '}'"                },
        {"${x",         "syntax error: missing '}'"                },
        {"${x:",        "syntax error: missing '}'"                },
        {"${x:-",       "syntax error: missing '}'"                },
        {"${x:-a",      "syntax error: missing '}'"                },
        {"${x:-'a}",    "syntax error: missing '}'"                },
        {"${x#a",       "syntax error: missing '}'"                },
        {"${x/a}",      "syntax error: missing '/' in ${}"         },
        {"${x/a/b",     "syntax error: missing '}'"                },
        {"${}",         "syntax error: bad substitution"           },
        {"${{x}}",      "syntax error: bad substitution"           },
        {"${:x}",       "syntax error: bad substitution"           },
        {"${x!y}",      "unsupported modifier (!) in substitution" },
        {"${x:!y}",     "unsupported modifier (:!) in substitution"},
        {"${x^^}",      "unsupported modifier (^) in substitution" },
        {"${no?}",      "no: is not allowed to be unset"           },
        {"${no?where}", "no: where"                                },
        {"${empty:?}",  "empty: is not allowed to be empty"        },
        {"${x#\\a}",    "invalid pattern (\\a) in substitution: invalid escape "
                     "'\\a'"                   },
    };
    REFUSE(rows);
}

static void lists_split_outside_of_quotes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"a b",        "a|b|"   },
        {"  a\tb ",    "a|b|"   },
        {"$two",       "a|b|"   },
        {"\"$two\" c", "a  b|c|"},
        {"'a b' c",    "a b|c|" },
        {"a\\ b",      "a b|"   },
        {"$empty",     ""       },
        {"\"\" a",     "a|"     },
        {"x${two}y",   "xa|by|" },
        {"${no:-1 2}", "1|2|"   },
    };
    auto_strv struct strv env = {0};
    set_up(&env);
    const struct words w = {'\\', &env};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_strv struct strv list = {0};
        auto_text struct text all = {0};
        assert_int_equal(words_expand_list(&w, rows[i].word, &list, NULL), 0);
        text_add(&all, "");
        for (size_t k = 0; k < list.n; k++)
            text_addf(&all, "%s|", list.v[k]);
        if (strcmp(all.s, rows[i].result) != 0)
            fail_msg("%s: %s", rows[i].word, all.s);
    }
}

static void texts_keep_their_quotes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"'$x' \"$x\"\n", "'abc' \"abc\"\n"},
        {"\\$x\n",        "$x\n"           },
        {"\\\\\n",        "\\\n"           },
        {"a\\\nb\n",      "a\nb\n"         },
        {"it's\n",        "it's\n"         },
    };
    auto_strv struct strv env = {0};
    set_up(&env);
    const struct words w = {'`', &env};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_free char *result = NULL;
        assert_int_equal(words_expand_text(&w, rows[i].word, &result, NULL), 0);
        assert_string_equal(result, rows[i].result);
    }
}

static void the_escape_character_is_the_files(void **state)
{
    (void)state;
    auto_strv struct strv env = {0};
    set_up(&env);
    const struct words w = {'`', &env}, plain = {'\\', NULL};
    auto_free char *result = NULL, *literal = NULL;
    assert_int_equal(words_expand(&w, "C:\\a`$x\"`\"$x\"", &result, NULL), 0);
    assert_string_equal(result, "C:\\a$x\"abc");
    assert_int_equal(words_expand(&plain, "'a'$x${", &literal, NULL), 0);
    assert_string_equal(literal, "a$x${");
}

static void no_line_fills_the_memory(void **state)
{
    (void)state;
    auto_strv struct strv env = {0};
    auto_text struct text big = {0}, word = {0}, deep = {0};
    text_add(&big, "x=");
    for (int i = 0; i < 100000; i++)
        text_add(&big, "0123456789");
    strv_add(&env, big.s);
    for (int i = 0; i < 10000; i++) {
        text_add(&word, "$x");
        text_add(&deep, "${no-");
    }
    const struct words w = {'\\', &env};
    char *result = NULL;
    assert_int_equal(words_expand(&w, word.s, &result, NULL), -EINVAL);
    assert_null(result);
    assert_int_equal(words_expand(&w, "${x//?/$x}", &result, NULL), -EINVAL);
    assert_int_equal(words_expand(&w, deep.s, &result, NULL), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_are_taken_off),
        cmocka_unit_test(variables_are_put_in),
        cmocka_unit_test(a_missing_variable_has_a_substitute),
        cmocka_unit_test(parts_are_cut_off),
        cmocka_unit_test(parts_are_replaced),
        cmocka_unit_test(what_is_no_word_is_refused),
        cmocka_unit_test(lists_split_outside_of_quotes),
        cmocka_unit_test(texts_keep_their_quotes),
        cmocka_unit_test(the_escape_character_is_the_files),
        cmocka_unit_test(no_line_fills_the_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
