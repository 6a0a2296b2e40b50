#include "digest.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "sha256:"

void digest_init(struct digest *d)
{
    SHA256_Init(&d->sha);
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
    SHA256_Update(&d->sha, bytes, len);
}

void digest_end(struct digest *d, char ret[DIGEST_SIZE])
{
    unsigned char md[SHA256_DIGEST_LENGTH];
    SHA256_Final(md, &d->sha);
    size_t used = (size_t)snprintf(ret, DIGEST_SIZE, PREFIX);
    for (size_t i = 0; i < sizeof md; i++)
        used += (size_t)snprintf(ret + used, DIGEST_SIZE - used, "%02x", md[i]);
}

void digest_of(const void *bytes, size_t len, char ret[DIGEST_SIZE])
{
    struct digest d;
    digest_init(&d);
    digest_add(&d, bytes, len);
    digest_end(&d, ret);
}

bool digest_is_valid(const char *text)
{
    return strncmp(text, PREFIX, strlen(PREFIX)) == 0 &&
           strlen(text) == strlen(PREFIX) + DIGEST_HEX &&
           strspn(digest_hex(text), "0123456789abcdef") == DIGEST_HEX;
}

const char *digest_hex(const char *text)
{
    return text + strlen(PREFIX);
}
