/*
 * Random changes, made to an overlay and to a copy of the same layers: both
 * ways of finding changes must say the same, and a layer written from either
 * must make of the image what the container saw.
 */
#include "test_write.h"

#include "snap.h"
#include "sys.h"

#define LAYERS SCRATCH "/layers"
#define OVERLAY SCRATCH "/overlay"

enum { ROUNDS = 40, CHANGES = 200 };

struct random {
    unsigned long state;
};

static unsigned next(struct random *random, unsigned below)
{
    random->state = random->state * 6364136223846793005ul + 1442695040888963407;
    return (unsigned)(random->state >> 33) % below;
}

/* Few names and three levels, so that changes meet each other. */
static char *some_path(struct random *random, const char *root)
{
    struct text path = {0};
    text_add(&path, root);
    for (unsigned depth = 1 + next(random, 3); depth > 0; depth--)
        text_addf(&path, "/%c", 'a' + (char)next(random, 4));
    return text_take(&path);
}

static void write_some(struct random *random, const char *path)
{
    auto_free char *content = text_format("%u", next(random, 1000));
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0644);
    if (fd < 0)
        return;
    files_write_all(fd, content, strlen(content));
    close(fd);
}

static void touch(const char *path, unsigned second)
{
    struct timespec times[2] = {
        {second, 0},
        {second, 5}
    };
    utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

/* One change, whose sense depends on what is there; most fail some of the time,
 * on both sides alike. */
static void change(struct random *random, const char *root)
{
    auto_free char *path = some_path(random, root);
    auto_free char *other = some_path(random, root);
    unsigned what = next(random, 12), number = next(random, 100);
    if (what < 2)
        mkdir(path, 0755);
    if (what == 2 || what == 3)
        write_some(random, path);
    if (what == 4)
        unlink(path);
    if (what == 5)
        files_remove_tree(AT_FDCWD, path, NULL);
    /* Links of a layer are parted when one is copied up, in a copy they are
     * not: the two would differ, and rightly so. */
    if (what == 6 && !text_starts(root, LAYERS))
        sys_linkat(AT_FDCWD, path, AT_FDCWD, other, 0);
    if (what == 7)
        sys_symlinkat(number % 2 ? "a" : "/b", AT_FDCWD, path);
    if (what == 8)
        chmod(path, 0700 + number % 8);
    if (what == 9)
        sys_fchownat(AT_FDCWD, path, number, number * 1000,
                     AT_SYMLINK_NOFOLLOW);
    if (what == 10)
        lsetxattr(path, "trusted.x", &number, sizeof number, 0);
    /* An overlay refuses to rename directories that lie in a layer. */
    struct stat st;
    if (what == 11 && lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        rename(path, other);
    touch(path, number);
    touch(other, number + 1);
}

static void make_layers(struct random *random, struct strv *layers)
{
    ck_assert_int_eq(mkdir(LAYERS, 0755), 0);
    for (int i = 2; i >= 0; i--) {
        auto_free char *path = text_format(LAYERS "/%d", i);
        ck_assert_int_eq(mkdir(path, 0755), 0);
        for (int k = 0; k < CHANGES / 10; k++) {
            auto_free char *dir = some_path(random, path);
            files_mkdirs(AT_FDCWD, dir, 0755, NULL);
        }
        for (int k = 0; k < CHANGES; k++)
            change(random, path);
    }
    for (int i = 0; i < 3; i++)
        strv_addf(layers, LAYERS "/%d", i);
}

static void start(struct snap *snap, const char *dir, const struct strv *layers)
{
    snap->dir = own_strdup(dir);
    for (size_t i = 0; i < layers->n; i++)
        strv_add(&snap->layers, layers->v[i]);
    must(snap_create(snap, &why));
    must(snap_mount(snap, &why));
}

/* The layer above the image, mounted and looked at. */
static char *seen_through(struct diff *diff, const struct strv *layers,
                          const char *dir)
{
    auto_text struct text layer = {0};
    write_layer(diff, &layer, LAYER_PLAIN, NULL);
    auto_free char *top = text_format("%s-top", dir);
    ck_assert_int_eq(mkdir(top, 0755), 0);
    unpack_into(&layer, top);
    auto_snap struct snap snap = {0};
    auto_strv struct strv all = {0};
    strv_add(&all, top);
    for (size_t i = 0; i < layers->n; i++)
        strv_add(&all, layers->v[i]);
    start(&snap, dir, &all);
    auto_free char *merged = text_format("%s/merged", dir);
    return shown(merged, false);
}

START_TEST(both_ways_agree_and_the_layer_makes_the_same_tree)
{
    scratch_enter();
    struct random random = {(unsigned long)_i + 1};
    auto_strv struct strv layers = {0};
    make_layers(&random, &layers);
    auto_snap struct snap overlay = {0}, copy = {.is_copy = true};
    start(&overlay, OVERLAY, &layers);
    start(&copy, COPY, &layers);
    auto_free char *a = shown(OVERLAY "/merged", false);
    auto_free char *b = shown(COPY "/merged", false);
    same_text(a, b);
    struct random again = random;
    for (int i = 0; i < CHANGES; i++)
        change(&random, OVERLAY "/merged");
    for (int i = 0; i < CHANGES; i++)
        change(&again, COPY "/merged");
    auto_free char *c = shown(OVERLAY "/merged", false);
    auto_free char *d = shown(COPY "/merged", false);
    same_text(c, d);

    auto_tree struct tree upper = TREE(OVERLAY "/diff");
    auto_tree struct tree copied = PLAIN(COPY "/diff");
    auto_tree struct tree below = {.has_marks = true};
    must(tree_open(&below, &layers, &why));
    struct diff sheet = {.above = &upper, .below = &below, .is_sheet = true};
    struct diff whole = {.above = &copied, .below = &below};
    must(snap_find(&copy, &whole.since, &why));
    ck_assert(copy.is_copy && whole.since.tv_sec > 0);
    auto_free char *by_sheet = changes_of(&sheet);
    auto_free char *by_whole = changes_of(&whole);
    same_text(by_sheet, by_whole);
    ck_assert_str_ne(by_sheet, "");

    auto_free char *was = shown(OVERLAY "/merged", false);
    auto_free char *from_sheet = seen_through(&sheet, &layers, SCRATCH "/1");
    auto_free char *from_whole = seen_through(&whole, &layers, SCRATCH "/2");
    same_text(was, from_sheet);
    same_text(was, from_whole);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, both_ways_agree_and_the_layer_makes_the_same_tree,
                        0, ROUNDS / contract_step());
}

int main(void)
{
    return contract_main("random", add);
}
