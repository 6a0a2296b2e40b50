/* Paths as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "path.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void paths_are_cleaned_as_go_does(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"",           "."      },
        {".",          "."      },
        {"/",          "/"      },
        {"a",          "a"      },
        {"a/",         "a"      },
        {"/a/b/",      "/a/b"   },
        {"a//b",       "a/b"    },
        {"./a/./b",    "a/b"    },
        {"a/..",       "."      },
        {"a/../b",     "b"      },
        {"../a",       "../a"   },
        {"../../a",    "../../a"},
        {"a/../../b",  "../b"   },
        {"/..",        "/"      },
        {"/../a",      "/a"     },
        {"/a/../../b", "/b"     },
        {"a/b/../..",  "."      },
        {"..",         ".."     },
        {"..a/b",      "..a/b"  },
        {"a/..b",      "a/..b"  },
        {"../..",      "../.."  },
        {"//a",        "/a"     },
        {"/.",         "/"      },
        {"a/../..",    ".."     },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        auto_free char *clean = path_clean(rows[i][0]);
        assert_string_equal(clean, rows[i][1]);
    }
    static const char *const joined[][3] = {
        {"/a", "b",      "/a/b"},
        {"/a", "/b",     "/b"  },
        {"",   "b",      "/b"  },
        {NULL, "b/../c", "/c"  },
        {"/",  "..",     "/"   },
        {"a",  "b",      "/a/b"},
    };
    for (size_t i = 0; i < COUNT(joined); i++) {
        auto_free char *path = path_join(joined[i][0], joined[i][1]);
        assert_string_equal(path, joined[i][2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_cleaned_as_go_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
