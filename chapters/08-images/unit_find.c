// WRAP sys_openat
/* Finding what is removed while it is looked for: readers take no lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"
#include "own.h"
#include "store.h"
#include "sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A store with two images, "box" and "other", and what somebody else does to
 * it at the moment in which a file of it is opened. */
struct fixture {
    char path[32];
    struct image_store store;
    char config[2][DIGEST_SIZE], manifest[2][DIGEST_SIZE];
    const char *watched;    /* the digest of that file; NULL: nothing more */
    const char *names_then; /* names.json as it is from then on */
};
static struct fixture *now;

int __real_sys_openat(int dirfd, const char *path, int flags, mode_t mode);

int __wrap_sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
    if (now != NULL && now->watched != NULL &&
        text_ends(path, digest_hex(now->watched))) {
        auto_free char *blob = store_blob_path(now->watched);
        now->watched = NULL;
        files_replace(now->store.root, STORE_NAMES, now->names_then,
                      strlen(now->names_then), 0, NULL);
        assert_int_equal(unlinkat(now->store.root, blob, 0), 0);
    }
    return __real_sys_openat(dirfd, path, flags, mode);
}

static void add_image(struct fixture *f, int i)
{
    size_t size;
    json_auto_t *config = json_pack("{s:i, s:{s:s, s:[]}}", "number", i,
                                    "rootfs", "type", "layers", "diff_ids");
    assert_int_equal(store_put(&f->store, config, f->config[i], &size, NULL),
                     0);
    json_auto_t *manifest = store_manifest(f->config[i], size, json_array());
    assert_int_equal(
        store_put(&f->store, manifest, f->manifest[i], &size, NULL), 0);
}

/* Where each of the two names leads to; NULL: there is no such name. */
static char *make_names(const char *box, const char *other)
{
    json_auto_t *names = json_object();
    if (box != NULL)
        json_object_set_new(names, "docker.io/library/box:latest",
                            json_string(box));
    if (other != NULL)
        json_object_set_new(names, "docker.io/library/other:latest",
                            json_string(other));
    return store_text(names);
}

static int make_store(void **state)
{
    struct fixture *f = own_alloc(sizeof *f);
    *f = (struct fixture){.path = "/tmp/unit_find.XXXXXX", .store.root = -1};
    assert_non_null(mkdtemp(f->path));
    assert_int_equal(image_store_open(&f->store, f->path, NULL), 0);
    auto_fd int lock = store_lock(&f->store, NULL);
    assert_true(lock >= 0);
    add_image(f, 0);
    add_image(f, 1);
    auto_free char *names = make_names(f->manifest[0], f->manifest[1]);
    assert_int_equal(files_replace(f->store.root, STORE_NAMES, names,
                                   strlen(names), 0, NULL),
                     0);
    *state = now = f;
    return 0;
}

static int remove_store(void **state)
{
    struct fixture *f = *state;
    now = NULL;
    image_store_close(&f->store);
    assert_int_equal(files_remove_tree(AT_FDCWD, f->path, NULL), 0);
    free(f);
    return 0;
}

static void what_is_removed_meanwhile_is_not_there(void **state)
{
    struct fixture *f = *state;
    auto_image struct image image = {0};
    struct err e = {0};
    auto_free char *then = make_names(NULL, f->manifest[1]);
    f->names_then = then;
    f->watched = f->config[0];
    assert_int_equal(image_find(&f->store, "box", &image, &e), -ENOENT);
    assert_string_equal(e.msg, "No such image: box:latest");
    assert_null(f->watched);
    assert_int_equal(image_find(&f->store, "other", &image, &e), 0);
}

static void a_name_that_moves_is_followed(void **state)
{
    struct fixture *f = *state;
    auto_image struct image image = {0};
    auto_free char *then = make_names(f->manifest[1], f->manifest[1]);
    f->names_then = then;
    f->watched = f->manifest[0];
    assert_int_equal(image_find(&f->store, "box", &image, NULL), 0);
    assert_string_equal(image.id, f->config[1]);
}

static void what_names_lead_to_and_is_not_there_is_damage(void **state)
{
    struct fixture *f = *state;
    auto_image struct image image = {0};
    struct err e = {0};
    auto_free char *then = make_names(f->manifest[0], f->manifest[1]);
    f->names_then = then;
    f->watched = f->config[0];
    assert_int_equal(image_find(&f->store, "box", &image, &e), -ENOENT);
    assert_non_null(strstr(e.msg, digest_hex(f->config[0])));
}

static void a_list_does_without_it_and_does_not_complain(void **state)
{
    struct fixture *f = *state;
    auto_image_list struct image_list list = {0};
    auto_strv struct strv damaged = {0};
    auto_free char *then = make_names(NULL, f->manifest[1]);
    f->names_then = then;
    f->watched = f->config[0];
    assert_int_equal(image_list(&f->store, true, &list, &damaged, NULL), 0);
    assert_null(f->watched);
    assert_int_equal(list.n, 1);
    assert_string_equal(list.v[0].id, f->config[1]);
    assert_int_equal(damaged.n, 0);
}

static void a_list_tells_of_damage(void **state)
{
    struct fixture *f = *state;
    auto_image_list struct image_list list = {0};
    auto_strv struct strv damaged = {0};
    auto_free char *then = make_names(f->manifest[0], f->manifest[1]);
    f->names_then = then;
    f->watched = f->config[0];
    assert_int_equal(image_list(&f->store, true, &list, &damaged, NULL), 0);
    assert_int_equal(list.n, 1);
    assert_int_equal(damaged.n, 1);
    assert_non_null(strstr(damaged.v[0], "box:latest"));
}

static int drop(void *arg, const void *bytes, size_t len)
{
    (void)arg;
    (void)bytes;
    (void)len;
    return 0;
}

/* The manifest is read while images are looked for, the configuration while
 * they are written. */
static void a_save_says_which_image_has_gone(void **state)
{
    struct fixture *f = *state;
    const char *const blobs[] = {f->manifest[0], f->config[1]};
    auto_free char *one = make_names(NULL, f->manifest[1]);
    auto_free char *none = make_names(NULL, NULL);
    const char *const then[] = {one, none};
    static const char *const names[] = {"box", "other"};
    for (size_t i = 0; i < 2; i++) {
        auto_strv struct strv wanted = {0};
        struct image_save what = {
            .names = &wanted, .target = {drop, NULL}
        };
        struct err e = {0};
        strv_add(&wanted, names[i]);
        f->names_then = then[i];
        f->watched = blobs[i];
        assert_int_equal(image_save(&f->store, &what, &e), -ENOENT);
        assert_null(f->watched);
        auto_free char *said = text_format("No such image: %s", names[i]);
        assert_string_equal(e.msg, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_removed_meanwhile_is_not_there,
                                        make_store, remove_store),
        cmocka_unit_test_setup_teardown(a_name_that_moves_is_followed,
                                        make_store, remove_store),
        cmocka_unit_test_setup_teardown(
            what_names_lead_to_and_is_not_there_is_damage, make_store,
            remove_store),
        cmocka_unit_test_setup_teardown(
            a_list_does_without_it_and_does_not_complain, make_store,
            remove_store),
        cmocka_unit_test_setup_teardown(a_list_tells_of_damage, make_store,
                                        remove_store),
        cmocka_unit_test_setup_teardown(a_save_says_which_image_has_gone,
                                        make_store, remove_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
