/*
 * digest.h - SHA-256, the name of everything in the store.
 *
 *     auto_digest struct digest d = {0};
 *     if (digest_init(&d, &e) < 0) ...
 *     digest_add(&d, bytes, len);
 *     char text[DIGEST_SIZE];
 *     digest_end(&d, text);       // "sha256:6e34..."
 *
 * The function is libcrypto's (EVP_DigestInit(3ssl)), which uses the CPU's
 * instructions for it. The library is loaded when first needed, because `run`
 * never needs it. Error: -ELIBACC where it is missing. Fork-safe.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

/* "sha256:", 64 hexadecimal digits and the end, rounded up. */
enum { DIGEST_SIZE = 72, DIGEST_HEX = 64 };

/* The functions of libcrypto that we call. */
struct digest_lib {
    void *(*new)(void);
    void (*free)(void *ctx);
    const void *(*sha256)(void);
    int (*init)(void *ctx, const void *type, void *engine);
    int (*update)(void *ctx, const void *bytes, size_t len);
    int (*final)(void *ctx, unsigned char *md, unsigned int *len);
};
struct digest {
    struct digest_lib lib;
    void *ctx; /* NULL before digest_init */
};
#define auto_digest __attribute__((cleanup(digest_done)))

int digest_init(struct digest *d, struct err *e);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_end(struct digest *d, char ret[DIGEST_SIZE]);
void digest_done(struct digest *d);

/* The digest of some bytes at once. */
int digest_of(const void *bytes, size_t len, char ret[DIGEST_SIZE],
              struct err *e);

/* Is it "sha256:" and 64 lower-case hexadecimal digits? Ask before a digest
 * that came from outside becomes part of a path. */
bool digest_is_valid(const char *text);
/* The digits alone, within a valid digest. */
const char *digest_hex(const char *text);

#endif
