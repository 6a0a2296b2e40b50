/* The store: what is imported can be found, and goes again. */
#include "test_image.h"

#include "digest.h"
#include "files.h"

static int change(void *arg, json_t *config, struct err *e)
{
    (void)arg;
    (void)e;
    json_object_set_new(config, "Cmd", json_pack("[s]", "sh"));
    return json_object_set_new(config, "Env", json_pack("[s]", "A=b"));
}

START_TEST(an_import_is_found_by_name_and_id)
{
    scratch_enter();
    char id[72];
    ck_assert_int_eq(import("hello", "web/X", id), -EINVAL);
    must(import("hello", "web:v1", id));
    ck_assert(is_whole("web:v1", "hello"));
    ck_assert(is_whole("docker.io/library/web:v1", "hello"));
    ck_assert(is_whole(id, "hello"));
    ck_assert(is_whole(id + strlen("sha256:"), "hello"));
    id[strlen("sha256:") + 12] = '\0';
    ck_assert(is_whole(id, "hello"));
    ck_assert(is_whole(id + strlen("sha256:"), "hello"));
    ck_assert(!is_whole("web", "hello"));
    ck_assert_int_eq(why.code, ENOENT);
    ck_assert_str_eq(why.msg, "No such image: web:latest");
    ck_assert(!is_whole("Web", "hello"));
    ck_assert_int_eq(why.code, EINVAL);
}
END_TEST

START_TEST(configuration_and_manifest_are_as_oci_wants_them)
{
    scratch_enter();
    setenv("SOURCE_DATE_EPOCH", "1000000000", 1);
    auto_image_store struct image_store store = {.root = -1};
    must(image_store_open(&store, ROOT, &why));
    struct tarball t = pack("x");
    tarball_pack(&t, "gzip");
    struct image_import what = {.source = tarball_source(&t),
                                .name = "x",
                                .change = change,
                                .message = "made for a test"};
    char id[72];
    must(image_import(&store, &what, id, &why));
    auto_image struct image image = {0};
    must(image_find(&store, "x", &image, &why));
    ck_assert_int_eq(image.created.tv_sec, 1000000000);
    ck_assert_str_eq(image.id, id);
    ck_assert_uint_eq(image.names.n, 1);
    ck_assert_str_eq(image.names.v[0], "x:latest");
    const char *created, *os, *cmd, *env, *type, *comment, *diff_id;
    ck_assert_int_eq(
        json_unpack(image.config,
                    "{s:s, s:s, s:{s:[s], s:[s]}, s:{s:s, s:[s]}, s:[{s:s}]}",
                    "created", &created, "os", &os, "config", "Cmd", &cmd,
                    "Env", &env, "rootfs", "type", &type, "diff_ids", &diff_id,
                    "history", "comment", &comment),
        0);
    ck_assert_str_eq(created, "2001-09-09T01:46:40Z");
    ck_assert_str_eq(os, "linux");
    ck_assert_str_eq(cmd, "sh");
    ck_assert_str_eq(env, "A=b");
    ck_assert_str_eq(type, "layers");
    ck_assert_str_eq(comment, "made for a test");
    auto_text struct text manifest = {0};
    auto_free char *path =
        text_format("images/blobs/sha256/%s", digest_hex(image.digest));
    must(files_read(store.root, path, &manifest, &why));
    ck_assert_ptr_nonnull(
        strstr(manifest.s, "application/vnd.oci.image.layer.v1.tar+gzip"));
    free(t.bytes);
}
END_TEST

static int check_blob(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st;
    if (type != FTW_F)
        return 0;
    auto_text struct text bytes = {0};
    char digest[DIGEST_SIZE];
    must(files_read(AT_FDCWD, path, &bytes, &why));
    digest_of(bytes.s, bytes.len, digest);
    ck_assert_str_eq(digest_hex(digest), path + at->base);
    return 0;
}

START_TEST(blobs_are_named_by_their_digest_and_layers_by_the_tars)
{
    static const char *const filters[] = {NULL, "gzip", "xz", "zstd"};
    scratch_enter();
    auto_image_store struct image_store store = {.root = -1};
    must(image_store_open(&store, ROOT, &why));
    char diff_id[DIGEST_SIZE];
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        struct tarball t = pack("the same content");
        digest_of(t.bytes, t.len, diff_id);
        if (i > 0)
            tarball_pack(&t, filters[i]);
        struct image_import what = {.source = tarball_source(&t)};
        char id[72];
        must(image_import(&store, &what, id, &why));
        ck_assert(is_whole(id, "the same content"));
        free(t.bytes);
    }
    auto_free char *layer =
        text_format(ROOT "/layers/%s/diff/f", digest_hex(diff_id));
    ck_assert_int_eq(access(layer, F_OK), 0);
    ck_assert_int_eq(count_entries(ROOT "/layers"), 1);
    /* Four manifests and configurations; the plain tar, gzip's, zstd's. */
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 11);
    ck_assert_int_eq(nftw(ROOT "/images/blobs/sha256", check_blob, 8, 0), 0);
    ck_assert_uint_eq(count_images(), 4);
}
END_TEST

START_TEST(removing_says_what_docker_says)
{
    scratch_enter();
    char id[72];
    must(import("a", "a", id));
    auto_strv struct strv said = {0};
    must(remove_image("a", &said));
    ck_assert_uint_eq(said.n, 3);
    ck_assert_str_eq(said.v[0], "Untagged: a:latest");
    auto_free char *deleted = text_format("Deleted: %s", id);
    ck_assert_str_eq(said.v[1], deleted);
    ck_assert(text_starts(said.v[2], "Deleted: sha256:"));
    nothing_left();
    ck_assert_int_eq(remove_image("a", NULL), -ENOENT);
    ck_assert_str_eq(why.msg, "No such image: a:latest");
}
END_TEST

START_TEST(what_others_share_stays)
{
    scratch_enter();
    must(import("same", "a", NULL));
    must(import("same", "b", NULL));
    must(import("other", "c", NULL));
    ck_assert_int_eq(count_entries(ROOT "/layers"), 2);
    auto_strv struct strv said = {0};
    must(remove_image("a", &said));
    ck_assert_uint_eq(said.n, 2); /* untagged and deleted, but no layer */
    ck_assert(is_whole("b", "same"));
    must(remove_image("b", NULL));
    ck_assert_int_eq(count_entries(ROOT "/layers"), 1);
    ck_assert(is_whole("c", "other"));
    must(remove_image("c", NULL));
    nothing_left();
}
END_TEST

START_TEST(what_an_image_needs_is_known_or_nothing_is_removed)
{
    scratch_enter();
    char id[72];
    must(import("a", "a", id));
    must(import("b", "b", NULL));
    must(remove_image("b", NULL));
    ck_assert(is_whole("a", "a"));
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 3);
    /* Which layers does it have? Whoever does not know removes none. */
    must(import("b", "b", NULL));
    auto_free char *config =
        text_format(ROOT "/images/blobs/sha256/%s", digest_hex(id));
    ck_assert_int_eq(truncate(config, 1), 0);
    ck_assert_int_eq(remove_image("b", NULL), -EBADMSG);
    ck_assert_int_eq(count_entries(ROOT "/layers"), 2);
    must(remove_image("a", NULL));
    nothing_left();
}
END_TEST

START_TEST(a_name_that_moves_leaves_its_image_unnamed)
{
    scratch_enter();
    char old[72];
    must(import("old", "a", old));
    must(import("new", "a", NULL));
    ck_assert_uint_eq(count_images(), 2);
    ck_assert(is_whole("a", "new"));
    ck_assert(is_whole(old, "old"));
    must(remove_image(old, NULL));
    ck_assert_uint_eq(count_images(), 1);
    ck_assert(is_whole("a", "new"));
}
END_TEST

START_TEST(an_id_with_several_names_needs_force)
{
    scratch_enter();
    setenv("SOURCE_DATE_EPOCH", "1", 1);
    char id[72];
    must(import("x", "a", id));
    must(import("x", "b", NULL));
    ck_assert_uint_eq(count_images(), 1);
    ck_assert_int_eq(remove_image(id, NULL), -EBUSY);
    ck_assert(is_whole("a", "x"));
    auto_strv struct strv said = {0};
    must(remove_image("a", &said));
    ck_assert_uint_eq(said.n, 1);
    ck_assert(is_whole("b", "x"));
    must(import("x", "a", NULL));
    auto_image_store struct image_store store = {.root = -1};
    must(image_store_open(&store, ROOT, &why));
    must(image_remove(&store, id, 1, &said, &why));
    nothing_left();
}
END_TEST

START_TEST(a_short_id_must_be_unique)
{
    scratch_enter();
    /* Sixteen digits for seventeen images: two begin alike. */
    char ids[17][72] = {{0}};
    bool seen[256] = {false};
    int alike = -1;
    for (int i = 0; i < 17; i++) {
        char content[8];
        snprintf(content, sizeof content, "%d", i);
        must(import(content, NULL, ids[i]));
        unsigned char first = (unsigned char)ids[i][strlen("sha256:")];
        if (seen[first])
            alike = first;
        seen[first] = true;
    }
    char prefix[] = {(char)alike, '\0'};
    auto_image_store struct image_store store = {.root = -1};
    auto_image struct image image = {0};
    must(image_store_open(&store, ROOT, &why));
    ck_assert_int_eq(image_find(&store, prefix, &image, &why), -ENOTUNIQ);
}
END_TEST

START_TEST(a_damaged_store_is_told_and_harms_nobody)
{
    scratch_enter();
    must(import("a", "a", NULL));
    static const char *const damaged[] = {"", "[]", "{", "{\"x\": 1}",
                                          "{\"x\": \"sha256:../../x\"}"};
    auto_image_store struct image_store store = {.root = -1};
    must(image_store_open(&store, ROOT, &why));
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        must(files_replace(store.root, "images/names.json", damaged[i],
                           strlen(damaged[i]), 0, &why));
        auto_image struct image image = {0};
        ck_assert_int_eq(image_find(&store, "a", &image, &why), -EBADMSG);
        ck_assert_int_eq(import("b", "b", NULL), -EBADMSG);
        ck_assert_int_eq(remove_image("a", NULL), -EBADMSG);
    }
    ck_assert_int_eq(count_entries(ROOT "/layers"), 1);
}
END_TEST

START_TEST(an_image_that_lost_a_blob_can_still_be_removed)
{
    scratch_enter();
    char id[72];
    must(import("a", "a", id));
    must(import("b", "b", NULL));
    auto_free char *config =
        text_format(ROOT "/images/blobs/sha256/%s", digest_hex(id));
    ck_assert_int_eq(unlink(config), 0);
    ck_assert(!is_whole("a", "a"));
    ck_assert_uint_eq(count_images(), 1);
    must(remove_image("a", NULL));
    ck_assert(is_whole("b", "b"));
    must(remove_image("b", NULL));
    nothing_left();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, an_import_is_found_by_name_and_id);
    tcase_add_test(tc, configuration_and_manifest_are_as_oci_wants_them);
    tcase_add_test(tc, blobs_are_named_by_their_digest_and_layers_by_the_tars);
    tcase_add_test(tc, removing_says_what_docker_says);
    tcase_add_test(tc, what_others_share_stays);
    tcase_add_test(tc, what_an_image_needs_is_known_or_nothing_is_removed);
    tcase_add_test(tc, a_name_that_moves_leaves_its_image_unnamed);
    tcase_add_test(tc, an_id_with_several_names_needs_force);
    tcase_add_test(tc, a_short_id_must_be_unique);
    tcase_add_test(tc, a_damaged_store_is_told_and_harms_nobody);
    tcase_add_test(tc, an_image_that_lost_a_blob_can_still_be_removed);
}

int main(void)
{
    return contract_main("image", add);
}
