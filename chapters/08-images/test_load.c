/* Loading: an archive of two layers, made here, whole and not so. */
#include "test_image.h"

#include "digest.h"

enum { LAYERS = 2 };

/* As `docker save` wrote it: a configuration, layers, a list of their paths. */
struct archive_of_two {
    struct tarball layers[LAYERS], whole;
    char diff_ids[LAYERS][DIGEST_SIZE];
};

static void make_layers(struct archive_of_two *a)
{
    static const char *const names[LAYERS] = {"below", "above"};
    for (size_t i = 0; i < LAYERS; i++) {
        struct tarball *layer = &a->layers[i];
        tarball_begin(layer);
        tarball_add(layer,
                    &(struct tarball_file){.name = "f", .data = names[i]});
        tarball_add(layer, &(struct tarball_file){.name = names[i]});
        tarball_end(layer);
        digest_of(layer->bytes, layer->len, a->diff_ids[i]);
    }
}

/* The configuration says that the layers have these diff ids. */
static void make_archive(struct archive_of_two *a, const char *const ids[])
{
    auto_free char *config = text_format(
        "{\"os\": \"linux\", \"rootfs\": {\"type\": \"layers\", \"diff_ids\": "
        "[\"%s\", \"%s\"]}}",
        ids[0], ids[1]);
    tarball_begin(&a->whole);
    for (size_t i = 0; i < LAYERS; i++)
        tarball_add(&a->whole,
                    &(struct tarball_file){.name = i == 0 ? "0.tar" : "1.tar",
                                           .data = a->layers[i].bytes,
                                           .size = a->layers[i].len});
    tarball_add(&a->whole,
                &(struct tarball_file){.name = "c.json", .data = config});
    tarball_add(&a->whole,
                &(struct tarball_file){
                    .name = "manifest.json",
                    .data =
                        "[{\"Config\": \"c.json\", \"RepoTags\": [\"two:1\"],"
                        " \"Layers\": [\"0.tar\", \"1.tar\"]}]"});
    tarball_end(&a->whole);
}

static int load_whole(struct archive_of_two *a)
{
    auto_image_store struct image_store store = {.root = -1};
    auto_strv struct strv said = {0};
    struct image_load what = {.source = tarball_source(&a->whole),
                              .said = &said};
    int r = image_store_open(&store, ROOT, &why);
    if (r == 0)
        r = image_load(&store, &what, &why);
    free(a->whole.bytes);
    return r;
}

static int load(struct archive_of_two *a, const char *const ids[])
{
    make_archive(a, ids);
    return load_whole(a);
}

static void release(struct archive_of_two *a)
{
    for (size_t i = 0; i < LAYERS; i++)
        free(a->layers[i].bytes);
}

START_TEST(layers_are_stacked_in_the_configurations_order)
{
    scratch_enter();
    struct archive_of_two a;
    make_layers(&a);
    must(load(&a, (const char *[]){a.diff_ids[0], a.diff_ids[1]}));
    auto_image_store struct image_store store = {.root = -1};
    auto_image struct image image = {0};
    must(image_store_open(&store, ROOT, &why));
    must(image_find(&store, "two:1", &image, &why));
    ck_assert_uint_eq(image.layers.n, LAYERS);
    ck_assert_ptr_nonnull(strstr(image.layers.v[0], digest_hex(a.diff_ids[1])));
    ck_assert_ptr_nonnull(strstr(image.layers.v[1], digest_hex(a.diff_ids[0])));
    ck_assert_uint_eq(image.size, 2 * strlen("below"));
    release(&a);
}
END_TEST

START_TEST(lab_8_4_a_layer_is_what_the_configuration_says_or_nothing_is)
{
    scratch_enter();
    struct archive_of_two a;
    make_layers(&a);
    /* The right layers, but one of them twice. */
    ck_assert_int_eq(load(&a, (const char *[]){a.diff_ids[0], a.diff_ids[0]}),
                     -EBADMSG);
    auto_free char *expected =
        text_format("invalid diffID for layer 1: expected \"%s\", got \"%s\"",
                    a.diff_ids[0], a.diff_ids[1]);
    ck_assert_str_eq(why.msg, expected);
    ck_assert_uint_eq(count_images(), 0);
    nothing_left();
    must(load(&a, (const char *[]){a.diff_ids[0], a.diff_ids[1]}));
    ck_assert_uint_eq(count_images(), 1);
    release(&a);
}
END_TEST

START_TEST(lab_8_4_the_order_of_layers_counts)
{
    scratch_enter();
    struct archive_of_two a;
    make_layers(&a);
    ck_assert_int_eq(load(&a, (const char *[]){a.diff_ids[1], a.diff_ids[0]}),
                     -EBADMSG);
    /* Whichever of the two is looked at first. */
    ck_assert_ptr_nonnull(strstr(why.msg, "invalid diffID for layer "));
    nothing_left();
    release(&a);
}
END_TEST

/* The manifest is right about what is packed, the configuration about what
 * is in it. */
START_TEST(lab_8_4_a_packed_layer_has_two_digests)
{
    scratch_enter();
    struct archive_of_two a;
    make_layers(&a);
    for (size_t i = 0; i < LAYERS; i++)
        tarball_pack(&a.layers[i], "gzip");
    must(load(&a, (const char *[]){a.diff_ids[0], a.diff_ids[1]}));
    ck_assert_uint_eq(count_images(), 1);
    release(&a);
}
END_TEST

static void add_blob(struct tarball *archive, const char *digest,
                     const void *bytes, size_t len)
{
    auto_free char *name = text_format("blobs/sha256/%s", digest_hex(digest));
    tarball_add(archive, &(struct tarball_file){
                             .name = name, .data = bytes, .size = len});
}

/* An archive as OCI has it, of the first layer. The manifest calls it `said`.
 */
static void make_oci(struct archive_of_two *a, const char *said)
{
    char config_digest[DIGEST_SIZE], manifest_digest[DIGEST_SIZE];
    auto_free char *config = text_format(
        "{\"os\": \"linux\", \"rootfs\": {\"type\": \"layers\", \"diff_ids\": "
        "[\"%s\"]}}",
        a->diff_ids[0]);
    digest_of(config, strlen(config), config_digest);
    auto_free char *manifest = text_format(
        "{\"schemaVersion\": 2, \"config\": {\"mediaType\": "
        "\"application/vnd.oci.image.config.v1+json\", \"digest\": \"%s\", "
        "\"size\": %zu}, \"layers\": [{\"mediaType\": "
        "\"application/vnd.oci.image.layer.v1.tar\", \"digest\": \"%s\", "
        "\"size\": %zu}]}",
        config_digest, strlen(config), said, a->layers[0].len);
    digest_of(manifest, strlen(manifest), manifest_digest);
    auto_free char *index = text_format(
        "{\"schemaVersion\": 2, \"manifests\": [{\"mediaType\": "
        "\"application/vnd.oci.image.manifest.v1+json\", \"digest\": \"%s\", "
        "\"size\": %zu, \"annotations\": {\"io.containerd.image.name\": "
        "\"docker.io/library/two:1\"}}]}",
        manifest_digest, strlen(manifest));
    tarball_begin(&a->whole);
    tarball_add(&a->whole, &(struct tarball_file){
                               .name = "oci-layout",
                               .data = "{\"imageLayoutVersion\": \"1.0.0\"}"});
    tarball_add(&a->whole,
                &(struct tarball_file){.name = "index.json", .data = index});
    add_blob(&a->whole, manifest_digest, manifest, strlen(manifest));
    add_blob(&a->whole, config_digest, config, strlen(config));
    add_blob(&a->whole, said, a->layers[0].bytes, a->layers[0].len);
    tarball_end(&a->whole);
}

START_TEST(lab_8_4_a_blob_is_what_the_manifest_says)
{
    scratch_enter();
    struct archive_of_two a;
    make_layers(&a);
    for (int wrong = 1; wrong >= 0; wrong--) {
        make_oci(&a, a.diff_ids[wrong]);
        int r = load_whole(&a);
        ck_assert_msg(r == (wrong ? -EBADMSG : 0), "%d: %s", r, why.msg);
        ck_assert_uint_eq(count_images(), wrong ? 0 : 1);
    }
    release(&a);
}
END_TEST

START_TEST(a_layer_is_called_by_all_up_to_it)
{
    scratch_enter();
    struct archive_of_two a;
    char chain[DIGEST_SIZE];
    make_layers(&a);
    must(load(&a, (const char *[]){a.diff_ids[0], a.diff_ids[1]}));
    auto_free char *both = text_format("%s %s", a.diff_ids[0], a.diff_ids[1]);
    digest_of(both, strlen(both), chain);
    auto_strv struct strv said = {0};
    must(remove_image("two:1", &said));
    ck_assert_uint_eq(said.n, 4);
    auto_free char *upper = text_format("Deleted: %s", chain);
    auto_free char *lower = text_format("Deleted: %s", a.diff_ids[0]);
    ck_assert_str_eq(said.v[0], "Untagged: two:1");
    ck_assert_str_eq(said.v[2], upper);
    ck_assert_str_eq(said.v[3], lower);
    nothing_left();
    release(&a);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, layers_are_stacked_in_the_configurations_order);
    tcase_add_test(
        tc, lab_8_4_a_layer_is_what_the_configuration_says_or_nothing_is);
    tcase_add_test(tc, lab_8_4_the_order_of_layers_counts);
    tcase_add_test(tc, lab_8_4_a_packed_layer_has_two_digests);
    tcase_add_test(tc, lab_8_4_a_blob_is_what_the_manifest_says);
    tcase_add_test(tc, a_layer_is_called_by_all_up_to_it);
}

int main(void)
{
    return contract_main("load", add);
}
