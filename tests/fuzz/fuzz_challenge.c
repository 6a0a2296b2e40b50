/* What a registry asks for, WWW-Authenticate (chapter 11), and where it sends
 * us: a header and a URL. What is understood has a realm, if it needs one, and
 * a URL's origin names nobody. */
#include "challenge.h"
#include "fuzz.h"
#include "host.h"
#include "registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *header = fuzz_part(&in);
    auto_free char *url = fuzz_part(&in);
    auto_challenge struct challenge c = {0};
    int r = challenge_parse(header, &c, NULL);
    fuzz_must(r == 0 || c.realm == NULL);
    fuzz_must(r < 0 || c.scheme == CHALLENGE_BASIC || c.realm != NULL);
    fuzz_must(c.realm == NULL || strlen(c.realm) <= strlen(header));
    auto_free char *origin = host_origin(url);
    fuzz_must(origin == NULL || strchr(origin, '@') == NULL);
    fuzz_must(origin == NULL || text_starts(origin, "http://") ||
              text_starts(origin, "https://"));
    int ms = registry_wait_ms(429, url, 3);
    fuzz_must(ms >= -1 && ms <= 120 * 1000);
    return 0;
}
