/* The config.json that `spec` writes, from the file example-config.json, which
 * is part of the program (as's .incbin). */
#include "oci.h"

#include <stddef.h>
#include <string.h>

extern const char oci_example_begin[], oci_example_end[];
__asm__(".section .rodata.oci_example, \"a\"\n"
        ".global oci_example_begin, oci_example_end\n"
        "oci_example_begin:\n"
        ".incbin \"example-config.json\"\n"
        "oci_example_end:\n"
        ".byte 0\n"
        ".previous\n");

/* Take out the element of an array whose member `key` is `value`. */
static void drop(json_t *array, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *element = json_array_get(array, i);
        const char *is = json_string_value(json_object_get(element, key));
        if (is != NULL && strcmp(is, value) == 0) {
            json_array_remove(array, i);
            return;
        }
    }
}

/* An ordinary user's container shares the host's network, since nothing could
 * be plugged into another one; so sysfs is the host's as well, and no group
 * can be given away. There is one id, and the group of terminals is not it. */
static void make_rootless(json_t *doc, uid_t uid, gid_t gid)
{
    json_t *linux_ = json_object_get(doc, "linux");
    json_t *namespaces = json_object_get(linux_, "namespaces");
    json_t *mounts = json_object_get(doc, "mounts");
    drop(namespaces, "type", "network");
    json_array_append_new(namespaces, json_pack("{s:s}", "type", "user"));
    json_object_set_new(linux_, "uidMappings",
                        json_pack("[{s:i, s:i, s:i}]", "containerID", 0,
                                  "hostID", (int)uid, "size", 1));
    json_object_set_new(linux_, "gidMappings",
                        json_pack("[{s:i, s:i, s:i}]", "containerID", 0,
                                  "hostID", (int)gid, "size", 1));
    json_object_del(linux_, "resources");
    drop(mounts, "destination", "/sys/fs/cgroup");
    drop(mounts, "destination", "/sys");
    json_array_append_new(
        mounts, json_pack("{s:s, s:s, s:s, s:[s, s, s, s, s]}", "destination",
                          "/sys", "type", "none", "source", "/sys", "options",
                          "rbind", "nosuid", "noexec", "nodev", "ro"));
    drop(mounts, "destination", "/dev/pts");
    json_array_append_new(
        mounts, json_pack("{s:s, s:s, s:s, s:[s, s, s, s, s]}", "destination",
                          "/dev/pts", "type", "devpts", "source", "devpts",
                          "options", "nosuid", "noexec", "newinstance",
                          "ptmxmode=0666", "mode=0620"));
}

json_t *oci_config_example(bool rootless, uid_t uid, gid_t gid)
{
    size_t len = (size_t)(oci_example_end - oci_example_begin);
    json_t *doc = json_loadb(oci_example_begin, len, 0, NULL);
    if (doc != NULL && rootless)
        make_rootless(doc, uid, gid);
    return doc;
}
