/*
 * oci_reader.h - a JSON document read by tables into structs.
 *
 * Only the files of oci.h include this. What config.json may hold is said by
 * arrays of struct oci_field, one for each object of the specification; the
 * reader goes through them, checks types and ranges, and fills in structs:
 *
 *     static const struct oci_field fields[] = {
 *         {.key = "cwd", .kind = OCI_STRING, .required = true,
 *          .offset = offsetof(struct spec_process, cwd)},
 *         {.key = "rlimits", .kind = OCI_EACH, .call = read_rlimit},
 *         {0},
 *     };
 *
 * Members that no table names are passed over, as the specification wants
 * ("Extensibility"); null is the same as absent. The reader knows where it is,
 * so that every message begins with it: "process.rlimits[2].type: ...". What a
 * table's `call` complains about is said without that. -EINVAL.
 */
#ifndef OCI_READER_H
#define OCI_READER_H

#include "err.h"
#include "text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct oci_reader {
    char path[160]; /* where we are: "linux.resources.memory" */
    size_t len;
    bool named; /* the error has its path already */
    void *arg; /* the caller's; where processes are read oci_config.ungranted */
};

enum oci_kind {
    OCI_STRING,  /* char *, a copy */
    OCI_BOOL,    /* bool */
    OCI_STRINGS, /* struct strv */
    OCI_I64,     /* int64_t */
    OCI_U64,     /* uint64_t */
    OCI_U32,     /* uint32_t: uid_t, mode_t ... */
    OCI_U16,     /* uint16_t */
    OCI_ID,      /* uid_t, gid_t: all but the last, which means "none" */
    OCI_INT,     /* int */
    OCI_OBJECT,  /* `fields`, for the struct at `offset` */
    OCI_EACH,    /* array: `call` for each element */
    OCI_MEMBERS, /* object: `call` for each member */
    OCI_CALL,    /* `call` for the value, whatever it is */
};

/* `base` is the struct that is filled in, plus the field's offset; `key` the
 * member's name. */
typedef int oci_call(struct oci_reader *reader, const char *key,
                     const json_t *value, void *base, struct err *e);

struct oci_field {
    const char *key; /* NULL ends a table */
    enum oci_kind kind;
    bool required;
    size_t offset;
    size_t has; /* offset of a bool that is set when it is there; 0: none */
    const struct oci_field *fields;
    oci_call *call;
};

/* Where `r` is an error, put `place` before its reason; of what is too long the
 * end is lost and not, as with err_add, the place. Returns `r`. */
int oci_place(int r, const char *place, struct err *e);

/* A document that is released with its variable. */
#define auto_json __attribute__((cleanup(oci_forget)))
void oci_forget(json_t **doc);

/* For OCI_EACH: an absolute path, added to a struct strv. */
oci_call oci_read_path;

int oci_read(struct oci_reader *reader, const json_t *object,
             const struct oci_field *fields, void *base, struct err *e);

#endif
