/* Where a path leads in a tree of layers: links, "..", whiteouts. */
#include "own.h"
#include "scratch.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct err why;

#define LOWER SCRATCH "/lower"
#define UPPER SCRATCH "/upper"

static void make_layers(void)
{
    static const char *const dirs[] = {
        LOWER, LOWER "/usr", LOWER "/usr/lib", LOWER "/gone",
        UPPER, UPPER "/usr", UPPER "/usr/new"};
    static const char *const links[][2] = {
        {"usr/lib",             LOWER "/lib"     },
        {"/usr/new",            LOWER "/up"      },
        {"../../../../usr/lib", LOWER "/usr/out" },
        {"b",                   LOWER "/a"       },
        {"a",                   LOWER "/b"       },
        {"nowhere/at/all",      LOWER "/dangling"},
    };
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
        ck_assert_int_eq(mkdir(dirs[i], 0755), 0);
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        ck_assert_int_eq(symlink(links[i][0], links[i][1]), 0);
    ck_assert_int_eq(mknod(LOWER "/usr/lib/x", S_IFREG | 0644, 0), 0);
    ck_assert_int_eq(mknod(LOWER "/gone/x", S_IFREG | 0644, 0), 0);
    ck_assert_int_eq(mknod(UPPER "/gone", S_IFCHR, makedev(0, 0)), 0);
}

static const struct {
    const char *path;
    bool follows;
    int result;
    const char *found;
} rows[] = {
    {"",               true,  0,        ""               },
    {"/",              true,  0,        ""               },
    {"usr/lib/x",      true,  0,        "usr/lib/x"      },
    {"/lib/x",         true,  0,        "usr/lib/x"      },
    {"lib",            true,  0,        "usr/lib"        },
    {"lib",            false, 0,        "lib"            },
    {"lib/",           false, 0,        "usr/lib"        },
    {"lib/../lib/./x", true,  0,        "usr/lib/x"      },
    {"lib/../lib",     true,  0,        "usr/lib"        },
    {"up",             true,  0,        "usr/new"        },
    {"usr/out/x",      true,  0,        "usr/lib/x"      },
    {"../../usr",      true,  0,        "usr"            },
    {"gone",           true,  -ENOENT,  "gone"           },
    {"gone/x",         true,  -ENOENT,  "gone/x"         },
    {"no/such/file",   true,  -ENOENT,  "no/such/file"   },
    {"lib/no/file",    true,  -ENOENT,  "usr/lib/no/file"},
    {"dangling",       true,  -ENOENT,  "nowhere/at/all" },
    {"usr/lib/x/y",    true,  -ENOTDIR, NULL             },
    {"a",              true,  -ELOOP,   NULL             },
};

START_TEST(a_path_leads_where_a_process_in_there_would_come)
{
    scratch_enter();
    make_layers();
    auto_strv struct strv layers = {0};
    strv_add(&layers, UPPER);
    strv_add(&layers, LOWER);
    auto_tree struct tree tree = {.has_marks = true};
    ck_assert_int_eq(tree_open(&tree, &layers, &why), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tree_entry entry;
        auto_free char *found = NULL;
        int r = tree_resolve(&tree, rows[i].path, rows[i].follows, &entry,
                             &found, &why);
        ck_assert_msg(r == rows[i].result, "%s: %d", rows[i].path, r);
        if (rows[i].found != NULL)
            ck_assert_str_eq(found, rows[i].found);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_path_leads_where_a_process_in_there_would_come);
}

int main(void)
{
    return contract_main("resolve", add);
}
