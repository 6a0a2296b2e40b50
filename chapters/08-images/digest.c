#include "digest.h"

#include "lazy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "sha256:"

int digest_init(struct digest *d, struct err *e)
{
    static const char *const names[] = {"libcrypto.so.3", "libcrypto.so", NULL};
    const struct lazy_symbol symbols[] = {
        {"EVP_MD_CTX_new",     &d->lib.new   },
        {"EVP_MD_CTX_free",    &d->lib.free  },
        {"EVP_sha256",         &d->lib.sha256},
        {"EVP_DigestInit_ex",  &d->lib.init  },
        {"EVP_DigestUpdate",   &d->lib.update},
        {"EVP_DigestFinal_ex", &d->lib.final },
    };
    int r = lazy_load(names, symbols, sizeof symbols / sizeof symbols[0], e);
    if (r < 0)
        return r;
    d->ctx = d->lib.new();
    if (d->ctx == NULL || d->lib.init(d->ctx, d->lib.sha256(), NULL) != 1)
        return err_set(e, ELIBACC, "libcrypto does no SHA-256");
    return 0;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
    d->lib.update(d->ctx, bytes, len);
}

void digest_end(struct digest *d, char ret[DIGEST_SIZE])
{
    unsigned char md[64] = {0}; /* EVP_MAX_MD_SIZE */
    unsigned int len = 0;
    d->lib.final(d->ctx, md, &len);
    size_t used = (size_t)snprintf(ret, DIGEST_SIZE, PREFIX);
    for (unsigned int i = 0; i < DIGEST_HEX / 2; i++)
        used += (size_t)snprintf(ret + used, DIGEST_SIZE - used, "%02x", md[i]);
}

void digest_done(struct digest *d)
{
    if (d->ctx != NULL)
        d->lib.free(d->ctx);
    d->ctx = NULL;
}

int digest_of(const void *bytes, size_t len, char ret[DIGEST_SIZE],
              struct err *e)
{
    auto_digest struct digest d = {0};
    int r = digest_init(&d, e);
    if (r < 0)
        return r;
    digest_add(&d, bytes, len);
    digest_end(&d, ret);
    return 0;
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
