/* What a registry answers (chapter 11): a content type, a manifest or an index,
 * a configuration. An index leads to a descriptor with a digest or to none;
 * what is a manifest has the parts that are asked for next, or is refused. */
#include "fuzz.h"
#include "manifests.h"
#include "media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *type = fuzz_part(&in);
    struct text text = {0};
    size_t config_len;
    text.s = fuzz_part_sized(&in, &text.len);
    auto_free char *config_text = fuzz_part_sized(&in, &config_len);
    json_auto_t *config = json_loadb(config_text, config_len, 0, NULL);
    json_auto_t *document = NULL;
    struct platform platform;
    struct err e = {0};
    platform_host(&platform);
    int kind = manifests_parse(&text, type, &document, &e);
    fuzz_must_say(kind, &e);
    fuzz_must((kind < 0) == (document == NULL));
    const json_t *descriptor = NULL;
    if (kind == MEDIA_INDEX) {
        int r = media_choose(&platform, document, &descriptor, &e);
        fuzz_must_say(r, &e);
        fuzz_must(r < 0 || !media_is_attached(descriptor));
    }
    size_t n = json_array_size(json_object_get(document, "layers"));
    int r = kind == MEDIA_MANIFEST ? media_check_config(config, n, &e) : -1;
    for (size_t i = 0; r == 0 && i < n; i++)
        fuzz_must(digest_is_valid(media_diff_id(config, i)));
    text_done(&text);
    return 0;
}
