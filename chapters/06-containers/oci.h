/*
 * oci.h - config.json: a bundle as others describe it becomes a struct spec.
 *
 * The OCI runtime specification (github.com/opencontainers/runtime-spec, 1.2)
 * is how podman, containerd and Kubernetes tell a runtime what to make: a
 * directory, the bundle, with a config.json and a root file system. Its
 * "config.md" and "config-linux.md" name every member; the tables of oci_*.c
 * follow them. What is not there is not done: the defaults are those of the
 * kernel, not Docker's, since whoever writes a bundle has decided.
 *
 *     auto_oci_config struct oci_config config = OCI_CONFIG_INIT;
 *     if (oci_config_load(&config, "/run/bundle", NULL, cache, &e) < 0)
 *         return err_add(&e, "create %s", id);
 *     ctr_create(&ctr, &config.spec, &options, &e);
 *
 * Messages name the member: "config.json: process.cwd: is missing". A config
 * owns everything in it until oci_config_done. -EINVAL for what the
 * specification forbids, -ENOTSUP for what this kernel or machine has not,
 * -ENOENT where there is no config.json. Reads files, changes nothing.
 */
#ifndef OCI_H
#define OCI_H

#include "err.h"
#include "spec.h"

#include <jansson.h>
#include <stdbool.h>

#define OCI_VERSION "1.2.0" /* of the specification */

struct oci_config {
    struct spec spec;
    struct text text; /* config.json as oci_config_load found it */
    json_t *doc;      /* the same as a document */
    char *bundle;     /* absolute */
    /* linux.seccomp's listenerPath and listenerMetadata, or NULL */
    char *listener_path, *listener_metadata;
    char *mount_label;     /* SELinux's, for file systems made here; or NULL */
    struct strv ungranted; /* capabilities that process names and we pass over:
                            * nobody or this kernel knows them, or we have not
                            * got them ourselves */
    bool has_process;      /* a container may be created without */
};
#define auto_oci_config __attribute__((cleanup(oci_config_done)))
#define OCI_CONFIG_INIT                                                        \
    {                                                                          \
        .spec = SPEC_INIT                                                      \
    }
void oci_config_done(struct oci_config *config);

/* Read `file` of the bundle, config.json where it is NULL. Compiled filters are
 * kept in the directory `cache`, or not where it is -1. `ret` is
 * OCI_CONFIG_INIT. */
int oci_config_load(struct oci_config *ret, const char *bundle,
                    const char *file, int cache, struct err *e);
/* Its path; the caller frees it. */
char *oci_config_path(const char *bundle, const char *file);
/* The same from text that is at hand, named `name` in messages; the filter is
 * left out. */
int oci_config_parse(struct oci_config *ret, const char *text, size_t len,
                     const char *name, struct err *e);

/* Compile linux.seccomp into spec.process.filter. It is most of the document,
 * which then is without it. */
int oci_config_filter(struct oci_config *config, int cache, struct err *e);

/* One "process" object, as exec has it in a file of its own: the config's is
 * empty. */
int oci_process_parse(struct oci_config *config, const char *text, size_t len,
                      const char *name, struct err *e);

/* The limits in a "resources" object, as update has it. */
int oci_resources_parse(struct cg_limits *ret, const char *text, size_t len,
                        const char *name, struct err *e);

/* "/proc/self/..." and the like in tests and messages: the member of the
 * document, or NULL. Borrowed. */
const json_t *oci_member(const json_t *doc, const char *path);

/* The config.json that `spec` writes: Docker's isolation around `sh`. New
 * reference. `rootless`: for an ordinary user `uid`, `gid`. */
json_t *oci_config_example(bool rootless, uid_t uid, gid_t gid);

#endif
