/* What comes as text: what a server asks for, and what config.json keeps. */
#include "contract.h"

#include "base64.h"
#include "challenge.h"
#include "login.h"
#include "own.h"

#include <errno.h>
#include <string.h>

static const char *or_none(const char *text)
{
    return text != NULL ? text : "(none)";
}

/* --- challenges ----------------------------------------------------------- */

struct reading {
    const char *header;
    enum challenge_scheme scheme;
    const char *realm, *service;
};

static void read_all(const struct reading *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        auto_challenge struct challenge c = {0};
        struct err e = {0};
        int r = challenge_parse(rows[i].header, &c, &e);
        ck_assert_msg(r == 0, "%s: %s", rows[i].header, e.msg);
        ck_assert_msg(c.scheme == rows[i].scheme, "%s: scheme %d",
                      rows[i].header, (int)c.scheme);
        ck_assert_str_eq(or_none(c.realm), or_none(rows[i].realm));
        ck_assert_str_eq(or_none(c.service), or_none(rows[i].service));
    }
}

START_TEST(lab_11_1_a_challenge_has_a_scheme_and_parameters)
{
    static const struct reading rows[] = {
        {"Basic realm=\"here\"",                           CHALLENGE_BASIC,  "here", NULL },
        {"basic",                                          CHALLENGE_BASIC,  NULL,   NULL },
        {"Bearer realm=\"https://a/t\",service=\"s\"",     CHALLENGE_BEARER,
         "https://a/t",                                                              "s"  },
        {"Bearer   realm=a , service = \"b,c\" , other=d", CHALLENGE_BEARER,
         "a",                                                                        "b,c"},
        {" ,Bearer realm=a",                               CHALLENGE_BEARER, "a",    NULL },
    };
    read_all(rows, sizeof rows / sizeof rows[0]);
}
END_TEST

START_TEST(lab_11_1_the_best_of_several_is_kept_alone)
{
    static const struct reading rows[] = {
        {"Basic realm=\"x\", Bearer realm=\"y\",service=s", CHALLENGE_BEARER,
         "y",                                                                      "s" },
        {"Bearer realm=\"y\", Basic realm=\"x\",service=s", CHALLENGE_BEARER,
         "y",                                                                      NULL},
        {"Basic realm=x, Basic realm=z",                    CHALLENGE_BASIC,  "x", NULL},
        {"Bearer realm=y, Bearer realm=z",                  CHALLENGE_BEARER, "y", NULL},
        {"Basic realm=x, service=s, Bearer realm=y",        CHALLENGE_BEARER, "y",
         NULL                                                                          },
    };
    read_all(rows, sizeof rows / sizeof rows[0]);
}
END_TEST

START_TEST(lab_11_1_schemes_that_we_do_not_know_are_passed_over)
{
    static const struct reading rows[] = {
        {"Negotiate, Basic realm=x",                     CHALLENGE_BASIC,  "x", NULL},
        {"Negotiate abc==, Basic realm=x",               CHALLENGE_BASIC,  "x", NULL},
        {"Basic realm=x, Negotiate abc==",               CHALLENGE_BASIC,  "x", NULL},
        {"Digest realm=d, service=t, Bearer realm=\"\"", CHALLENGE_BEARER, "",
         NULL                                                                       },
 /* A token comes from somewhere. */
        {"Bearer service=s, Basic realm=x",              CHALLENGE_BASIC,  "x", NULL},
    };
    read_all(rows, sizeof rows / sizeof rows[0]);
}
END_TEST

START_TEST(lab_11_1_what_is_damaged_does_not_count_and_what_was_before_does)
{
    static const struct reading rows[] = {
        {"Basic realm=x, Bearer realm=\"open",         CHALLENGE_BASIC, "x", NULL},
        {"Basic realm=x, Bearer realm=y, service=\"s", CHALLENGE_BASIC, "x",
         NULL                                                                    },
        {"Basic realm=x, Bearer realm=\"a\\",          CHALLENGE_BASIC, "x", NULL},
        {"Basic realm=x, =, Bearer realm=late",        CHALLENGE_BASIC, "x", NULL},
    };
    read_all(rows, sizeof rows / sizeof rows[0]);
}
END_TEST

START_TEST(lab_11_1_what_cannot_be_met_is_told)
{
    static const char *const headers[] = {
        "",
        ",,,",
        "Digest realm=\"x\"",
        "Bearer",
        "Bearer service=s",
        "\"B\"",
        "=",
        "Bearer realm=y,service=\"open",
        "Bearer realm=\"open",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        auto_challenge struct challenge c = {.scheme = CHALLENGE_BASIC};
        struct err e = {0};
        int r = challenge_parse(headers[i], &c, &e);
        ck_assert_msg(r == -EBADMSG, "%s: %d: %s", headers[i], r, e.msg);
        ck_assert_ptr_null(c.realm);
    }
}
END_TEST

/* --- accounts ------------------------------------------------------------- */

/* What a file that says this of a registry knows. */
static int account_of(const char *auth, struct registry_account *ret,
                      struct err *e)
{
    json_auto_t *config =
        json_pack("{s:{s:{s:s}}}", "auths", "a.example", "auth", auth);
    *ret = (struct registry_account){0};
    return login_read_auth(config, "a.example", ret, e);
}

START_TEST(lab_11_2_the_name_ends_at_the_first_colon)
{
    static const char *const rows[][3] = {
        {"bWU6c2VjcmV0",     "me", "secret" },
        {"bWU6czplY3JldA==", "me", "s:ecret"},
        {"bWU6Og==",         "me", ":"      },
        {"bWU6",             "me", ""       },
        {"OnNlY3JldA==",     "",   "secret" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_registry_account struct registry_account account;
        struct err e = {0};
        int r = account_of(rows[i][0], &account, &e);
        ck_assert_msg(r == 1, "%s: %s", rows[i][0], e.msg);
        ck_assert_str_eq(or_none(account.user), rows[i][1]);
        ck_assert_str_eq(or_none(account.password), rows[i][2]);
    }
}
END_TEST

START_TEST(lab_11_2_what_is_no_pair_is_refused_with_the_registry_s_name)
{
    static const char *const rows[] = {"bWU=", "bWU6c2Vjc", "m:s=", "===="};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auto_registry_account struct registry_account account;
        struct err e = {0};
        int r = account_of(rows[i], &account, &e);
        ck_assert_msg(r == -EBADMSG, "%s: %d: %s", rows[i], r, e.msg);
        ck_assert_str_eq(e.msg, "a.example: invalid auth configuration file");
        ck_assert_ptr_null(account.user);
        ck_assert_ptr_null(account.password);
    }
}
END_TEST

START_TEST(lab_11_2_what_login_wrote_comes_back)
{
    static const char *const passwords[] = {"x", "p:q", "\xc3\xa9\xff\x01",
                                            "a longer one, with blanks "};
    for (size_t i = 0; i < sizeof passwords / sizeof passwords[0]; i++) {
        auto_registry_account struct registry_account got = {0};
        auto_free char *password = own_strdup(passwords[i]);
        const struct registry_account account = {.user = (char[]){"some one"},
                                                 .password = password};
        json_auto_t *config = json_object();
        struct err e = {0};
        login_change(config, "a.example", &account);
        int r = login_read_auth(config, "a.example", &got, &e);
        ck_assert_msg(r == 1, "%s: %s", passwords[i], e.msg);
        ck_assert_str_eq(or_none(got.user), "some one");
        ck_assert_str_eq(or_none(got.password), passwords[i]);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_11_1_a_challenge_has_a_scheme_and_parameters);
    tcase_add_test(tc, lab_11_1_the_best_of_several_is_kept_alone);
    tcase_add_test(tc, lab_11_1_schemes_that_we_do_not_know_are_passed_over);
    tcase_add_test(
        tc, lab_11_1_what_is_damaged_does_not_count_and_what_was_before_does);
    tcase_add_test(tc, lab_11_1_what_cannot_be_met_is_told);
    tcase_add_test(tc, lab_11_2_the_name_ends_at_the_first_colon);
    tcase_add_test(
        tc, lab_11_2_what_is_no_pair_is_refused_with_the_registry_s_name);
    tcase_add_test(tc, lab_11_2_what_login_wrote_comes_back);
}

int main(void)
{
    return contract_main("challenge", add);
}
