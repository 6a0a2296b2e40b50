/* Who is in the container's networks, and what a name means there. */
#include "nameserver_parts.h"

#include "files.h"
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Has the file become another since it was read? If so, it is opened anew. */
static bool is_changed(struct nameserver_file *file)
{
    struct stat now;
    bool is_there = file->path != NULL && stat(file->path, &now) == 0;
    if (!is_there && file->fd < 0)
        return false;
    const struct stat *seen = &file->seen;
    if (is_there && file->fd >= 0 && now.st_dev == seen->st_dev &&
        now.st_ino == seen->st_ino && now.st_size == seen->st_size &&
        is_same_time(&now.st_mtim, &seen->st_mtim))
        return false;
    own_close(&file->fd);
    file->fd = is_there ? open(file->path, O_RDONLY | O_CLOEXEC) : -1;
    if (file->fd >= 0 && fstat(file->fd, &file->seen) < 0)
        own_close(&file->fd);
    return true;
}

static void read_text(const struct nameserver_file *file, struct text *ret)
{
    auto_free char *path = text_format("/proc/self/fd/%d", file->fd);
    if (file->fd < 0 || files_read(AT_FDCWD, path, ret, NULL) < 0)
        text_clear(ret);
    text_addn(ret, "", 0);
}

static void close_network(struct nameserver_network *network)
{
    free(network->name);
    free(network->file.path);
    own_close(&network->file.fd);
    leases_done(&network->leases);
}

static void close_networks(struct nameserver_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        close_network(&names->v[i]);
    own_free(&names->v);
    names->n = 0;
}

/* "PATH NAME": a path may have blanks, a name has none. */
static void read_list(struct nameserver_names *names)
{
    auto_text struct text text = {0};
    auto_strv struct strv lines = {0};
    read_text(&names->list, &text);
    strv_split(&lines, text.s, '\n');
    close_networks(names);
    names->v = own_alloc((lines.n + 1) * sizeof names->v[0]);
    for (size_t i = 0; i < lines.n; i++) {
        const char *blank = strrchr(lines.v[i], ' ');
        if (blank == NULL)
            continue;
        struct nameserver_network *fresh = &names->v[names->n++];
        fresh->name = own_strdup(blank + 1);
        fresh->file.path =
            text_format("%.*s", (int)(blank - lines.v[i]), lines.v[i]);
        fresh->file.fd = -1;
    }
}

/* What everybody else changes, seen before each question. */
static void refresh(struct nameserver_names *names)
{
    bool has_read = is_changed(&names->list);
    if (has_read)
        read_list(names);
    for (size_t i = 0; i < names->n; i++) {
        struct nameserver_network *network = &names->v[i];
        if (!is_changed(&network->file))
            continue;
        auto_text struct text text = {0};
        read_text(&network->file, &text);
        leases_done(&network->leases);
        if (strlen(text.s) == text.len)
            leases_parse(text.s, &network->leases, NULL);
        has_read = true;
    }
    /* A file is read in many pieces; there is such a server for each container.
     */
    if (has_read)
        malloc_trim(0);
}

void nameserver_names_open(struct nameserver_names *names,
                           const struct nameserver *ns)
{
    names->list.path = ns->networks != NULL ? own_strdup(ns->networks) : NULL;
    names->list.fd = -1;
    names->links = &ns->links;
}

void nameserver_names_close(struct nameserver_names *names)
{
    close_networks(names);
    own_close(&names->list.fd);
    own_free(&names->list.path);
    own_free(&names->pointer);
}

/* One more record, if it is of the kind that is asked for. */
static void add_ip(struct nameserver_names *names, int *n, uint16_t type,
                   const struct ip *ip)
{
    uint16_t own = ip->family == AF_INET ? DNS_A : DNS_AAAA;
    if (ip->family != 0 && (type == own || type == DNS_ANY) &&
        *n < NAMESERVER_RECORDS)
        names->records[(*n)++] = (struct dns_record){.type = own, .ip = *ip};
}

/* Those of one network: how many, or -ENOENT where nobody is called that. */
static int find_in(struct nameserver_names *names,
                   const struct nameserver_network *network, const char *name,
                   uint16_t type)
{
    int n = -ENOENT;
    for (size_t i = 0; i < network->leases.n; i++) {
        const struct lease *lease = &network->leases.v[i];
        if (!leases_is_called(lease, name))
            continue;
        if (n < 0)
            n = 0;
        add_ip(names, &n, type, &lease->ip);
        add_ip(names, &n, type, &lease->ip6);
    }
    return n;
}

/* "web.front" without the network's name, in `ret`: NULL if it ends otherwise.
 */
static const char *without_network(const char *name, const char *network,
                                   char ret[DNS_NAME_TEXT])
{
    size_t len = strlen(name), end = strlen(network);
    if (len < end + 2 || name[len - end - 1] != '.' ||
        strcasecmp(name + len - end, network) != 0)
        return NULL;
    memcpy(ret, name, len - end - 1);
    ret[len - end - 1] = '\0';
    return ret;
}

static int find_link(struct nameserver_names *names, const char *name,
                     uint16_t type)
{
    int n = -ENOENT;
    for (size_t i = 0; i < names->links->n; i++) {
        const char *link = names->links->v[i];
        const char *sign = strchr(link, '=');
        struct ip ip;
        if (sign == NULL || strlen(name) != (size_t)(sign - link) ||
            strncasecmp(link, name, strlen(name)) != 0 ||
            ip_parse(sign + 1, &ip) < 0)
            continue;
        if (n < 0)
            n = 0;
        add_ip(names, &n, type, &ip);
    }
    return n;
}

/* The first network that has such a record; that one knows the name without it
 * is remembered. */
static int find_name(struct nameserver_names *names, const char *name,
                     uint16_t type)
{
    char rest[DNS_NAME_TEXT];
    int found = find_link(names, name, type);
    for (size_t i = 0; found <= 0 && i < names->n; i++) {
        const struct nameserver_network *network = &names->v[i];
        int n = find_in(names, network, name, type);
        const char *first = without_network(name, network->name, rest);
        if (n < 0 && first != NULL)
            n = find_in(names, network, first, type);
        if (n >= 0)
            found = n;
    }
    return found;
}

/* Whose address it is. One that nobody has is asked elsewhere. */
static int find_address(struct nameserver_names *names, const struct ip *ip,
                        uint16_t type)
{
    for (size_t i = 0; i < names->n; i++) {
        const struct nameserver_network *network = &names->v[i];
        const struct lease *lease = leases_find_ip(&network->leases, ip);
        if (lease == NULL)
            continue;
        own_free(&names->pointer);
        names->pointer = text_format("%s.%s", lease->name, network->name);
        if (!dns_is_name(names->pointer))
            continue;
        names->records[0] =
            (struct dns_record){.type = DNS_PTR, .name = names->pointer};
        return type == DNS_PTR || type == DNS_ANY;
    }
    return -ENOENT;
}

int nameserver_find(struct nameserver_names *names,
                    const struct dns_query *query)
{
    struct ip ip;
    if (query->class != DNS_IN)
        return -ENOENT;
    refresh(names);
    if (dns_reverse(query->name, &ip))
        return find_address(names, &ip, query->type);
    return find_name(names, query->name, query->type);
}
