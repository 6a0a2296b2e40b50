/*
 * filter_parts.h - what the files of filter.h share among themselves.
 *
 * profile text -> filter_compile -> program -> filter_cache_* -> file
 */
#ifndef FILTER_PARTS_H
#define FILTER_PARTS_H

#include "filter.h"

#include <seccomp.h>
#include <stdbool.h>

/* filter_default.c: Docker's default profile, the bytes of the file
 * default-profile.json. */
extern const char filter_default_begin[], filter_default_end[];

struct json_t;

/* A profile and everything its meaning depends on. */
struct filter_source {
    const char *name; /* for messages */
    const char *text; /* JSON, not terminated */
    size_t len;
    uint64_t caps;       /* for includes and excludes */
    const char *release; /* uname(2), "6.1.0-18-amd64": for minKernel */
    bool oci;            /* the format of config.json: without conditions */
};

/* filter_profile.c: read the JSON and compile it. -EINVAL says what is wrong
 * with the profile. */
int filter_compile(const struct filter_source *source, struct filter *ret,
                   struct err *e);

/* filter_rule.c: one entry of "syscalls", whose conditions hold, as rules of
 * libseccomp. */
struct filter_builder {
    scmp_filter_ctx ctx;
    uint32_t default_action;
    bool notifies; /* one of the rules does */
};
int filter_add_rules(struct filter_builder *b, const struct json_t *entry,
                     struct err *e);
/* The action under `action_key`, with the errno under `errno_key` (EPERM where
 * there is none), as libseccomp's number. */
int filter_read_action(const struct json_t *object, const char *action_key,
                       const char *errno_key, uint32_t *ret, struct err *e);

/* filter_words.c: the architectures that the profile names, for the context;
 * the flags it names, for `ret`. */
int filter_read_arches(const struct filter_source *source, scmp_filter_ctx ctx,
                       const struct json_t *profile, struct err *e);
int filter_read_flags(const struct json_t *profile, unsigned int *ret,
                      struct err *e);
/* libseccomp's number of SCMP_ARCH_X86_64, or of amd64 as Go spells it; 0 for
 * one that this libseccomp does not know. */
uint32_t filter_arch_number(const char *name);

/* filter_newer.c: put in front of the program the answer to calls that are
 * newer than every call the profile names. */
void filter_prepend_newer(struct filter *filter, const struct filter_builder *b,
                          const struct json_t *profile);

/* filter_cache.c: the number under which the program is kept; and the program,
 * or -ENOENT where there is none or it is damaged. */
uint64_t filter_cache_key(const struct filter_source *source);
int filter_cache_load(int dir, uint64_t key, struct filter *ret);
int filter_cache_store(int dir, uint64_t key, const struct filter *filter,
                       struct err *e);

#endif
