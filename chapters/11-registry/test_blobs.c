/* Blobs that come and go, and are cut off on the way. */
#include "test_stand.h"

#include "pull.h"
#include "push.h"

#include <sys/mman.h>
#include <unistd.h>

#define BASE "https://registry.example"
#define BLOB "sha256:b"
#define URL BASE "/v2/box/blobs/" BLOB

static struct stand stand;
static struct err e;

/* --- 11.5: what comes ------------------------------------------------------
 */

/* A blob of 26 bytes, of which so many are here. */
static struct pull_blob blob_at(uint64_t at)
{
    stand_open(&stand, BASE);
    e = (struct err){0};
    return (struct pull_blob){.registry = &stand.registry,
                              .digest = BLOB,
                              .at = at,
                              .size = 26,
                              .e = &e};
}

static ssize_t read_all(struct pull_blob *blob, struct text *to)
{
    char block[10];
    ssize_t n;
    while ((n = pull_blob_read(blob, block, sizeof block)) > 0)
        text_addn(to, block, (size_t)n);
    return n;
}

START_TEST(lab_11_5_at_first_all_of_it_is_asked_for)
{
    struct pull_blob blob = blob_at(0);
    auto_text struct text got = {0};
    stand_gives(&stand, 200, "{}", "abcdefghijklmnopqrstuvwxyz");
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), 0);
    must_be(read_all(&blob, &got), 0);
    ck_assert_str_eq(got.s, "abcdefghijklmnopqrstuvwxyz");
    stand_hears(&stand, "GET", URL);
    ck_assert_ptr_null(stand_header(&stand, "Range"));
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_5_later_only_what_is_missing)
{
    struct pull_blob blob = blob_at(20);
    auto_text struct text got = {0};
    stand_gives(&stand, 206, "{\"content-range\": \"bytes 20-25/26\"}",
                "uvwxyz");
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), 0);
    must_be(read_all(&blob, &got), 0);
    ck_assert_str_eq(got.s, "uvwxyz");
    stand_hears(&stand, "GET", URL);
    ck_assert_str_eq(stand_header(&stand, "Range"), "bytes=20-");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_5_a_server_that_knows_no_ranges_begins_anew)
{
    struct pull_blob blob = blob_at(20);
    auto_text struct text got = {0};
    stand_begins(&stand, 200, "{}", NULL);
    stand_piece(&stand, "abcdefg");
    stand_piece(&stand, "hijklmnopqrstuvwx");
    stand_piece(&stand, "yz");
    stand_end(&stand);
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), 0);
    must_be(read_all(&blob, &got), 0);
    ck_assert_str_eq(got.s, "uvwxyz");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_5_bytes_from_another_place_are_not_taken)
{
    static const struct {
        int status;
        const char *headers;
    } rows[] = {
        {206, "{\"content-range\": \"bytes 0-25/26\"}" },
        {206, "{\"content-range\": \"bytes 21-25/26\"}"},
        {206, "{\"content-range\": \"20-25/26\"}"      },
        {206, "{}"                                     },
        {204, "{}"                                     },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pull_blob blob = blob_at(20);
        auto_free char *words =
            text_format("blobs/" BLOB ": an answer that was not asked for: %d",
                        rows[i].status);
        stand_gives(&stand, rows[i].status, rows[i].headers, "uvwxyz");
        stand_ends(&stand);
        must_be(pull_blob_open(&blob), -EPROTO);
        ck_assert_str_eq(e.msg, words);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_5_less_than_there_was_is_an_end_too_soon)
{
    struct pull_blob blob = blob_at(20);
    stand_gives(&stand, 200, "{}", "abcdef");
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), -ECONNRESET);
    stand_close(&stand);
    blob = blob_at(20);
    stand_gives(&stand, 404, "{}",
                "{\"errors\": [{\"code\": \"BLOB_UNKNOWN\"}]}");
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), -ENOENT);
    ck_assert_str_eq(e.msg, "blob unknown: ");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_5_what_is_cut_off_goes_on_where_it_was)
{
    struct pull_blob blob = blob_at(0);
    auto_text struct text got = {0};
    stand_begins(&stand, 200, "{}", NULL);
    stand_piece(&stand, "abcdefghijklm");
    stand_cuts(&stand);
    stand_gives(&stand, 206, "{\"content-range\": \"bytes 13-25/26\"}",
                "nopqrstuvwxyz");
    stand_ends(&stand);
    must_be(pull_blob_open(&blob), 0);
    must_be(read_all(&blob, &got), 0);
    ck_assert_str_eq(got.s, "abcdefghijklmnopqrstuvwxyz");
    stand_hears(&stand, "GET", URL);
    stand_hears(&stand, "GET", URL);
    ck_assert_str_eq(stand_header(&stand, "Range"), "bytes=13-");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

/* --- 11.6: what goes -------------------------------------------------------
 */

#define UPLOAD BASE "/upload/"

/* 25 bytes, which go in pieces of ten; the registry begins an upload. */
static struct push_blob blob_to_send(struct push_result *result)
{
    struct push_blob blob = {.registry = &stand.registry,
                             .digest = BLOB,
                             .fd = memfd_create("blob", MFD_CLOEXEC),
                             .size = 25,
                             .result = result};
    ck_assert_int_eq((int)write(blob.fd, "abcdefghijklmnopqrstuvwxy", 25), 25);
    stand_open(&stand, BASE);
    stand.options.chunk = 10;
    stand.options.tries = 3;
    stand_says(&stand, 404, "{}", NULL);
    stand_says(&stand, 202, "{}", UPLOAD "0");
    return blob;
}

static int send_it(struct push_blob *blob)
{
    stand_ends(&stand);
    e = (struct err){0};
    int r = push_blob_send(blob, &e);
    own_close(&blob->fd);
    return r;
}

/* It was asked for the blob, and for an upload. */
static void hears_the_beginning(void)
{
    stand_hears(&stand, "HEAD", URL);
    stand_hears(&stand, "POST", BASE "/v2/box/blobs/uploads/");
}

static void hears_piece(const char *url, const char *range, const char *bytes)
{
    stand_hears(&stand, "PATCH", url);
    ck_assert_str_eq(stand_header(&stand, "Content-Range"), range);
    ck_assert_str_eq(stand.body.s, bytes);
}

static void hears_the_end(const char *url)
{
    auto_free char *put = text_format("%s?digest=" BLOB, url);
    stand_hears(&stand, "PUT", put);
    ck_assert_uint_eq(stand.body.len, 0);
    stand_hears_no_more(&stand);
}

START_TEST(lab_11_6_each_piece_goes_where_the_last_answer_said)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand_says(&stand, 202, "{}", UPLOAD "1");
    stand_says(&stand, 202, "{}", UPLOAD "2");
    stand_says(&stand, 202, "{}", UPLOAD "3");
    stand_says(&stand, 201, "{}", NULL);
    must_be(send_it(&blob), 0);
    ck_assert_int_eq(atomic_load(&result.state), PUSH_SENT);
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    hears_piece(UPLOAD "1", "10-19", "klmnopqrst");
    hears_piece(UPLOAD "2", "20-24", "uvwxy");
    hears_the_end(UPLOAD "3");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_it_goes_on_from_where_the_registry_has_it)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand_says(&stand, 202, "{}", UPLOAD "1");
    stand_says(&stand, 416, "{}", NULL);
    stand_says(&stand, 204, "{\"range\": \"0-14\"}", UPLOAD "2");
    stand_says(&stand, 202, "{}", UPLOAD "3");
    stand_says(&stand, 201, "{}", NULL);
    must_be(send_it(&blob), 0);
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    hears_piece(UPLOAD "1", "10-19", "klmnopqrst");
    stand_hears(&stand, "GET", UPLOAD "1");
    hears_piece(UPLOAD "2", "15-24", "pqrstuvwxy");
    hears_the_end(UPLOAD "3");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_a_connection_that_breaks_costs_one_piece)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand.options.tries = 2;
    stand_says(&stand, 202, "{}", UPLOAD "1");
    stand_cuts(&stand);
    stand_cuts(&stand);
    stand_says(&stand, 204, "{\"range\": \"0-9\"}", UPLOAD "2");
    stand_says(&stand, 202, "{}", UPLOAD "3");
    stand_says(&stand, 202, "{}", UPLOAD "4");
    stand_says(&stand, 201, "{}", NULL);
    must_be(send_it(&blob), 0);
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    hears_piece(UPLOAD "1", "10-19", "klmnopqrst");
    hears_piece(UPLOAD "1", "10-19", "klmnopqrst");
    stand_hears(&stand, "GET", UPLOAD "1");
    hears_piece(UPLOAD "2", "10-19", "klmnopqrst");
    hears_piece(UPLOAD "3", "20-24", "uvwxy");
    hears_the_end(UPLOAD "4");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_after_some_tries_it_gives_up)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    for (int i = 0; i < 4; i++) {
        stand_gives(&stand, 416, "{}", "{}");
        stand_says(&stand, 204, "{}", UPLOAD "0");
    }
    must_be(send_it(&blob), -ERANGE);
    hears_the_beginning();
    for (int i = 0; i < 3; i++) {
        hears_piece(UPLOAD "0", "0-9", "abcdefghij");
        if (i < 2)
            stand_hears(&stand, "GET", UPLOAD "0");
    }
    stand_hears_no_more(&stand);
    ck_assert_int_eq(atomic_load(&result.state), PUSH_SENDING);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_what_will_not_pass_is_not_tried_again)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand_gives(&stand, 403, "{}",
                "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"no\"}]}");
    must_be(send_it(&blob), -EACCES);
    ck_assert_str_eq(e.msg, "denied: no");
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_a_registry_that_has_more_than_all_is_not_believed)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand_says(&stand, 416, "{}", NULL);
    stand_says(&stand, 204, "{\"range\": \"0-25\"}", UPLOAD "1");
    stand_says(&stand, 201, "{}", NULL);
    must_be(send_it(&blob), -EPROTO);
    ck_assert_str_eq(e.msg, "it has more than we sent");
    stand_close(&stand);
    /* All of it there may be. */
    blob = blob_to_send(&result);
    stand_says(&stand, 416, "{}", NULL);
    stand_says(&stand, 204, "{\"range\": \"0-24\"}", UPLOAD "1");
    stand_says(&stand, 201, "{}", NULL);
    must_be(send_it(&blob), 0);
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    stand_hears(&stand, "GET", UPLOAD "0");
    hears_the_end(UPLOAD "1");
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_6_who_does_not_say_how_far_it_is_ends_it)
{
    struct push_result result = {0};
    struct push_blob blob = blob_to_send(&result);
    stand_says(&stand, 416, "{}", NULL);
    stand_gives(&stand, 404, "{}", "{}");
    stand_says(&stand, 202, "{}", UPLOAD "1");
    must_be(send_it(&blob), -ENOENT);
    hears_the_beginning();
    hears_piece(UPLOAD "0", "0-9", "abcdefghij");
    stand_hears(&stand, "GET", UPLOAD "0");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_11_5_at_first_all_of_it_is_asked_for);
    tcase_add_test(tc, lab_11_5_later_only_what_is_missing);
    tcase_add_test(tc, lab_11_5_a_server_that_knows_no_ranges_begins_anew);
    tcase_add_test(tc, lab_11_5_bytes_from_another_place_are_not_taken);
    tcase_add_test(tc, lab_11_5_less_than_there_was_is_an_end_too_soon);
    tcase_add_test(tc, lab_11_5_what_is_cut_off_goes_on_where_it_was);
    tcase_add_test(tc, lab_11_6_each_piece_goes_where_the_last_answer_said);
    tcase_add_test(tc, lab_11_6_it_goes_on_from_where_the_registry_has_it);
    tcase_add_test(tc, lab_11_6_a_connection_that_breaks_costs_one_piece);
    tcase_add_test(tc, lab_11_6_after_some_tries_it_gives_up);
    tcase_add_test(tc, lab_11_6_what_will_not_pass_is_not_tried_again);
    tcase_add_test(tc,
                   lab_11_6_a_registry_that_has_more_than_all_is_not_believed);
    tcase_add_test(tc, lab_11_6_who_does_not_say_how_far_it_is_ends_it);
}

int main(void)
{
    return contract_main("blobs", add);
}
