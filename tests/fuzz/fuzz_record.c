/* A container's record and what is made of it (chapter 13): the request and
 * the image's configuration become a document, the document a plan. */
// WRAP files_replace filter_get files_open_in
#include "field.h"
#include "fuzz_plan.h"
#include "state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_free char *asked = fuzz_part(&in), *config = fuzz_part(&in);
    fuzz_passwd = fuzz_part(&in);
    json_auto_t *request = json_loads(asked, 0, NULL);
    struct image image = {.config = json_loads(config, 0, NULL)};
    strv_add(&image.layers, "/");
    if (json_is_object(request)) {
        struct engine engine = FUZZ_ENGINE;
        json_auto_t *doc = plan_document(request, &image, FUZZ_ID, "name");
        fuzz_must(doc != NULL);
        fuzz_plan(&engine, &image, doc);
    }
    /* Also a record that was not made by us is shown. */
    auto_free char *status = state_status(request);
    fuzz_must(status != NULL);
    image_done(&image);
    free(fuzz_passwd);
    return 0;
}
