/* From a name to a manifest, through indexes. */
#include "test_stand.h"

#include "manifests.h"
#include "media.h"

#define BASE "https://registry.example"
#define OCI "application/vnd.oci.image."

static struct stand stand;
static struct err e;

/* --- documents ------------------------------------------------------------ */

static const char manifest[] = "{\"schemaVersion\": 2, \"mediaType\": \"" OCI
                               "manifest.v1+json\", \"layers\": []}";

struct name {
    char s[DIGEST_SIZE];
};

static struct name digest(const char *text)
{
    struct name ret;
    digest_of(text, strlen(text), ret.s);
    return ret;
}

/* An index of one manifest, or index. Caller frees. */
static char *index_of(const char *architecture, const char *digest)
{
    return text_format("{\"schemaVersion\": 2, \"mediaType\": \"" OCI
                       "index.v1+json\", \"manifests\": [{\"digest\": \"%s\", "
                       "\"platform\": {\"os\": \"linux\", \"architecture\": "
                       "\"%s\"}}]}",
                       digest, architecture);
}

/* --- asking --------------------------------------------------------------- */

static void begin(void)
{
    stand_open(&stand, BASE);
    stand.options.tries = 1;
}

static void give(const char *document)
{
    stand_gives(&stand, 200, "{}", document);
}

/* The name is a tag, or a digest. */
static int get(const char *tag, const char *by_digest, struct manifests *ret)
{
    auto_ref struct ref ref = {
        .domain = own_strdup("registry.example"),
        .path = own_strdup("box"),
        .tag = tag != NULL ? own_strdup(tag) : NULL,
        .digest = by_digest != NULL ? own_strdup(by_digest) : NULL};
    struct platform platform;
    ck_assert_int_eq(platform_parse("linux/arm64", &platform, &e), 0);
    stand_ends(&stand);
    e = (struct err){0};
    return manifests_get(&stand.registry, &ref, &platform, ret, &e);
}

static void hears(const char *name)
{
    auto_free char *url = text_format(BASE "/v2/box/manifests/%s", name);
    stand_hears(&stand, "GET", url);
}

START_TEST(lab_11_7_a_tag_is_asked_for_and_its_digest_is_told)
{
    auto_manifests struct manifests m = {0};
    begin();
    give(manifest);
    must_be(get("1.0", NULL, &m), 0);
    ck_assert_str_eq(m.text.s, manifest);
    ck_assert_str_eq(m.digest, digest(manifest).s);
    ck_assert_str_eq(m.top, m.digest);
    ck_assert_str_eq(media_text(m.manifest, "mediaType"),
                     OCI "manifest.v1+json");
    hears("1.0");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_7_what_was_asked_for_by_its_digest_has_it)
{
    auto_manifests struct manifests m = {0};
    begin();
    give(manifest);
    must_be(get("1.0", digest(manifest).s, &m), 0);
    hears(digest(manifest).s);
    stand_hears_no_more(&stand);
    stand_close(&stand);
    auto_manifests struct manifests other = {0};
    begin();
    give(manifest);
    must_be(get(NULL, digest("another").s, &other), -EBADMSG);
    auto_free char *words = text_format(
        "manifest verification failed for digest %s", digest("another").s);
    ck_assert_str_eq(e.msg, words);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_7_an_index_leads_to_the_manifest_of_the_platform)
{
    auto_manifests struct manifests m = {0};
    auto_free char *index = index_of("arm64", digest(manifest).s);
    begin();
    give(index);
    give(manifest);
    must_be(get("1.0", NULL, &m), 0);
    ck_assert_str_eq(m.text.s, manifest);
    ck_assert_str_eq(m.digest, digest(manifest).s);
    ck_assert_str_eq(m.top, digest(index).s);
    hears("1.0");
    hears(digest(manifest).s);
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_7_what_an_index_leads_to_has_the_digest_it_says)
{
    auto_manifests struct manifests m = {0};
    auto_free char *index = index_of("arm64", digest("another").s);
    begin();
    give(index);
    give(manifest);
    must_be(get("1.0", digest(index).s, &m), -EBADMSG);
    hears(digest(index).s);
    hears(digest("another").s);
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_7_no_other_platform_s_manifest_is_taken)
{
    auto_manifests struct manifests m = {0};
    auto_free char *index = index_of("s390x", digest(manifest).s);
    begin();
    give(index);
    give(manifest);
    must_be(get("1.0", NULL, &m), -ENOENT);
    ck_assert_msg(text_starts(e.msg, "no matching manifest for linux/arm64"),
                  "%s", e.msg);
    hears("1.0");
    stand_hears_no_more(&stand);
    stand_close(&stand);
}
END_TEST

START_TEST(lab_11_7_an_index_cannot_name_what_is_no_digest)
{
    static const char *const names[] = {"sha256:../../../../v2/other/blobs/x",
                                        "latest", ""};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        auto_manifests struct manifests m = {0};
        auto_free char *index = index_of("arm64", names[i]);
        auto_free char *words = text_format("invalid digest \"%s\"", names[i]);
        begin();
        give(index);
        give(manifest);
        must_be(get("1.0", NULL, &m), -EBADMSG);
        ck_assert_str_eq(e.msg, words);
        hears("1.0");
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_7_indexes_lie_within_each_other_but_not_for_ever)
{
    for (int depth = MEDIA_MOST_INDEXES; depth <= MEDIA_MOST_INDEXES + 1;
         depth++) {
        auto_manifests struct manifests m = {0};
        auto_strv struct strv documents = {0};
        strv_add(&documents, manifest);
        for (int i = 0; i < depth; i++) {
            auto_free char *index = index_of("arm64", digest(documents.v[i]).s);
            strv_add(&documents, index);
        }
        begin();
        for (int i = depth; i >= 0; i--)
            give(documents.v[i]);
        must_be(get("deep", NULL, &m), depth > MEDIA_MOST_INDEXES ? -ELOOP : 0);
        hears("deep");
        for (int i = depth - 1; i >= (depth > MEDIA_MOST_INDEXES); i--)
            hears(digest(documents.v[i]).s);
        stand_hears_no_more(&stand);
        stand_close(&stand);
    }
}
END_TEST

START_TEST(lab_11_7_what_is_refused_is_told)
{
    auto_manifests struct manifests m = {0};
    begin();
    stand_gives(&stand, 404, "{}",
                "{\"errors\": [{\"code\": \"MANIFEST_UNKNOWN\", "
                "\"message\": \"no\"}]}");
    must_be(get("1.0", NULL, &m), -ENOENT);
    ck_assert_str_eq(e.msg, "manifest unknown: no");
    stand_close(&stand);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_11_7_a_tag_is_asked_for_and_its_digest_is_told);
    tcase_add_test(tc, lab_11_7_what_was_asked_for_by_its_digest_has_it);
    tcase_add_test(tc, lab_11_7_an_index_leads_to_the_manifest_of_the_platform);
    tcase_add_test(tc, lab_11_7_what_an_index_leads_to_has_the_digest_it_says);
    tcase_add_test(tc, lab_11_7_no_other_platform_s_manifest_is_taken);
    tcase_add_test(tc, lab_11_7_an_index_cannot_name_what_is_no_digest);
    tcase_add_test(tc, lab_11_7_indexes_lie_within_each_other_but_not_for_ever);
    tcase_add_test(tc, lab_11_7_what_is_refused_is_told);
}

int main(void)
{
    return contract_main("manifests", add);
}
