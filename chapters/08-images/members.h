/*
 * members.h - private to this chapter: an archive of images, taken apart.
 *
 * The members of the archive may come in any order, and a pipe cannot be read
 * twice: a list may come after what it lists, or before. So each file is put
 * into the stage as it comes, and looked for afterwards. The archive's names
 * are never names on the disk: a member is the file "mN" of the stage.
 *
 *     struct members members = {.stage = &stage};
 *     if (members_read(&members, store, source, &e) < 0) ...
 *     const struct member *list = members_find(&members, "manifest.json");
 *
 * Links among the members are followed within the archive, as `docker save`
 * made them for layers that occur twice. Of two members with one name the last
 * one wins. A blob that the store has already is not kept once more.
 *
 * -EBADMSG no archive, or damaged; -EINVAL a name with ".."; -E2BIG.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include "image.h"
#include "stage.h"

struct member {
    char *name;    /* cleaned; of a link what it leads to is in `link` */
    char *link;    /* NULL: a file */
    char path[16]; /* in the stage */
    uint64_t size;
    bool is_known;   /* the store's own blob: verified when it was written */
    char digest[72]; /* set for those that are to become blobs */
};

struct members {
    const struct stage *stage;
    struct member **v;
    size_t n;
    size_t name_bytes;
    json_t *by_name; /* -> index */
};

int members_read(struct members *members, struct layer_source source,
                 struct err *e);
void members_done(struct members *members);

/* Take the blob of that digest that the store has, if it is as large as the
 * member, by another name in the stage: so it stays whatever is removed
 * meanwhile. False: it has none. */
bool members_take_known(const struct stage *stage, const char *digest,
                        struct member *member);

/* NULL: there is none, or its links lead in a circle. */
struct member *members_find(const struct members *members, const char *path);
/* The member of a blob; -ENOENT, naming the digest. */
int members_find_blob(const struct members *members, const char *digest,
                      struct member **ret, struct err *e);

/* A JSON document among them; `wanted` is its digest, or NULL; the digest it
 * has goes to member->digest. Caller json_decref()s. */
int members_json(const struct members *members, struct member *member,
                 const char *wanted, json_t **ret, struct err *e);

#endif
