/* A request finds its way: it is sent elsewhere, asked who we are, and tells
 * nobody else; and for a token it goes to nobody whom others can hear. */
#include "test_stand.h"

#define BASE "https://registry.example"

static struct stand stand;
static struct err e;
static struct web_answer answer;

static int ask(const struct registry_request *request)
{
    stand_ends(&stand);
    web_answer_done(&answer);
    e = (struct err){0};
    return registry_ask(&stand.registry, request, &answer, &e);
}

static int get(const char *path)
{
    return ask(&(struct registry_request){.method = "GET", .path = path});
}

static void let(const struct registry_account *account, const char *base)
{
    stand_open(&stand, base);
    stand.options.account = account;
    /* So that nothing is tried again. */
    stand.options.tries = 1;
}

static const struct registry_account me = {.user = (char[]){"me"},
                                           .password = (char[]){"secret"}};

/* --- 11.3 ----------------------------------------------------------------- */

START_TEST(lab_11_3_an_answer_is_given_as_it_is)
{
    let(NULL, BASE);
    stand_gives(&stand, 200, "{\"x-one\": \"1\"}", "bytes");
    must_be(get("tags/list"), 200);
    ck_assert_str_eq(web_header(&answer, "x-one"), "1");
    auto_text struct text text = {0};
    must_be(web_read_all(&stand.registry.web, 100, &text, &e), 0);
    ck_assert_str_eq(text.s, "bytes");
    stand_hears(&stand, "GET", BASE "/v2/box/tags/list");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_every_kind_of_redirection_is_followed)
{
    static const int kinds[] = {301, 302, 303, 307, 308};
    let(NULL, BASE);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        stand_says(&stand, kinds[i], "{}", "https://other.example:8/x?y=1");
    stand_gives(&stand, 200, "{}", "there");
    must_be(get("blobs/b"), 200);
    auto_text struct text text = {0};
    must_be(web_read_all(&stand.registry.web, 100, &text, &e), 0);
    ck_assert_str_eq(text.s, "there");
    stand_hears(&stand, "GET", BASE "/v2/box/blobs/b");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        stand_hears(&stand, "GET", "https://other.example:8/x?y=1");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_three_hundred_is_not_enough_to_be_sent_on)
{
    let(NULL, BASE);
    stand_says(&stand, 304, "{}", BASE "/elsewhere");
    stand_says(&stand, 302, "{}", NULL);
    stand_ends(&stand);
    struct registry_request request = {.method = "GET", .path = "x"};
    must_be(registry_ask(&stand.registry, &request, &answer, &e), 304);
    web_answer_done(&answer);
    must_be(registry_ask(&stand.registry, &request, &answer, &e), 302);
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_ten_redirections_and_no_more)
{
    for (int count = 10; count <= 11; count++) {
        let(NULL, BASE);
        for (int i = 0; i < count; i++)
            stand_says(&stand, 302, "{}", BASE "/round");
        stand_gives(&stand, 200, "{}", "");
        must_be(get("x"), count <= 10 ? 200 : -ELOOP);
        for (int i = 0; i <= 10; i++)
            stand_hears(&stand, "GET",
                        i > 0 ? BASE "/round" : BASE "/v2/box/x");
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
    ck_assert_str_eq(e.msg, "Get \"" BASE "/v2/box/x\": stopped after 10 "
                            "redirects");
}
END_TEST

START_TEST(lab_11_3_from_https_nothing_leads_to_http)
{
    static const char *const places[] = {"http://registry.example/x",
                                         "file:///etc/passwd"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        let(NULL, BASE);
        stand_says(&stand, 302, "{}", places[i]);
        stand_gives(&stand, 200, "{}", "");
        must_be(get("x"), -EPROTO);
        ck_assert_msg(text_starts(e.msg, "Get \"" BASE "/v2/box/x\": it leads"),
                      "%s", e.msg);
        stand_hears(&stand, "GET", BASE "/v2/box/x");
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_3_who_asks_who_we_are_is_told_once)
{
    let(&me, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_gives(&stand, 200, "{}", "bytes");
    must_be(get("x"), 200);
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    ck_assert_ptr_null(stand_header(&stand, "Authorization"));
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    ck_assert_str_eq(stand_header(&stand, "Authorization"),
                     "Basic bWU6c2VjcmV0");
    stand_hears_no_more(&stand);
    stand_close(&stand);
    /* It did not help. */
    let(&me, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_gives(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", "{}");
    must_be(get("x"), -EACCES);
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_who_has_no_name_is_refused_with_what_was_asked_for)
{
    let(NULL, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_gives(&stand, 200, "{}", "");
    must_be(get("x"), -EACCES);
    ck_assert_str_eq(e.msg, "Get \"" BASE "/v2/box/x\": no basic auth "
                            "credentials");
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_a_status_that_the_request_takes_is_no_question)
{
    let(&me, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_says(&stand, 302, "{}", BASE "/elsewhere");
    stand_ends(&stand);
    const struct registry_request request = {
        .method = "GET", .path = "/v2/", .takes = {302, 401}
    };
    must_be(registry_ask(&stand.registry, &request, &answer, &e), 401);
    web_answer_done(&answer);
    must_be(registry_ask(&stand.registry, &request, &answer, &e), 302);
    stand_hears(&stand, "GET", BASE "/v2/");
    stand_hears(&stand, "GET", BASE "/v2/");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_somebody_else_who_asks_is_told_nothing)
{
    let(&me, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_says(&stand, 302, "{}", "https://thief.example/x");
    stand_gives(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", "{}");
    stand_gives(&stand, 200, "{}", "");
    must_be(get("x"), -EACCES);
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    ck_assert_ptr_nonnull(stand_header(&stand, "Authorization"));
    stand_hears(&stand, "GET", "https://thief.example/x");
    ck_assert_ptr_null(stand_header(&stand, "Authorization"));
    stand_hears_no_more(&stand);
    stand_close(&stand);
    /* Nor where the first question comes from there. */
    let(&me, BASE);
    stand_says(&stand, 302, "{}", "https://thief.example/x");
    stand_gives(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", "{}");
    stand_gives(&stand, 200, "{}", "");
    must_be(get("x"), -EACCES);
    stand_hears(&stand, "GET", BASE "/v2/box/x");
    stand_hears(&stand, "GET", "https://thief.example/x");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_a_body_begins_anew_and_goes_to_nobody_else)
{
    auto_text struct text document = {0};
    struct web_text from = {&document, 0};
    const struct layer_source body = {web_text_read, &from};
    struct registry_request request = {.method = "PUT",
                                       .path = "manifests/1",
                                       .body = &body,
                                       .size = 5,
                                       .rewind = web_text_rewind};
    text_add(&document, "whole");
    let(&me, BASE);
    stand_says(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", NULL);
    stand_says(&stand, 307, "{}", "https://other.example/x");
    stand_gives(&stand, 201, "{}", "");
    must_be(ask(&request), 307);
    for (int i = 0; i < 2; i++) {
        stand_hears(&stand, "PUT", BASE "/v2/box/manifests/1");
        ck_assert_str_eq(stand.body.s, "whole");
    }
    stand_hears_no_more(&stand);
    stand_close(&stand);
    /* What cannot begin anew is not sent again as half of it. */
    let(&me, BASE);
    request.rewind = NULL;
    from.at = 0;
    stand_gives(&stand, 401, "{\"www-authenticate\": \"Basic realm=x\"}", "{}");
    stand_gives(&stand, 201, "{}", "");
    must_be(ask(&request), -EACCES);
    stand_hears(&stand, "PUT", BASE "/v2/box/manifests/1");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_3_what_went_wrong_on_the_way_is_told)
{
    let(NULL, BASE);
    stand_says(&stand, 302, "{}", "https://other.example/x");
    stand_cuts(&stand);
    stand_gives(&stand, 200, "{}", "");
    must_be(get("x"), -ECONNRESET);
    ck_assert_str_eq(e.msg, "Get \"https://other.example/x\": cut off");
    stand_close(&stand);
}
END_TEST

/* --- 11.4 ----------------------------------------------------------------- */

struct realm {
    const char *base, *url;
};

/* What the registry at `base` says when it sends us for a token to `url`. */
static void challenge(const struct realm *row)
{
    auto_free char *says = text_format(
        "{\"www-authenticate\": \"Bearer realm=\\\"%s\\\"\"}", row->url);
    let(&me, row->base);
    stand_says(&stand, 401, says, NULL);
    stand_gives(&stand, 200, "{}", "{\"token\": \"abc\"}");
    stand_gives(&stand, 200, "{}", "");
}

START_TEST(lab_11_4_a_token_is_asked_for_where_others_cannot_hear_it)
{
    static const struct realm rows[] = {
        {BASE,                       "https://auth.example/token"    },
        {BASE,                       "HTTPS://auth.example/token"    },
        {"http://localhost:5000",    "https://auth.example/token"    },
        {BASE,                       "http://localhost:5001/token"   },
        {BASE,                       "http://127.0.0.1/token"        },
        {BASE,                       "http://[::1]:5001/token"       },
        {"http://localhost:5000",    "http://localhost:5000/token"   },
        {"http://open.example:5000", "http://open.example:5001/token"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        challenge(&rows[i]);
        must_be(get("x"), 200);
        auto_free char *url = text_format("%s/v2/box/x", rows[i].base);
        auto_free char *asked =
            text_format("%s?scope=repository:box:pull&account=me", rows[i].url);
        stand_hears(&stand, "GET", url);
        stand_hears(&stand, "GET", asked);
        ck_assert_str_eq(stand_header(&stand, "Authorization"),
                         "Basic bWU6c2VjcmV0");
        stand_hears(&stand, "GET", url);
        ck_assert_str_eq(stand_header(&stand, "Authorization"), "Bearer abc");
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_4_nobody_is_told_the_password_where_others_hear_it)
{
    static const char *const realms[] = {
        "http://auth.example/token",
        "http://127.0.0.1.thief.example/token",
        "http://localhost@thief.example/token",
        "http://thief.example/localhost",
    };
    for (size_t i = 0; i < sizeof realms / sizeof realms[0]; i++) {
        challenge(&(struct realm){BASE, realms[i]});
        must_be(get("x"), -EPROTO);
        auto_free char *words = text_format(
            "Get \"" BASE "/v2/box/x\": it sends us for a token to \"%s\", "
            "which is not https",
            realms[i]);
        ck_assert_str_eq(e.msg, words);
        stand_hears(&stand, "GET", BASE "/v2/box/x");
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_4_what_is_no_address_is_asked_nothing)
{
    static const struct realm rows[] = {
        {BASE,                    "ftp://auth.example/token"},
        {"http://localhost:5000", "file:///etc/passwd"      },
        {"http://localhost:5000", "auth"                    },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        challenge(&rows[i]);
        must_be(get("x"), -EPROTO);
        auto_free char *words =
            text_format("it sends us for a token to \"%s\"", rows[i].url);
        ck_assert_msg(text_ends(e.msg, words), "%s", e.msg);
        auto_free char *url = text_format("%s/v2/box/x", rows[i].base);
        stand_hears(&stand, "GET", url);
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_11_3_an_answer_is_given_as_it_is);
    tcase_add_test(tc, lab_11_3_every_kind_of_redirection_is_followed);
    tcase_add_test(tc, lab_11_3_three_hundred_is_not_enough_to_be_sent_on);
    tcase_add_test(tc, lab_11_3_ten_redirections_and_no_more);
    tcase_add_test(tc, lab_11_3_from_https_nothing_leads_to_http);
    tcase_add_test(tc, lab_11_3_who_asks_who_we_are_is_told_once);
    tcase_add_test(tc,
                   lab_11_3_who_has_no_name_is_refused_with_what_was_asked_for);
    tcase_add_test(tc, lab_11_3_a_status_that_the_request_takes_is_no_question);
    tcase_add_test(tc, lab_11_3_somebody_else_who_asks_is_told_nothing);
    tcase_add_test(tc, lab_11_3_a_body_begins_anew_and_goes_to_nobody_else);
    tcase_add_test(tc, lab_11_3_what_went_wrong_on_the_way_is_told);
    tcase_add_test(tc,
                   lab_11_4_a_token_is_asked_for_where_others_cannot_hear_it);
    tcase_add_test(tc,
                   lab_11_4_nobody_is_told_the_password_where_others_hear_it);
    tcase_add_test(tc, lab_11_4_what_is_no_address_is_asked_nothing);
}

int main(void)
{
    return contract_main("ask", add);
}
