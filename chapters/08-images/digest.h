/*
 * digest.h - SHA-256, the name of everything in the store.
 *
 *     struct digest d;
 *     digest_init(&d);
 *     digest_add(&d, bytes, len);
 *     char text[DIGEST_SIZE];
 *     digest_end(&d, text);       // "sha256:6e34..."
 *
 * The function is libcrypto's (SHA256_Update(3ssl)), which uses the CPU's
 * instructions for it. OpenSSL 3 would rather have us ask EVP for it by name:
 * that looks through providers and brings most of the library into a program
 * that is linked statically, for the same function. Nothing to release, no
 * errors, fork-safe.
 */
#ifndef DIGEST_H
#define DIGEST_H

#define OPENSSL_API_COMPAT 10101 /* where it was not yet deprecated */
#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>

/* "sha256:", 64 hexadecimal digits and the end, rounded up. */
enum { DIGEST_SIZE = 72, DIGEST_HEX = 64 };

struct digest {
    SHA256_CTX sha;
};

void digest_init(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_end(struct digest *d, char ret[DIGEST_SIZE]);

/* The digest of some bytes at once. */
void digest_of(const void *bytes, size_t len, char ret[DIGEST_SIZE]);

/* Is it "sha256:" and 64 lower-case hexadecimal digits? Ask before a digest
 * that came from outside becomes part of a path. */
bool digest_is_valid(const char *text);
/* The digits alone, within a valid digest. */
const char *digest_hex(const char *text);

#endif
