/* Unpacking layers: what arrives is what was packed. */
#include "test_layer.h"
#include "text.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

START_TEST(everything_arrives_as_packed)
{
    enter();
    ck_assert_int_eq(
        unpack((struct tarball_file[]){
            {.name = "./",      .mode = 0751, .uid = 7, .mtime = 5},
            {.name = "d/",         .mode = 01777, .mtime = 1000000000},
            {.name = "d/su",
             .mode = 04755,
             .uid = 70000,
             .gid = 4000000000,
             .data = "content",
             .mtime = 7},
            {.name = "d/hard",.hardlink = "d/su"},
            {.name = "link",                 .symlink = "../../etc/passwd", .uid = 3},
            {.name = "null",     .type = AE_IFCHR, .major = 1, .minor = 3},
            {.name = "disk", .type = AE_IFBLK, .major = 259, .minor = 300},
            {.name = "pipe",        .type = AE_IFIFO, .mode = 0600},
            {0 }
    }),
        0);
    struct stat st = look(LAYER);
    ck_assert_uint_eq(st.st_mode & 07777, 0751);
    ck_assert_uint_eq(st.st_uid, 7);
    ck_assert_int_eq(st.st_mtime, 5);
    st = look(LAYER "/d");
    ck_assert_uint_eq(st.st_mode & 07777, 01777);
    ck_assert_int_eq(st.st_mtime, 1000000000);
    st = look(LAYER "/d/su");
    ck_assert_uint_eq(st.st_mode, S_IFREG | 04755);
    ck_assert_uint_eq(st.st_uid, 70000);
    ck_assert_uint_eq(st.st_gid, 4000000000);
    ck_assert_int_eq(st.st_mtime, 7);
    ck_assert_int_eq(st.st_size, 7);
    ck_assert_uint_eq(look(LAYER "/d/hard").st_ino, st.st_ino);
    ck_assert_uint_eq(look(LAYER "/null").st_rdev, makedev(1, 3));
    ck_assert_uint_eq(look(LAYER "/disk").st_rdev, makedev(259, 300));
    ck_assert(S_ISBLK(look(LAYER "/disk").st_mode));
    ck_assert(S_ISFIFO(look(LAYER "/pipe").st_mode));
    char target[64] = "";
    ck_assert_int_gt(readlink(LAYER "/link", target, sizeof target - 1), 0);
    ck_assert_str_eq(target, "../../etc/passwd");
    ck_assert_uint_eq(look(LAYER "/link").st_uid, 3);
}
END_TEST

START_TEST(names_are_bytes)
{
    enter();
    auto_text struct text packed = {0};
    for (int i = 0; i < 501; i++)
        text_add(&packed, i == 250 ? "/" : "x");
    auto_free char *deep = text_format(LAYER "/%s", packed.s);
    ck_assert_int_eq(unpack((struct tarball_file[]){{.name = "caf\xe9"},
                                                    {.name = "caf\xc3\xa9"},
                                                    {.name = packed.s},
                                                    {0}}),
                     0);
    ck_assert(has(LAYER "/caf\xe9"));
    ck_assert(has(LAYER "/caf\xc3\xa9"));
    ck_assert(has(deep));
}
END_TEST

START_TEST(whiteouts_become_overlayfs_own)
{
    enter();
    ck_assert_int_eq(unpack((struct tarball_file[]){
                         {.name = "d/.wh.gone"    },
                         {.name = "d/.wh..wh..opq"},
                         {.name = "e/.wh..wh.plnk"},
                         {.name = "f/",             .mode = 0755},
                         {.name = ".wh.f"                       },
                         {.name = ".wh.g"},
                         {.name = "g/",                        .mode = 0755},
                         {0}
    }),
                     0);
    struct stat st = look(LAYER "/d/gone");
    ck_assert(S_ISCHR(st.st_mode));
    ck_assert_uint_eq(st.st_rdev, 0);
    static const char *const opaque[] = {LAYER "/d", LAYER "/f", LAYER "/g"};
    for (int i = 0; i < 3; i++) {
        char value = 0;
        ck_assert_int_eq(
            lgetxattr(opaque[i], "trusted.overlay.opaque", &value, 1), 1);
        ck_assert_int_eq(value, 'y');
    }
    ck_assert_int_eq(count_entries(LAYER "/d"), 1);
    ck_assert_int_eq(count_entries(LAYER "/e"), 0);
    static const char *const nothing[] = {".wh.", ".wh...", "a/.wh.."};
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(
            unpack((struct tarball_file[]){{.name = nothing[i]}, {0}}),
            -EINVAL);
}
END_TEST

/* A small good archive. */
static void make_good(struct tarball *t)
{
    tarball_begin(t);
    char *data = own_alloc(100001);
    for (int i = 0; i < 100000; i++)
        data[i] = (char)('a' + i % 23);
    tarball_add(t, &(struct tarball_file){.name = "a/", .mode = 0755});
    tarball_add(t, &(struct tarball_file){.name = "a/b", .data = data});
    tarball_end(t);
    free(data);
}

struct seen {
    size_t len;
    unsigned long sum;
};

static void see(void *arg, const void *bytes, size_t len)
{
    struct seen *seen = arg;
    const unsigned char *s = bytes;
    for (size_t i = 0; i < len; i++)
        seen->sum = seen->sum * 31 + s[i];
    seen->len += len;
}

START_TEST(every_byte_is_reported_however_packed)
{
    static const char *const filters[] = {NULL, "gzip", "xz", "zstd"};
    enter();
    auto_fd int dir = open(LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct seen plain = {0};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        struct tarball t;
        make_good(&t);
        if (i == 0)
            see(&plain, t.bytes, t.len);
        else
            tarball_pack(&t, filters[i]);
        struct seen seen = {0};
        struct layer_stats stats;
        int r =
            layer_extract(tarball_source(&t), (struct layer_sink){see, &seen},
                          dir, &stats, &why);
        ck_assert_msg(r == 0, "%s", why.msg);
        ck_assert_uint_eq(seen.len, plain.len);
        ck_assert_uint_eq(seen.sum, plain.sum);
        ck_assert_uint_eq(stats.entries, 2);
        ck_assert_uint_eq(stats.bytes, 100000);
        ck_assert_uint_eq(t.at, t.len);
        free(t.bytes);
        strv_done(&stats.implied);
    }
}
END_TEST

START_TEST(damage_is_an_error)
{
    static const char *const filters[] = {NULL, "gzip", "xz", "zstd"};
    enter();
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        struct tarball t;
        make_good(&t);
        if (filters[i] != NULL)
            tarball_pack(&t, filters[i]);
        t.len = i == 0 ? 50000 : t.len / 2;
        ck_assert_int_eq(extract(&t), -EBADMSG);
        free(t.bytes);
    }
}
END_TEST

START_TEST(what_is_no_archive_is_an_error)
{
    static char garbage[] = "This is certainly not a tar archive. ";
    struct tarball inputs[] = {
        {.bytes = garbage,                                     .len = 0                 },
        {.bytes = garbage,                                     .len = sizeof garbage - 1},
        {.bytes = (char[]){'B', 'Z', 'h', '9', '1', 'A', 'Y'}, .len = 7                 },
    };
    enter();
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        ck_assert_int_eq(extract(&inputs[i]), -EBADMSG);
    ck_assert_int_eq(count_entries(LAYER), 0);
}
END_TEST

static ssize_t read_broken(void *arg, void *bytes, size_t len)
{
    (void)arg, (void)bytes, (void)len;
    return -EIO;
}

START_TEST(the_sources_error_is_told)
{
    enter();
    auto_fd int dir = open(LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = layer_extract((struct layer_source){read_broken, NULL},
                          (struct layer_sink){0}, dir, NULL, &why);
    ck_assert_int_eq(r, -EIO);
    ck_assert_ptr_nonnull(strstr(why.msg, strerror(EIO)));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, everything_arrives_as_packed);
    tcase_add_test(tc, names_are_bytes);
    tcase_add_test(tc, whiteouts_become_overlayfs_own);
    tcase_add_test(tc, every_byte_is_reported_however_packed);
    tcase_add_test(tc, damage_is_an_error);
    tcase_add_test(tc, what_is_no_archive_is_an_error);
    tcase_add_test(tc, the_sources_error_is_told);
}

int main(void)
{
    return contract_main("layer", add);
}
