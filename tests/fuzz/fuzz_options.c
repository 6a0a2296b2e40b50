/* The options of `run`, one word a line; the last part is what the files hold
 * that options name. Refused in words, or a document that can be written. */
// WRAP files_read
#include "files.h"
#include "fuzz.h"
#include "request.h"

static char *file;
static size_t file_len;

int __wrap_files_read(int dirfd, const char *path, struct text *out,
                      struct err *e)
{
    (void)dirfd;
    (void)path;
    (void)e;
    text_addn(out, file, file_len);
    return (int)out->len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    auto_strv struct strv words = {0};
    auto_free char *line = fuzz_part(&in);
    strv_split(&words, line, '\n');
    file = fuzz_part_sized(&in, &file_len);
    struct err e = {0};
    struct call call = {.command = &command_run, .doc = json_object()};
    struct option_line wish = {
        .options = request_options, .argv = words.v, .stop_at_operand = true};
    int r =
        words.n == 0 ? 0 : option_parse(&wish, call.doc, &call.operands, &e);
    if (r == 0 && call.operands.n > 0)
        r = command_run.check(&call, &e);
    fuzz_must_say(r, &e);
    auto_free char *written = json_dumps(call.doc, JSON_COMPACT);
    fuzz_must(written != NULL);
    json_decref(call.doc);
    strv_done(&call.operands);
    strv_done(&call.failures);
    free(file);
    return 0;
}
