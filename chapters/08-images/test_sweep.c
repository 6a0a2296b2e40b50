/* Names, garbage and the moment of publishing, each by itself: a store that is
 * made by hand, file by file. */
#include "test_image.h"

#include "digest.h"
#include "fault.h"
#include "files.h"
#include "ref.h"
#include "store.h"

#define M1                                                                     \
    "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define M2                                                                     \
    "sha256:2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_3 "3333333333333333333333333333333333333333333333333333333333333333"

static const char *leads_to(const json_t *names, const char *key)
{
    return json_string_value(json_object_get(names, key));
}

/* --- 8.1: names in memory --------------------------------------------------
 */

START_TEST(lab_8_1_a_name_is_kept_whole_and_moves)
{
    json_auto_t *names = json_object();
    must(store_set_name(names, "web", M1, &why));
    ck_assert_str_eq(leads_to(names, "docker.io/library/web:latest"), M1);
    ck_assert_uint_eq(json_object_size(names), 1);
    /* The image that loses its only name stays, under its digest. */
    must(store_set_name(names, "web:latest", M2, &why));
    ck_assert_str_eq(leads_to(names, "docker.io/library/web:latest"), M2);
    ck_assert_str_eq(leads_to(names, M1), M1);
    ck_assert_uint_eq(json_object_size(names), 2);
    /* The same once more changes nothing. */
    must(store_set_name(names, "web", M2, &why));
    ck_assert_uint_eq(json_object_size(names), 2);
}
END_TEST

START_TEST(lab_8_1_under_its_digest_only_while_it_has_no_name)
{
    json_auto_t *names = json_object();
    must(store_set_name(names, NULL, M1, &why));
    ck_assert_str_eq(leads_to(names, M1), M1);
    must(store_set_name(names, "a", M1, &why));
    ck_assert_ptr_null(leads_to(names, M1));
    /* With a second name it needs no keeping when the first one goes. */
    must(store_set_name(names, "b", M1, &why));
    must(store_set_name(names, "a", M2, &why));
    ck_assert_ptr_null(leads_to(names, M1));
    ck_assert_str_eq(leads_to(names, "docker.io/library/b:latest"), M1);
}
END_TEST

START_TEST(lab_8_1_what_is_no_name_changes_nothing)
{
    json_auto_t *names = json_object();
    must(store_set_name(names, NULL, M1, &why));
    ck_assert_int_eq(store_set_name(names, "Web", M1, &why), -EINVAL);
    ck_assert_int_eq(store_set_name(names, "a:b:c", M1, &why), -EINVAL);
    ck_assert_uint_eq(json_object_size(names), 1);
    ck_assert_str_eq(leads_to(names, M1), M1);
}
END_TEST

/* --- 8.2 and 8.5: sweeping -------------------------------------------------
 */

static void open_store(struct image_store *store)
{
    scratch_enter();
    must(image_store_open(store, ROOT, &why));
    auto_fd int lock = store_lock(store, &why); /* makes the directories */
    must(lock);
}

static void put_file(const char *path)
{
    must(files_replace(AT_FDCWD, path, "x", 1, 0, &why));
}

static void put_layer(const char *hex)
{
    auto_free char *path = text_format(ROOT "/layers/%s/diff/d", hex);
    must(files_mkdirs(AT_FDCWD, path, 0755, &why));
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

START_TEST(lab_8_2_what_nothing_leads_to_goes)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    json_auto_t *none = json_object();
    put_layer(HEX_3);
    put_file(ROOT "/images/blobs/sha256/" HEX_3);
    put_file(ROOT "/images/names.json.new17");
    must(store_sweep(&store, none, &why));
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
    ck_assert(!is_there(ROOT "/images/blobs/sha256/" HEX_3));
    ck_assert(!is_there(ROOT "/images/names.json.new17"));
}
END_TEST

START_TEST(lab_8_2_what_is_not_ours_stays)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    json_auto_t *none = json_object();
    put_file(ROOT "/images/names.jso");
    put_file(ROOT "/images/other.json.new1");
    put_file(ROOT "/images/blobs/sha256/.hidden");
    must(store_sweep(&store, none, &why));
    ck_assert(is_there(ROOT "/images/names.jso"));
    ck_assert(is_there(ROOT "/images/other.json.new1"));
    ck_assert(is_there(ROOT "/images/blobs/sha256/.hidden"));
}
END_TEST

/* Kept by a step of a build, since who keeps an image is another exercise. */
START_TEST(lab_8_2_what_is_alive_stays)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    static const char steps[] =
        "{\"" HEX_3 "\": {\"id\": \"" M1 "\", \"manifest\": \"" M1
        "\", \"needs\": [\"" HEX_3 "\"], \"inputs\": {}, \"size\": 1, "
        "\"created\": 1, \"used\": 1, \"count\": 1}}";
    must(files_replace(AT_FDCWD, ROOT "/images/steps.json", steps,
                       strlen(steps), 0, &why));
    json_auto_t *none = json_object();
    put_layer(HEX_3);
    put_file(ROOT "/images/blobs/sha256/" HEX_3);
    for (int c = 'a'; c <= 'f'; c++) {
        auto_free char *path =
            text_format(ROOT "/images/blobs/sha256/%c" HEX_3, c);
        put_file(path);
    }
    must(store_sweep(&store, none, &why));
    ck_assert(is_there(ROOT "/layers/" HEX_3));
    ck_assert(is_there(ROOT "/images/blobs/sha256/" HEX_3));
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 1);
}
END_TEST

START_TEST(lab_8_2_no_descriptor_is_left_and_the_first_error_ends_it)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    json_auto_t *none = json_object();
    must(store_sweep(&store, none, &why));
    auto_fd int before = open("/", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 5; i++)
        must(store_sweep(&store, none, &why));
    auto_fd int after = open("/", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(after, before + 1);
    /* A directory is no blob: unlink(2) refuses it. */
    ck_assert_int_eq(mkdir(ROOT "/images/blobs/sha256/dir", 0755), 0);
    ck_assert_int_lt(store_sweep(&store, none, &why), 0);
    ck_assert_ptr_nonnull(strstr(why.msg, "remove dir"));
}
END_TEST

/* A manifest, a configuration and a layer, written by hand, and nothing else.
 */
struct hand_made {
    char manifest[DIGEST_SIZE], config[DIGEST_SIZE];
};
static void make_image(const struct image_store *store, struct hand_made *ret)
{
    size_t size;
    json_auto_t *config = json_pack("{s:{s:s, s:[s]}}", "rootfs", "type",
                                    "layers", "diff_ids", "sha256:" HEX_3);
    must(store_put(store, config, ret->config, &size, &why));
    json_t *layers = json_array();
    json_array_append_new(layers, store_layer(LAYER_PLAIN, M1, 1));
    json_auto_t *manifest = store_manifest(ret->config, size, layers);
    must(store_put(store, manifest, ret->manifest, &size, &why));
    put_file(ROOT "/images/blobs/sha256/"
                  "1111111111111111111111111111111111111111111111111111111111"
                  "111111");
    put_layer(HEX_3);
}

START_TEST(lab_8_5_all_that_an_image_needs_stays)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    struct hand_made image;
    make_image(&store, &image);
    json_auto_t *names = json_pack("{s:s}", "a", image.manifest);
    json_auto_t *none = json_object();
    must(store_sweep(&store, names, &why));
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 3);
    ck_assert(is_there(ROOT "/layers/" HEX_3 "/diff/d"));
    must(store_sweep(&store, none, &why));
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 0);
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
}
END_TEST

START_TEST(lab_8_5_whoever_cannot_read_it_removes_nothing)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    struct hand_made image;
    make_image(&store, &image);
    json_auto_t *names = json_pack("{s:s}", "a", image.manifest);
    put_file(ROOT "/images/blobs/sha256/" HEX_3);
    const char *damaged[] = {image.config, image.manifest};
    for (size_t i = 0; i < 2; i++) {
        auto_free char *path =
            text_format(ROOT "/images/blobs/sha256/%s", digest_hex(damaged[i]));
        ck_assert_int_eq(truncate(path, 1), 0);
        ck_assert_int_eq(store_sweep(&store, names, &why), -EBADMSG);
        ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 4);
        ck_assert(is_there(ROOT "/layers/" HEX_3));
    }
}
END_TEST

START_TEST(lab_8_5_a_manifest_that_is_gone_needs_nothing)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    json_auto_t *names = json_pack("{s:s}", "a", M2);
    put_layer(HEX_3);
    must(store_sweep(&store, names, &why));
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
}
END_TEST

/* --- 8.3: publishing -------------------------------------------------------
 */

static int put_name(void *arg, json_t *names, struct err *e)
{
    json_object_set_new(names, arg, json_string(M2));
    (void)e;
    return 0;
}

static int put_and_fail(void *arg, json_t *names, struct err *e)
{
    put_name(arg, names, NULL);
    put_layer(HEX_3);
    return err_set(e, ENOSPC, "no room");
}

START_TEST(lab_8_3_names_are_written_when_all_is_there)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    char first[] = "one", second[] = "two";
    must(store_publish(&store, put_name, first, &why));
    must(store_publish(&store, put_name, second, &why));
    json_auto_t *names = NULL;
    must(store_read_names(&store, &names, &why));
    ck_assert_uint_eq(json_object_size(names), 2);
    ck_assert_str_eq(leads_to(names, first), M2);
    /* And its lock is free again. */
    auto_fd int lock = store_lock(&store, &why);
    must(lock);
}
END_TEST

START_TEST(lab_8_3_where_put_fails_the_disk_is_as_before)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    char first[] = "one", second[] = "two";
    must(store_publish(&store, put_name, first, &why));
    ck_assert_int_eq(store_publish(&store, put_and_fail, second, &why),
                     -ENOSPC);
    ck_assert_str_eq(why.msg, "no room");
    json_auto_t *names = NULL;
    must(store_read_names(&store, &names, &why));
    ck_assert_uint_eq(json_object_size(names), 1);
    ck_assert_str_eq(leads_to(names, first), M2);
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
}
END_TEST

/* An image that is whole, and has a name, and then there is no more room. */
static int put_image_and_fail(void *arg, json_t *names, struct err *e)
{
    struct hand_made image;
    make_image(arg, &image);
    json_object_set_new(names, "new", json_string(image.manifest));
    return err_set(e, ENOSPC, "no room");
}

START_TEST(lab_8_3_what_counts_are_the_names_on_the_disk)
{
    auto_image_store struct image_store store = {.root = -1};
    open_store(&store);
    ck_assert_int_eq(store_publish(&store, put_image_and_fail, &store, &why),
                     -ENOSPC);
    ck_assert_int_eq(count_entries(ROOT "/images/blobs/sha256"), 0);
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
}
END_TEST

START_TEST(lab_8_3_what_a_killed_one_left_goes_first)
{
    auto_image_store struct image_store store = {.root = -1};
    char first[] = "one", second[] = "two";
    open_store(&store);
    put_layer(HEX_3);
    must(store_publish(&store, put_name, first, &why));
    ck_assert(!is_there(ROOT "/layers/" HEX_3));
    /* What cannot be removed is no reason to refuse an image. */
    ck_assert_int_eq(mkdir(ROOT "/images/blobs/sha256/dir", 0755), 0);
    must(store_publish(&store, put_name, second, &why));
}
END_TEST

/* Layers, blobs, the new file of names, and the directory of that. */
START_TEST(lab_8_3_all_is_synced_and_the_names_last)
{
    auto_image_store struct image_store store = {.root = -1};
    char name[] = "one";
    open_store(&store);
    for (int n = 1; n <= 4; n++) {
        json_auto_t *names = NULL;
        auto_free char *fault = text_format("fsync:%d:EIO", n);
        must(fault_open(fault, &why));
        ck_assert_int_eq(store_publish(&store, put_name, name, &why), -EIO);
        must(store_read_names(&store, &names, &why));
        ck_assert_uint_eq(json_object_size(names), n < 4 ? 0 : 1);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_8_1_a_name_is_kept_whole_and_moves);
    tcase_add_test(tc, lab_8_1_under_its_digest_only_while_it_has_no_name);
    tcase_add_test(tc, lab_8_1_what_is_no_name_changes_nothing);
    tcase_add_test(tc, lab_8_2_what_nothing_leads_to_goes);
    tcase_add_test(tc, lab_8_2_what_is_not_ours_stays);
    tcase_add_test(tc, lab_8_2_what_is_alive_stays);
    tcase_add_test(tc, lab_8_3_what_counts_are_the_names_on_the_disk);
    tcase_add_test(tc, lab_8_3_what_a_killed_one_left_goes_first);
    tcase_add_test(tc, lab_8_3_all_is_synced_and_the_names_last);
    tcase_add_test(tc,
                   lab_8_2_no_descriptor_is_left_and_the_first_error_ends_it);
    tcase_add_test(tc, lab_8_5_all_that_an_image_needs_stays);
    tcase_add_test(tc, lab_8_5_whoever_cannot_read_it_removes_nothing);
    tcase_add_test(tc, lab_8_5_a_manifest_that_is_gone_needs_nothing);
    tcase_add_test(tc, lab_8_3_names_are_written_when_all_is_there);
    tcase_add_test(tc, lab_8_3_where_put_fails_the_disk_is_as_before);
}

int main(void)
{
    return contract_main("sweep", add);
}
