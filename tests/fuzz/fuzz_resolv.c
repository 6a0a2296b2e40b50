/* resolv.conf of a host, and --add-host (chapter 10). What is made of the file
 * for a container is read again as what it says. */
#include "fuzz.h"
#include "hosts.h"
#include "resolv.h"

#include <errno.h>

/* The words that a list has, read again. */
static void must_be_same(const struct strv *a, const struct strv *b)
{
    fuzz_must(a->n == b->n);
    for (size_t i = 0; i < a->n; i++)
        fuzz_must(strcmp(a->v[i], b->v[i]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *text = fuzz_part(&in);
    auto_free char *spec = fuzz_part(&in);
    auto_resolv struct resolv host = {0};
    resolv_read(text, &host);
    for (int kind = RESOLV_HOST; kind <= RESOLV_INTERNAL; kind++) {
        auto_resolv struct resolv again = {0};
        auto_strv struct strv upstream = {0};
        struct resolv_wish wish = {
            .kind = (enum resolv_kind)kind, .has_ip6 = size % 2, .path = "/x"};
        auto_free char *made = resolv_text(&host, &wish, &upstream);
        resolv_read(made, &again);
        must_be_same(&again.search, &host.search);
        if (kind == RESOLV_HOST)
            must_be_same(&again.nameservers, &host.nameservers);
        else
            fuzz_must(again.nameservers.n > 0);
        fuzz_must((upstream.n > 0) == (kind == RESOLV_INTERNAL));
    }
    auto_free char *name = NULL;
    struct ip ip;
    struct err e = {0};
    int r = hosts_split(spec, "host-gateway", &name, &ip, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == -EINVAL || (r == 0 && name[0] != '\0'));
    return 0;
}
