/*
 * oci_parts.h - what the files of oci.h share among themselves.
 *
 * config.json -> oci_read with the tables of oci_process.c, oci_linux.c,
 * oci_mounts.c, oci_resources.c, oci_rules.c -> struct oci_config
 */
#ifndef OCI_PARTS_H
#define OCI_PARTS_H

#include "oci.h"
#include "oci_reader.h"

#include <stddef.h>

/* A word of the specification and the kernel's number for it. */
struct oci_word {
    const char *name; /* NULL ends a list */
    uint64_t value;
};
/* The number for the string `value`. 0 or -EINVAL. */
int oci_word(const struct oci_word *words, const json_t *value, uint64_t *ret,
             struct err *e);

/* An integer from a range that is narrower than its type. */
int oci_between(const json_t *value, int64_t min, int64_t max, int *ret,
                struct err *e);

/* Tables for struct spec_process, struct oci_config and struct cg_limits. */
extern const struct oci_field oci_process_fields[];
extern const struct oci_field oci_linux_fields[];
extern const struct oci_field oci_resources_fields[];
/* Give what is mounted anew, and has files of its own, this label of SELinux.
 */
void oci_label_mounts(struct spec *spec, const char *label);

/* oci_whole.c: what members say that is wrong only together. */
int oci_check_whole(const struct oci_config *config, struct err *e);

/* Called for each element: "mounts", "linux.resources.devices", id maps. */
oci_call oci_read_mount, oci_read_device_rule, oci_read_range;
/* Called for each member whose value is a string: "KEY=VALUE" into the list. */
oci_call oci_read_assignment;

#endif
