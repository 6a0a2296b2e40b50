/* Files of leases (chapter 10): one that is read is written, and read again as
 * the same; one that is refused says where. */
#include "fuzz.h"
#include "leases.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *text = fuzz_part(&in);
    auto_text struct text first = {0}, second = {0};
    auto_leases struct leases leases = {0}, again = {0};
    struct err e = {0};
    int r = leases_parse(text, &leases, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r == 0 || (r == -EINVAL && leases.n == 0));
    leases_format(&leases, &first);
    fuzz_must(leases_parse(first.s, &again, NULL) == 0);
    leases_format(&again, &second);
    fuzz_must(strcmp(first.s, second.s) == 0 && leases.n == again.n);
    for (size_t i = 0; i < leases.n; i++) {
        struct lease *lease = &leases.v[i];
        fuzz_must(leases_is_called(lease, lease->name));
        if (lease->ip.family != 0)
            fuzz_must(leases_find_ip(&leases, &lease->ip) != NULL);
    }
    while (leases.n > 0)
        leases_remove(&leases, &leases.v[leases.n / 2]);
    return 0;
}
