/* config.json, which others write, too (chapter 11): the file, and a domain. An
 * account that is put in is found again, and is gone when it is taken out; what
 * base64 decodes encodes to the same. */
#include "base64.h"
#include "fuzz.h"
#include "login.h"

static void put_and_take(json_t *config, const char *domain)
{
    const struct registry_account account = {.user = (char[]){"me"},
                                             .password = (char[]){"a:b"}};
    auto_registry_account struct registry_account got = {0};
    struct err e = {0};
    login_change(config, domain, &account);
    fuzz_must(login_read_auth(config, domain, &got, &e) == 1);
    fuzz_must(strcmp(got.user, "me") == 0 && strcmp(got.password, "a:b") == 0);
    fuzz_must(login_change(config, domain, NULL) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    size_t len, decoded_len;
    auto_free char *text = fuzz_part_sized(&in, &len);
    auto_free char *server = fuzz_part(&in);
    auto_free char *domain = login_domain(server);
    auto_free char *decoded = base64_decode(server, &decoded_len);
    if (decoded != NULL) {
        auto_free char *again = base64_encode(decoded, decoded_len);
        fuzz_must(strlen(again) == strlen(server));
    }
    auto_registry_account struct registry_account account = {0};
    json_auto_t *config = NULL;
    struct err e = {0};
    int r = login_parse(text, len, &config, &e);
    fuzz_must_say(r, &e);
    if (r < 0)
        return 0;
    r = login_read_auth(config, domain, &account, &e);
    fuzz_must_say(r, &e);
    fuzz_must(r != 1 || account.user != NULL || account.token != NULL);
    login_helper(config, domain);
    /* A key of JSON is UTF-8. */
    json_auto_t *key = json_string(domain);
    if (key != NULL)
        put_and_take(config, domain);
    return 0;
}
