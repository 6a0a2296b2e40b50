#include "host.h"

#include "files.h"
#include "own.h"
#include "sys.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CERTS "/etc/docker/certs.d"
#define HUB_HOST "registry-1.docker.io"

void host_done(struct host *host)
{
    for (size_t i = 0; i < host->base_count; i++)
        own_free(&host->bases[i]);
    own_free(&host->ca);
    own_free(&host->cert);
    own_free(&host->key);
    *host = (struct host){0};
}

/* Without the port, and without the brackets of an IPv6 address. */
static char *name_of(const char *domain)
{
    if (domain[0] == '[')
        return text_format("%.*s", (int)strcspn(domain + 1, "]"), domain + 1);
    return text_format("%.*s", (int)strcspn(domain, ":"), domain);
}

static bool is_this_machine(const char *name)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcmp(name, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool host_is_insecure(const char *domain)
{
    auto_free char *name = name_of(domain);
    if (is_this_machine(name))
        return true;
    const char *said = getenv("MINI_DOCKER_INSECURE_REGISTRIES");
    auto_strv struct strv list = {0};
    strv_split(&list, said != NULL ? said : "", ',');
    for (size_t i = 0; i < list.n; i++)
        if (strcmp(list.v[i], domain) == 0)
            return true;
    return false;
}

/* --- certificates -------------------------------------------------------- */

static int take_certificate(struct host *host, int dir, const char *path,
                            const char *name, struct err *e)
{
    auto_text struct text pem = {0};
    if (text_ends(name, ".crt")) {
        if (host->ca != NULL)
            text_add(&pem, host->ca);
        int r = files_read(dir, name, &pem, e);
        if (r < 0)
            return err_add(e, "%s", path);
        text_add(&pem, "\n");
        own_free(&host->ca);
        host->ca = text_take(&pem);
    }
    if (!text_ends(name, ".cert") || host->cert != NULL)
        return 0;
    int stem = (int)(strlen(name) - strlen(".cert"));
    host->cert = text_format("%s/%s", path, name);
    host->key = text_format("%s/%.*s.key", path, stem, name);
    auto_free char *key = text_format("%.*s.key", stem, name);
    return faccessat(dir, key, F_OK, 0) == 0
               ? 0
               : err_set(e, ENOENT, "missing key %s for client certificate %s",
                         key, name);
}

static int read_certificates(struct host *host, const char *domain,
                             struct err *e)
{
    auto_free char *path = text_format(CERTS "/%s", domain);
    auto_fd int fd =
        sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd == -ENOENT || fd == -ENOTDIR)
        return 0;
    auto_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL)
        return err_sys(e, fd < 0 ? fd : errno, "open %s", path);
    fd_take(&fd);
    struct dirent *entry;
    int r = 0;
    while (r == 0 && (entry = readdir(dir)) != NULL)
        r = take_certificate(host, dirfd(dir), path, entry->d_name, e);
    return r;
}

int host_find(const char *domain, struct host *ret, struct err *e)
{
    *ret = (struct host){0};
    bool is_hub = strcmp(domain, HOST_HUB) == 0;
    const char *host = is_hub ? HUB_HOST : domain;
    int r = read_certificates(ret, domain, e);
    if (r < 0) {
        host_done(ret);
        return r;
    }
    bool has_files = ret->ca != NULL || ret->cert != NULL;
    bool is_insecure = !is_hub && !has_files && host_is_insecure(domain);
    ret->bases[ret->base_count++] = text_format("https://%s", host);
    if (is_insecure)
        ret->bases[ret->base_count++] = text_format("http://%s", host);
    ret->trust = (struct web_trust){.ca = ret->ca,
                                    .cert = ret->cert,
                                    .key = ret->key,
                                    .is_unverified = is_insecure};
    return 0;
}

/* The port is that of the scheme where none is said. */
char *host_origin(const char *url)
{
    bool is_tls = strncasecmp(url, "https://", 8) == 0;
    if (!is_tls && strncasecmp(url, "http://", 7) != 0)
        return NULL;
    const char *at = url + (is_tls ? 8 : 7);
    size_t len = strcspn(at, "/?#");
    /* A name before "@" is none of the host's. */
    for (size_t i = 0; i < len; i++)
        if (at[i] == '@') {
            at += i + 1;
            len -= i + 1;
            i = (size_t)-1;
        }
    const char *close = memchr(at, ']', len);
    const char *from = close != NULL ? close : at;
    bool has_port = memchr(from, ':', len - (size_t)(from - at)) != NULL;
    char *origin =
        text_format("%s://%.*s%s", is_tls ? "https" : "http", (int)len, at,
                    has_port ? ""
                    : is_tls ? ":443"
                             : ":80");
    for (char *c = origin; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return origin;
}
