/*
 * base64.h - bytes as text (RFC 4648, 4), as HTTP and config.json want names
 * and passwords.
 *
 *     auto_free char *text = base64_encode("me:secret", 9);
 *     auto_free char *both = base64_decode(text, &len);    // NULL: it is none
 *
 * The caller frees what is returned. Nothing is secret in it.
 */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

char *base64_encode(const char *bytes, size_t len);
/* What is decoded is terminated. */
char *base64_decode(const char *text, size_t *ret_len);

#endif
