/* resolv.conf(5) read. See resolv.h. */
#include "resolv.h"

#include "ip.h"
#include "own.h"

#include <string.h>
#include <sys/socket.h>

static const char BLANKS[] = " \t\r\f\v";

void resolv_done(struct resolv *resolv)
{
    strv_done(&resolv->nameservers);
    strv_done(&resolv->search);
    strv_done(&resolv->options);
    strv_done(&resolv->other);
    strv_done(&resolv->invalid);
}

static void split_words(const char *line, struct strv *ret)
{
    for (line += strspn(line, BLANKS); *line != '\0';) {
        size_t len = strcspn(line, BLANKS);
        strv_addf(ret, "%.*s", (int)len, line);
        line += len;
        line += strspn(line, BLANKS);
    }
}

/* An address may end in a zone, "fe80::1%eth0", which the kernel's socket
 * address has and our struct ip has not. */
static bool is_address(const char *word, struct ip *ret)
{
    auto_free char *bare = text_format("%.*s", (int)strcspn(word, "%"), word);
    return ip_parse(bare, ret) == 0;
}

static void add_words(struct strv *list, const struct strv *words)
{
    for (size_t i = 1; i < words->n; i++)
        strv_add(list, words->v[i]);
}

static void read_nameserver(const struct strv *words, struct resolv *ret)
{
    struct ip ip;
    strv_add(is_address(words->v[1], &ip) ? &ret->nameservers : &ret->invalid,
             words->v[1]);
}

/* Only the last one counts. */
static void read_search(const struct strv *words, struct resolv *ret)
{
    strv_done(&ret->search);
    add_words(&ret->search, words);
}

static void read_options(const struct strv *words, struct resolv *ret)
{
    add_words(&ret->options, words);
}

static const struct {
    const char *word;
    void (*read)(const struct strv *words, struct resolv *ret);
} directives[] = {
    {"nameserver", read_nameserver},
    {"search",     read_search    },
    {"domain",     read_search    }, /* its old name */
    {"options",    read_options   },
};

static void read_line(const char *line, struct resolv *ret)
{
    auto_strv struct strv words = {0};
    split_words(line, &words);
    if (words.n == 0 || words.v[0][0] == '#' || words.v[0][0] == ';')
        return;
    for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
        if (strcmp(words.v[0], directives[i].word) != 0)
            continue;
        if (words.n > 1)
            directives[i].read(&words, ret);
        return;
    }
    strv_add(&ret->other, line);
}

void resolv_read(const char *text, struct resolv *ret)
{
    auto_strv struct strv lines = {0};
    strv_split(&lines, text, '\n');
    *ret = (struct resolv){0};
    for (size_t i = 0; i < lines.n; i++)
        read_line(lines.v[i], ret);
}
