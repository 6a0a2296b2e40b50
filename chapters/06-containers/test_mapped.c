/* Volumes whose files seem to be somebody else's. */
#include "test_box.h"

#include <errno.h>
#include <string.h>

#define VOLUME SCRATCH "/volume"

static struct idmap map_of(uint32_t inside, uint32_t outside)
{
    return (struct idmap){
        .v = {{.inside = inside, .outside = outside, .count = 1000}}, .n = 1};
}

static void box_init_volume(struct box *box, const char *script,
                            const char *options)
{
    box_init(box, script);
    ck_assert_int_eq(mkdir(VOLUME, 0755), 0);
    ck_assert_int_eq(mkdir(BOX_ROOT "/volume", 0755), 0);
    int file = creat(VOLUME "/file", 0644);
    ck_assert_int_eq(fchown(file, 7, 8), 0);
    close(file);
    ck_assert_int_eq(mnt_list_add(&box->spec.mounts, VOLUME, "/volume", "bind",
                                  options, &box->e),
                     0);
}

/* A kernel or a file system that cannot do it says so. */
static void box_start_if_can(struct box *box)
{
    int r = box_create(box);
    contract_needs(r != -ENOTSUP, "mounts with mapped ids");
    ck_assert_msg(r == 0, "%s", box->e.msg);
    ck_assert_msg(ctr_start(&box->ctr, &box->e) == 0, "%s", box->e.msg);
}

START_TEST(its_own_map_holds_for_a_mount)
{
    struct box box;
    char said[256];
    box_init_volume(&box,
                    "stat -c %u:%g /volume/file; "
                    "touch /volume/new && stat -c %u:%g /volume/new",
                    "bind");
    struct idmap uids = map_of(0, 5000), gids = map_of(0, 6000);
    ck_assert_int_eq(spec_map_mount(&box.spec, "/volume", &uids, &gids, &box.e),
                     0);
    box.spec.process.uid = 5001;
    box.spec.process.gid = 6002;
    box.spec.process.caps = caps_for_user(0, 5001);
    ck_assert_int_eq(chmod(VOLUME, 0777), 0);
    box_start_if_can(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "5007:6008\n5001:6002\n");
    struct stat st;
    ck_assert_int_eq(stat(VOLUME "/new", &st), 0);
    ck_assert_uint_eq(st.st_uid, 1);
    ck_assert_uint_eq(st.st_gid, 2);
    box_end(&box);
}
END_TEST

START_TEST(the_containers_map_holds_without_one)
{
    struct box box;
    char said[256];
    box_init_volume(&box, "stat -c %u:%g /volume/file", "bind,ro,idmap");
    box.spec.new_namespaces |= NS_BIT(NS_USER);
    box.spec.uids = box.spec.gids = map_of(0, 100000);
    box_start_if_can(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "7:8\n");
    box_end(&box);
}
END_TEST

/* Without the option it is nobody's: so the test above could fail. */
START_TEST(without_the_option_it_is_nobodys)
{
    struct box box;
    char said[256];
    box_init_volume(&box, "stat -c %u:%g /volume/file", "bind,ro");
    box.spec.new_namespaces |= NS_BIT(NS_USER);
    box.spec.uids = box.spec.gids = map_of(0, 100000);
    box_start(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, "65534:65534\n");
    box_end(&box);
}
END_TEST

/* idmap is for one mount, ridmap for what is mounted below it as well. */
START_TEST(what_is_mounted_below_is_mapped_if_asked_for)
{
    struct box box;
    char said[256];
    box_init_volume(&box, "stat -c %u /volume/below",
                    _i == 0 ? "rbind,idmap" : "rbind,ridmap");
    ck_assert_int_eq(mkdir(VOLUME "/below", 0755), 0);
    ck_assert_int_eq(
        mount("below", VOLUME "/below", "tmpfs", 0, "uid=7,mode=755"), 0);
    struct idmap ids = map_of(0, 5000);
    ck_assert_int_eq(spec_map_mount(&box.spec, "/volume", &ids, &ids, &box.e),
                     0);
    box_start_if_can(&box);
    box_read(&box, said);
    ck_assert_str_eq(said, _i == 0 ? "7\n" : "5007\n");
    box_end(&box);
}
END_TEST

START_TEST(what_cannot_map_ids_says_so)
{
    struct box box;
    box_init(&box, "true");
    ck_assert_int_eq(mnt_list_add(&box.spec.mounts, "/proc/sys", "/volume",
                                  "bind", "bind,idmap", &box.e),
                     0);
    ck_assert_int_eq(box_fails(&box), -EINVAL);
    ck_assert_str_eq(box.e.msg, "mount /volume: no ids are given, nor a user "
                                "namespace");
    struct idmap ids = map_of(0, 5000);
    ck_assert_int_eq(spec_map_mount(&box.spec, "/volume", &ids, &ids, &box.e),
                     0);
    ck_assert_int_eq(ctr_create(&box.ctr, &box.spec, &box.options, &box.e),
                     -ENOTSUP);
    ck_assert_str_eq(box.e.msg, "mount /volume: /proc/sys: the kernel or its "
                                "file system cannot map ids");
    ck_assert_int_eq(spec_map_mount(&box.spec, "/nosuch", &ids, &ids, &box.e),
                     -ENOENT);
    ck_assert_int_eq(spec_map_mount(&box.spec, "/proc", &ids, &ids, &box.e),
                     -EINVAL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, its_own_map_holds_for_a_mount);
    tcase_add_test(tc, the_containers_map_holds_without_one);
    tcase_add_test(tc, without_the_option_it_is_nobodys);
    tcase_add_loop_test(tc, what_is_mounted_below_is_mapped_if_asked_for, 0, 2);
    tcase_add_test(tc, what_cannot_map_ids_says_so);
}

int main(void)
{
    return contract_main("mapped", add);
}
