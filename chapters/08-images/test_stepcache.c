/* Images that are steps of a build: found by what went into them, kept without
 * a name, forgotten by a prune. */
#include "files.h"
#include "stepcache.h"
#include "test_image.h"

static struct image_store store;

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void set_up(char id[72])
{
    scratch_enter();
    must(import("content", "base", id));
    must(image_store_open(&store, ROOT, &why));
}

static int pack_one(void *arg, const struct pack_options *out,
                    struct pack_size *ret, struct err *e)
{
    struct stat st = {.st_mode = S_IFREG | 0644};
    auto_text struct text text = {0};
    text_add(&text, arg);
    struct pack *pack = pack_open(out);
    int r = pack_put_text(pack, "step", &st, &text, e);
    *ret = pack_size(pack);
    return pack_close(pack, r, e);
}

/* A step above the base, with a layer. */
static void add_layer(const char *key, char *content, char ret_id[72])
{
    auto_image struct image base = {0};
    must(image_find(&store, "base", &base, &why));
    json_auto_t *inputs = json_pack("{s:s}", "instruction", content);
    json_auto_t *config = json_object();
    struct image_step step = {key, inputs, NULL};
    struct image_commit what = {
        .base = &base,
        .pack = pack_one,
        .arg = content,
        .config = config,
        .created_by = content,
        .step = &step,
    };
    must(image_commit(&store, &what, ret_id, &why));
}

/* A step above that, without one. */
static void add_empty(const char *key, const char *id, char ret_id[72])
{
    auto_image struct image base = {0};
    auto_image_draft struct image_draft draft = {.config = NULL};
    must(image_find(&store, id, &base, &why));
    must(image_draft_open(&store, &base, &draft, &why));
    struct image_draft_step step = {.created_by = "LABEL a=b",
                                    .created = image_draft_created(&draft)};
    image_draft_add(&draft, &step);
    image_draft_seal(&draft);
    json_auto_t *inputs = json_object();
    struct image_step new = {key, inputs, &draft};
    must(stepcache_put(&store, &new, 1, &why));
    memcpy(ret_id, draft.id, 72);
}

static bool is_there(const char *id)
{
    auto_image struct image image = {0};
    return image_find(&store, id, &image, NULL) == 0;
}

START_TEST(a_step_is_found_by_its_id_and_in_no_list)
{
    char base[72], step[72], above[72];
    set_up(base);
    add_layer(KEY_A, (char[]){"one"}, step);
    add_empty(KEY_B, step, above);
    json_auto_t *steps = NULL;
    must(stepcache_read(&store, &steps, &why));
    ck_assert_uint_eq(json_object_size(steps), 2);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_object_get(steps, KEY_A), "id")),
        step);
    auto_image struct image image = {0};
    must(image_find(&store, above, &image, &why));
    ck_assert_uint_eq(image.layers.n, 2);
    auto_image_list struct image_list list = {0};
    must(image_list(&store, true, &list, NULL, &why));
    ck_assert_uint_eq(list.n, 1);
    ck_assert_str_eq(list.v[0].id, base);
}
END_TEST

START_TEST(a_sweep_keeps_what_steps_need)
{
    char base[72], step[72];
    set_up(base);
    add_layer(KEY_A, (char[]){"one"}, step);
    auto_strv struct strv said = {0};
    must(image_remove(&store, "base", 0, &said, &why));
    ck_assert(is_there(step));
    /* A change that has nothing to do with it, and sweeps. */
    must(import("other", "other", NULL));
    ck_assert(is_there(step));
    auto_image struct image image = {0};
    must(image_find(&store, step, &image, &why));
    for (size_t i = 0; i < image.layers.n; i++)
        ck_assert_int_eq(access(image.layers.v[i], F_OK), 0);
}
END_TEST

static bool is_b(const char *key, const json_t *step, void *arg)
{
    (void)step;
    (void)arg;
    return strcmp(key, KEY_B) == 0;
}

START_TEST(a_prune_forgets_what_is_wanted_and_what_only_that_needs)
{
    char base[72], one[72], two[72];
    set_up(base);
    add_layer(KEY_A, (char[]){"one"}, one);
    add_layer(KEY_B, (char[]){"second"}, two);
    auto_strv struct strv said = {0};
    uint64_t bytes;
    struct stepcache_prune b = {is_b, NULL};
    must(stepcache_prune(&store, &b, &said, &bytes, &why));
    ck_assert_uint_eq(said.n, 1);
    ck_assert_str_eq(said.v[0], KEY_B);
    ck_assert_uint_eq(bytes, strlen("second"));
    ck_assert(is_there(one) && !is_there(two) && is_there(base));
    struct stepcache_prune all = {NULL, NULL};
    must(stepcache_prune(&store, &all, &said, &bytes, &why));
    ck_assert(!is_there(one) && is_there(base));
    ck_assert(is_whole("base", "content"));
}
END_TEST

START_TEST(a_step_with_a_name_is_an_image_like_others)
{
    char base[72], step[72];
    set_up(base);
    add_layer(KEY_A, (char[]){"one"}, step);
    auto_image struct image image = {0};
    auto_image_draft struct image_draft draft = {.config = NULL};
    must(image_find(&store, step, &image, &why));
    must(image_draft_open(&store, &image, &draft, &why));
    image_draft_seal(&draft);
    ck_assert_str_eq(draft.id, step);
    must(stepcache_name(&store, &draft, "built", &why));
    auto_strv struct strv said = {0};
    uint64_t bytes;
    struct stepcache_prune all = {NULL, NULL};
    must(stepcache_prune(&store, &all, &said, &bytes, &why));
    ck_assert_uint_eq(bytes, 0);
    ck_assert(is_there("built"));
    must(image_remove(&store, "built", 0, &said, &why));
    ck_assert(!is_there(step));
    /* It is gone: no name can be given to it any more. */
    ck_assert_int_eq(stepcache_name(&store, &draft, "again", &why), -ENOENT);
}
END_TEST

START_TEST(a_damaged_file_stops_every_sweep)
{
    char base[72], step[72];
    set_up(base);
    add_layer(KEY_A, (char[]){"one"}, step);
    must(files_replace(store.root, "images/steps.json", "{", 1, 0, &why));
    json_auto_t *steps = NULL;
    ck_assert_int_eq(stepcache_read(&store, &steps, &why), -EBADMSG);
    /* Nobody knows any more what is needed: so nothing goes. */
    must(import("other", "other", NULL));
    must(files_remove_tree(store.root, "images/steps.json", &why));
    must(import("third", "third", NULL));
    ck_assert(is_there("base") && is_there("other") && !is_there(step));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_step_is_found_by_its_id_and_in_no_list);
    tcase_add_test(tc, a_sweep_keeps_what_steps_need);
    tcase_add_test(tc, a_prune_forgets_what_is_wanted_and_what_only_that_needs);
    tcase_add_test(tc, a_step_with_a_name_is_an_image_like_others);
    tcase_add_test(tc, a_damaged_file_stops_every_sweep);
}

int main(void)
{
    return contract_main("stepcache", add);
}
