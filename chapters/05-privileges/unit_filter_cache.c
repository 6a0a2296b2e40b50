/* filter_cache.c: what is kept comes back as it was, and nothing that is
 * damaged comes back at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files.h"
#include "filter.h"
#include "filter_parts.h"
#include "own.h"
#include "sys.h"

#include <dirent.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int dir = -1;
static char path[] = "/tmp/unit-filter-XXXXXX";

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(path) == NULL)
        return -1;
    dir = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return dir < 0 ? -1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    close(dir);
    return files_remove_tree(AT_FDCWD, path, NULL);
}

static void get(uint64_t caps, struct filter *ret)
{
    struct err e = {0};
    if (filter_get(NULL, caps, dir, ret, &e) < 0)
        fail_msg("%s", e.msg);
}

static void assert_same(const struct filter *a, const struct filter *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->code, b->code, a->n * sizeof *a->code);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->notifies, b->notifies);
}

/* The names in the directory, and how many there are. */
static size_t list_files(char out[64])
{
    auto_dir DIR *d = opendir(path);
    size_t n = 0;
    const struct dirent *entry;
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(out, 64, "%.63s", entry->d_name);
        n++;
    }
    return n;
}

static void a_hit_is_what_was_built(void **state)
{
    (void)state;
    auto_filter struct filter built = {0}, kept = {0}, fresh = {0};
    char name[64] = "";
    get(1, &built);
    assert_int_equal(list_files(name), 1);
    get(1, &kept);
    assert_int_equal(list_files(name), 1);
    assert_int_equal(filter_get(NULL, 1, -1, &fresh, NULL), 0);
    assert_same(&built, &kept);
    assert_same(&built, &fresh);
    files_remove_tree(dir, name, NULL);
}

static void the_key_covers_all_that_matters(void **state)
{
    (void)state;
    struct filter_source base = {"a", "{}", 2, 1, "6.1", false};
    struct filter_source others[] = {base, base, base, base};
    others[0].caps = 3;
    others[1].release = "6.2";
    others[2].text = "[]";
    others[3].oci = true;
    for (size_t i = 0; i < 4; i++)
        assert_true(filter_cache_key(&base) != filter_cache_key(&others[i]));
    others[0] = base;
    others[0].name = "b"; /* only for messages */
    assert_true(filter_cache_key(&base) == filter_cache_key(&others[0]));
}

/* Every way to be broken: shorter, longer, one bit changed anywhere. */
static void damage_is_seen_and_mended(void **state)
{
    (void)state;
    auto_filter struct filter built = {0};
    auto_text struct text good = {0}, bad = {0};
    char name[64] = "";
    get(2, &built);
    assert_int_equal(list_files(name), 1);
    assert_true(files_read(dir, name, &good, NULL) > 0);
    for (size_t i = 0; i < good.len; i += 17) {
        auto_filter struct filter f = {0};
        text_clear(&bad);
        text_addn(&bad, good.s, i % 2 == 0 ? good.len : i);
        if (i % 2 == 0)
            bad.s[i] ^= 4;
        assert_int_equal(files_replace(dir, name, bad.s, bad.len, 0, NULL), 0);
        assert_true(filter_cache_load(dir, strtoull(name + 8, NULL, 16), &f) ==
                    -ENOENT);
    }
    auto_filter struct filter again = {0};
    get(2, &again);
    assert_same(&built, &again);
    text_clear(&bad);
    files_read(dir, name, &bad, NULL);
    assert_int_equal(bad.len, good.len);
    assert_memory_equal(bad.s, good.s, good.len);
    files_remove_tree(dir, name, NULL);
}

/* Flags and listening are part of what is kept. */
static void an_oci_hit_is_what_was_built(void **state)
{
    (void)state;
    static const char json[] =
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": "
        "[\"SECCOMP_FILTER_FLAG_LOG\"], \"syscalls\": [{\"names\": "
        "[\"mkdirat\"], \"action\": \"SCMP_ACT_NOTIFY\"}]} and no more";
    size_t len = strlen(json) - strlen(" and no more");
    auto_filter struct filter built = {0}, kept = {0};
    char name[64] = "";
    assert_int_equal(filter_get_oci(json, len, dir, &built, NULL), 0);
    assert_int_equal(list_files(name), 1);
    assert_int_equal(filter_get_oci(json, len, dir, &kept, NULL), 0);
    assert_int_equal(list_files(name), 1);
    assert_same(&built, &kept);
    assert_true(kept.notifies);
    assert_int_equal(kept.flags, SECCOMP_FILTER_FLAG_LOG);
    files_remove_tree(dir, name, NULL);
}

static void a_cache_is_never_needed(void **state)
{
    (void)state;
    auto_filter struct filter f = {0};
    /* A descriptor that is no directory. */
    assert_int_equal(filter_get(NULL, 0, STDIN_FILENO, &f, NULL), 0);
    assert_true(f.n > 0);
}

static void a_missing_profile_is_named(void **state)
{
    (void)state;
    auto_filter struct filter f = {0};
    struct err e = {0};
    assert_int_equal(filter_get("/no/such.json", 0, dir, &f, &e), -ENOENT);
    assert_string_equal(e.msg, "opening seccomp profile (/no/such.json) "
                               "failed: open /no/such.json: No such file or "
                               "directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hit_is_what_was_built),
        cmocka_unit_test(the_key_covers_all_that_matters),
        cmocka_unit_test(damage_is_seen_and_mended),
        cmocka_unit_test(an_oci_hit_is_what_was_built),
        cmocka_unit_test(a_cache_is_never_needed),
        cmocka_unit_test(a_missing_profile_is_named),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
