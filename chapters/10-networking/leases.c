/* A network's leases: kept, found, read from their file and written. See
 * leases.h. */
#include "leases.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void lease_done(struct lease *lease)
{
    free(lease->name);
    strv_done(&lease->aliases);
}

void leases_done(struct leases *leases)
{
    for (size_t i = 0; i < leases->n; i++)
        lease_done(&leases->v[i]);
    free(leases->v);
    *leases = (struct leases){0};
}

static struct lease *append(struct leases *leases)
{
    if ((leases->n & (leases->n - 1)) == 0) {
        size_t room = leases->n == 0 ? 1 : 2 * leases->n;
        leases->v = own_grow(leases->v, room * sizeof leases->v[0]);
    }
    struct lease *fresh = &leases->v[leases->n++];
    memset(fresh, 0, sizeof *fresh);
    return fresh;
}

void leases_add(struct leases *leases, const struct lease *lease)
{
    struct lease *fresh = append(leases);
    *fresh = *lease;
    fresh->name = own_strdup(lease->name);
    fresh->aliases = (struct strv){0};
    for (size_t i = 0; i < lease->aliases.n; i++)
        strv_add(&fresh->aliases, lease->aliases.v[i]);
    if (lease->ip.family != 0)
        leases->last = lease->ip;
    if (lease->ip6.family != 0)
        leases->last6 = lease->ip6;
}

void leases_remove(struct leases *leases, struct lease *lease)
{
    struct lease *end = leases->v + leases->n;
    lease_done(lease);
    memmove(lease, lease + 1, (size_t)(end - lease - 1) * sizeof *lease);
    /* append grows at powers of two: shrinking needs no memory back. */
    leases->n--;
}

struct lease *leases_find_container(const struct leases *leases, const char *id)
{
    for (size_t i = 0; i < leases->n; i++)
        if (strcmp(leases->v[i].container, id) == 0)
            return &leases->v[i];
    return NULL;
}

struct lease *leases_find_endpoint(const struct leases *leases, const char *id)
{
    for (size_t i = 0; i < leases->n; i++)
        if (strcmp(leases->v[i].endpoint, id) == 0)
            return &leases->v[i];
    return NULL;
}

struct lease *leases_find_ip(const struct leases *leases, const struct ip *ip)
{
    for (size_t i = 0; ip->family != 0 && i < leases->n; i++)
        if (ip_equal(&leases->v[i].ip, ip) || ip_equal(&leases->v[i].ip6, ip))
            return &leases->v[i];
    return NULL;
}

void leases_taken(const struct leases *leases, int family, struct ips *ret)
{
    for (size_t i = 0; i < leases->n; i++) {
        if (leases->v[i].ip.family == family)
            ip_ips_add(ret, &leases->v[i].ip);
        if (leases->v[i].ip6.family == family)
            ip_ips_add(ret, &leases->v[i].ip6);
    }
}

bool leases_is_called(const struct lease *lease, const char *name)
{
    if (strcasecmp(lease->name, name) == 0)
        return true;
    for (size_t i = 0; i < lease->aliases.n; i++)
        if (strcasecmp(lease->aliases.v[i], name) == 0)
            return true;
    return strlen(name) == LEASES_SHORT_ID &&
           strncasecmp(lease->container, name, LEASES_SHORT_ID) == 0;
}

int leases_read(int dirfd, const char *path, struct leases *ret, struct err *e)
{
    auto_text struct text text = {0};
    *ret = (struct leases){0};
    int r = files_read(dirfd, path, &text, e);
    if (r < 0)
        return r;
    if (strlen(text.s) < text.len)
        return err_set(e, EINVAL, "%s: not a text", path);
    return leases_parse(text.s, ret, e) < 0 ? err_add(e, "%s", path) : 0;
}

/* What would be read as something else is not written. */
static int check_word(const char *word, struct err *e)
{
    if (word == NULL || word[0] == '\0' || strcmp(word, "-") == 0)
        return err_set(e, EINVAL, "a name in a network may not be empty");
    for (const char *c = word; *c != '\0'; c++)
        if (*c == ',' || (unsigned char)*c <= ' ')
            return err_set(e, EINVAL, "name \"%s\": invalid character", word);
    return 0;
}

static int check(const struct lease *lease, struct err *e)
{
    int r = check_word(lease->name, e);
    for (size_t i = 0; r == 0 && i < lease->aliases.n; i++)
        r = check_word(lease->aliases.v[i], e);
    return r;
}

int leases_write(int dirfd, const char *path, const struct leases *leases,
                 struct err *e)
{
    for (size_t i = 0; i < leases->n; i++)
        if (check(&leases->v[i], e) < 0)
            return -EINVAL;
    auto_text struct text text = {0};
    leases_format(leases, &text);
    return files_replace(dirfd, path, text.s, text.len, 0, e);
}
