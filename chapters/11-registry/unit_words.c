/* What comes from outside as text: challenges, base64, config.json, the names
 * of hosts, and when to try again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base64.h"
#include "challenge.h"
#include "host.h"
#include "login.h"
#include "own.h"
#include "registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void same(const char *wanted, const char *got)
{
    if (wanted == NULL)
        assert_null(got);
    else
        assert_string_equal(wanted, got);
}

/* --- challenges ----------------------------------------------------------- */

static void challenges(void **state)
{
    static const struct {
        const char *header;
        enum challenge_scheme scheme;
        const char *realm, *service, *scope;
    } cases[] = {
        {"Basic realm=\"here\"",                                                     CHALLENGE_BASIC,  "here",        NULL, NULL               },
        {"basic",                                                                    CHALLENGE_BASIC,  NULL,          NULL, NULL               },
        {"Bearer "
         "realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull\"", CHALLENGE_BEARER, "https://a/t", "s",  "repository:x:pull"},
        {"BEARER Realm = \"a\" , SERVICE=b",                                         CHALLENGE_BEARER, "a",           "b",  NULL               },
        {"Basic realm=\"x\", Bearer realm=\"y\"",                                    CHALLENGE_BEARER, "y",           NULL,
         NULL                                                                                                                                  },
        {"Bearer realm=\"y\", Basic realm=\"x\"",                                    CHALLENGE_BEARER, "y",           NULL,
         NULL                                                                                                                                  },
        {"Negotiate, Basic realm=x",                                                 CHALLENGE_BASIC,  "x",           NULL, NULL               },
        {"Negotiate abc==, Basic realm=x",                                           CHALLENGE_BASIC,  "x",           NULL, NULL               },
        {"Bearer realm=\"a\\\"b\\\\\", realm=\"second\"",                            CHALLENGE_BEARER,
         "a\"b\\",                                                                                                    NULL, NULL               },
        {"Bearer realm=\"a,b=c\"",                                                   CHALLENGE_BEARER, "a,b=c",       NULL, NULL               },
        {"Bearer realm=\"\"",                                                        CHALLENGE_BEARER, "",            NULL, NULL               },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_challenge struct challenge c = {0};
        assert_int_equal(challenge_parse(cases[i].header, &c, NULL), 0);
        assert_int_equal(c.scheme, cases[i].scheme);
        same(cases[i].realm, c.realm);
        same(cases[i].service, c.service);
        same(cases[i].scope, c.scope);
    }
}

static void what_is_no_challenge(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "Digest realm=\"x\"",
        "Bearer",
        "Bearer service=\"x\"",
        "\"Basic\"",
        "Bearer realm=\"open",
        "Bearer realm=\"a\\",
        "=",
        ",,,",
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_challenge struct challenge c = {0};
        assert_int_equal(challenge_parse(cases[i], &c, NULL), -EBADMSG);
        assert_null(c.realm);
    }
}

/* --- base64 --------------------------------------------------------------- */

static void base64_there_and_back(void **state)
{
    /* RFC 4648, 10. */
    static const char *const cases[][2] = {
        {"",             ""        },
        {"f",            "Zg=="    },
        {"fo",           "Zm8="    },
        {"foo",          "Zm9v"    },
        {"foob",         "Zm9vYg=="},
        {"fooba",        "Zm9vYmE="},
        {"foobar",       "Zm9vYmFy"},
        {"\xff\xfe\xfd", "//79"    },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len;
        auto_free char *text = base64_encode(cases[i][0], strlen(cases[i][0]));
        assert_string_equal(text, cases[i][1]);
        auto_free char *back = base64_decode(text, &len);
        assert_string_equal(back, cases[i][0]);
        assert_int_equal(len, strlen(cases[i][0]));
    }
}

static void what_is_no_base64(void **state)
{
    static const char *const cases[] = {
        "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9v!", "Zm9\n", "Zm-_"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len;
        auto_free char *got = base64_decode(cases[i], &len);
        assert_null(got);
    }
}

/* --- hosts ---------------------------------------------------------------- */

static void hosts(void **state)
{
    static const struct {
        const char *domain, *first, *second;
    } cases[] = {
        {"docker.io",       "https://registry-1.docker.io", NULL                   },
        {"quay.io",         "https://quay.io",              NULL                   },
        {"localhost",       "https://localhost",            "http://localhost"     },
        {"localhost:5000",  "https://localhost:5000",       "http://localhost:5000"},
        {"127.9.9.9:1",     "https://127.9.9.9:1",          "http://127.9.9.9:1"   },
        {"[::1]:5000",      "https://[::1]:5000",           "http://[::1]:5000"    },
        {"128.0.0.1:5000",  "https://128.0.0.1:5000",       NULL                   },
        {"127.0.0.1.x.org", "https://127.0.0.1.x.org",      NULL                   },
        {"open.example:5",  "https://open.example:5",       "http://open.example:5"},
    };
    (void)state;
    setenv("MINI_DOCKER_INSECURE_REGISTRIES", "a.example,open.example:5", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_host struct host host = {0};
        assert_int_equal(host_find(cases[i].domain, &host, NULL), 0);
        same(cases[i].first, host.bases[0]);
        same(cases[i].second, host.bases[1]);
    }
}

static void origins(void **state)
{
    static const char *const cases[][2] = {
        {"https://a.b/x",             "https://a.b:443"  },
        {"HTTP://A.b:80/x",           "http://a.b:80"    },
        {"http://a?x",                "http://a:80"      },
        {"https://[::1]/",            "https://[::1]:443"},
        {"https://[::1]:5/",          "https://[::1]:5"  },
        {"https://good.example@bad/", "https://bad:443"  },
        {"https://a:b@c:1/",          "https://c:1"      },
        {"ftp://a/",                  NULL               },
        {"file:///etc/passwd",        NULL               },
        {"",                          NULL               },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_free char *got = host_origin(cases[i][0]);
        same(cases[i][1], got);
    }
}

/* --- config.json ---------------------------------------------------------- */

static json_t *config_of(const char *text)
{
    json_t *config = NULL;
    assert_int_equal(login_parse(text, strlen(text), &config, NULL), 0);
    return config;
}

static void accounts(void **state)
{
    json_auto_t *config = config_of(
        "{\"auths\": {\"a:1\": {\"auth\": \"bWU6czplY3JldA==\"},"
        " \"https://index.docker.io/v1/\": {\"identitytoken\": \"tok\"},"
        " \"https://old.example/v1/\": {\"auth\": \"bWU6eA==\"},"
        " \"helped\": {}, \"bad\": {\"auth\": \"bWU=\"}},"
        " \"credsStore\": \"all\", \"credHelpers\": {\"a:1\": \"one\"}}");
    (void)state;
    struct registry_account account = {0};
    assert_int_equal(login_read_auth(config, "a:1", &account, NULL), 1);
    same("me", account.user);
    same("s:ecret", account.password);
    registry_account_done(&account);
    assert_int_equal(login_read_auth(config, "docker.io", &account, NULL), 1);
    same("tok", account.token);
    registry_account_done(&account);
    assert_int_equal(login_read_auth(config, "old.example", &account, NULL), 1);
    same("x", account.password);
    registry_account_done(&account);
    assert_int_equal(login_read_auth(config, "helped", &account, NULL), 0);
    assert_int_equal(login_read_auth(config, "none", &account, NULL), 0);
    assert_int_equal(login_read_auth(config, "bad", &account, NULL), -EBADMSG);
    same("one", login_helper(config, "a:1"));
    same("all", login_helper(config, "b"));
}

static void accounts_change(void **state)
{
    json_auto_t *config = config_of(
        "{\"psFormat\": \"x\", \"auths\": {\"b\": {\"auth\": \"eA==\"}}}");
    const struct registry_account account = {.user = (char[]){"me"},
                                             .password = (char[]){"secret"}};
    (void)state;
    assert_int_equal(login_change(config, "a", &account), 0);
    assert_int_equal(login_change(config, "a", &account), 1);
    assert_int_equal(login_change(config, "b", NULL), 1);
    assert_int_equal(login_change(config, "b", NULL), 0);
    auto_free char *text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);
    same("{\"auths\":{\"a\":{\"auth\":\"bWU6c2VjcmV0\"}},\"psFormat\":\"x\"}",
         text);
}

static void config_that_is_none(void **state)
{
    static const char *const cases[] = {"", "[]", "{\"auths\": []}", "{",
                                        "{\"auths\": \"x\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *config = NULL;
        assert_int_equal(login_parse(cases[i], strlen(cases[i]), &config, NULL),
                         -EBADMSG);
        assert_null(config);
    }
}

static void what_registries_are_called(void **state)
{
    static const char *const cases[][2] = {
        {"",                            "docker.io"     },
        {"docker.io",                   "docker.io"     },
        {"https://index.docker.io/v1/", "docker.io"     },
        {"https://a.example:5/v2/",     "a.example:5"   },
        {"localhost:5000",              "localhost:5000"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auto_free char *domain = login_domain(cases[i][0]);
        same(cases[i][1], domain);
    }
    same("https://index.docker.io/v1/", login_key("docker.io"));
}

/* --- once more ------------------------------------------------------------ */

static void later_and_later(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        int least = i > 5 ? 10000 : 250 << i;
        least = least > 10000 ? 10000 : least;
        int ms = registry_wait_ms(503, NULL, i);
        assert_in_range(ms, least, least + least / 4);
    }
    assert_int_equal(registry_wait_ms(429, "7", 0), 7000);
    assert_int_equal(registry_wait_ms(429, "0", 3), 0);
    assert_int_equal(registry_wait_ms(429, "86400", 0), -1);
    assert_int_equal(registry_wait_ms(404, NULL, 0), -1);
    assert_int_equal(registry_wait_ms(200, NULL, 0), -1);
    assert_int_equal(registry_wait_ms(-ECONNREFUSED, NULL, 0), -1);
    assert_true(registry_wait_ms(-ECONNRESET, NULL, 0) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenges),
        cmocka_unit_test(what_is_no_challenge),
        cmocka_unit_test(base64_there_and_back),
        cmocka_unit_test(what_is_no_base64),
        cmocka_unit_test(hosts),
        cmocka_unit_test(origins),
        cmocka_unit_test(accounts),
        cmocka_unit_test(accounts_change),
        cmocka_unit_test(config_that_is_none),
        cmocka_unit_test(what_registries_are_called),
        cmocka_unit_test(later_and_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
