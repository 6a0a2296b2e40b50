/* Whose request is it? */
#include "api.h"
#include "contract.h"
#include "own.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

struct asked {
    const char *method, *path;
    const char *pattern, *name; /* whose it is, and which thing is meant */
};

static void check_each(const struct asked *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct api_call call = {.engine = NULL};
        const struct api_route *route = NULL;
        struct err e = {0};
        int r =
            api_find_route(&call, cases[i].method, cases[i].path, &route, &e);
        ck_assert_msg(r == 0 && route != NULL, "%s %s: %s", cases[i].method,
                      cases[i].path, e.msg);
        ck_assert_str_eq(route->path, cases[i].pattern);
        ck_assert_ptr_nonnull(route->act);
        if (cases[i].name == NULL)
            ck_assert_ptr_null(call.names[0]);
        else
            ck_assert_str_eq(call.names[0], cases[i].name);
        own_free(&call.names[0]);
    }
}

START_TEST(lab_14_2_a_path_and_a_method_have_one_route)
{
    static const struct asked cases[] = {
        {"GET",    "/info",                 "/info",                NULL  },
        {"GET",    "/_ping",                "/_ping",               NULL  },
        {"HEAD",   "/_ping",                "/_ping",               NULL  },
        {"GET",    "/containers/json",      "/containers/json",     NULL  },
        {"POST",   "/containers/create",    "/containers/create",   NULL  },
        {"GET",    "/containers/web/json",  "/containers/{}/json",  "web" },
        {"POST",   "/containers/web/start", "/containers/{}/start", "web" },
        {"DELETE", "/volumes/data",         "/volumes/{}",          "data"},
        {"GET",    "/volumes/data",         "/volumes/{}",          "data"},
        {"POST",   "/networks/n/connect",   "/networks/{}/connect", "n"   },
    };
    check_each(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

/* A path may fit two patterns; the method decides. And images have slashes. */
START_TEST(lab_14_2_what_fits_twice_and_what_has_slashes)
{
    static const struct asked cases[] = {
        {"DELETE", "/containers/json",            "/containers/{}",      "json"  },
        {"DELETE", "/containers/create",          "/containers/{}",      "create"},
        {"GET",    "/containers/json/json",       "/containers/{}/json", "json"  },
        {"GET",    "/containers/a%20b/json",      "/containers/{}/json", "a b"   },
        {"GET",    "/images/a.b:5000/c/d:e/json", "/images/{}/json",
         "a.b:5000/c/d:e"                                                        },
        {"GET",    "/images/a%2Fb/history",       "/images/{}/history",  "a/b"   },
        {"DELETE", "/images/json",                "/images/{}",          "json"  },
    };
    check_each(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

START_TEST(lab_14_2_nobodys_path_is_not_found)
{
    static const char *const paths[] = {
        "",
        "/",
        "/nosuch",
        "/info/",
        "/containers",
        "/containers//json",
        "/containers/web/nosuch",
        "/containers/a/b/json",
        "/containers/a%2Fb/json",
        "/volumes/..%2f..%2fetc",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct api_call call = {.engine = NULL};
        const struct api_route *route = NULL;
        struct err e = {0};
        ck_assert_msg(api_find_route(&call, "GET", paths[i], &route, &e) ==
                          -ENOENT,
                      "%s is somebody's", paths[i]);
        ck_assert_int_eq(e.code, ENOENT);
        ck_assert_str_eq(e.msg, "page not found");
        ck_assert_ptr_null(call.names[0]);
    }
}
END_TEST

START_TEST(lab_14_2_another_method_is_not_allowed)
{
    static const struct {
        const char *method, *path;
    } cases[] = {
        {"PUT",    "/info"               },
        {"GE",     "/info"               },
        {"GETS",   "/info"               },
        {"POST",   "/_ping"              },
        {"GET",    "/containers/create"  },
        {"GET",    "/containers/c1/start"},
        {"DELETE", "/networks"           },
        {"PUT",    "/images/a/b/json"    },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct api_call call = {.engine = NULL};
        const struct api_route *route = NULL;
        struct err e = {0};
        ck_assert_msg(api_find_route(&call, cases[i].method, cases[i].path,
                                     &route, &e) == -EBADRQC,
                      "%s %s", cases[i].method, cases[i].path);
        ck_assert_str_eq(e.msg, "method not allowed");
        ck_assert_ptr_null(call.names[0]);
    }
}
END_TEST

static void ask_once(void)
{
    struct api_call call = {.engine = NULL};
    const struct api_route *route = NULL;
    api_find_route(&call, "DELETE", "/images/some/image/json", &route, NULL);
    own_free(&call.names[0]);
    api_find_route(&call, "PUT", "/containers/web/json", &route, NULL);
    own_free(&call.names[0]);
}

/* One connection may ask for hours. */
START_TEST(lab_14_2_names_that_were_not_meant_are_freed)
{
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 1000; i++)
        ask_once();
    ck_assert_uint_lt(mallinfo2().uordblks, before + 1000);
    struct api_call call = {.engine = NULL};
    const struct api_route *route = NULL;
    ck_assert_int_eq(
        api_find_route(&call, "DELETE", "/images/a/b", &route, NULL), 0);
    ck_assert_str_eq(call.names[0], "a/b");
    own_free(&call.names[0]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_2_a_path_and_a_method_have_one_route);
    tcase_add_test(tc, lab_14_2_what_fits_twice_and_what_has_slashes);
    tcase_add_test(tc, lab_14_2_nobodys_path_is_not_found);
    tcase_add_test(tc, lab_14_2_another_method_is_not_allowed);
    tcase_add_test(tc, lab_14_2_names_that_were_not_meant_are_freed);
}

int main(void)
{
    return contract_main("routes", add);
}
