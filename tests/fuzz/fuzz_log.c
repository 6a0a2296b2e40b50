/* Logs (chapter 12): a file with any bytes gives records, and what a record
 * says is written and read again as the same. */
#include "fuzz.h"
#include "log_parts.h"

static void must_survive(const struct log_record *record)
{
    char time_text[LOG_TIME_MAX];
    struct log_record again;
    size_t len = record->len < LOG_LINE_MAX ? record->len : LOG_LINE_MAX;
    auto_free char *out = own_alloc(LOG_RECORD_MAX(len));
    log_format_time(time_text, &record->time, true);
    char *end = log_encode(out, record->stream, record->bytes, len, time_text);
    fuzz_must((size_t)(end - out) <= LOG_RECORD_MAX(len));
    fuzz_must(memchr(out, '\n', (size_t)(end - out)) == end - 1);
    fuzz_must(log_decode(out, (size_t)(end - 1 - out), &again));
    fuzz_must(again.stream == record->stream);
    fuzz_must(again.time.tv_sec == record->time.tv_sec);
    fuzz_must(again.time.tv_nsec == record->time.tv_nsec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    while (data < end) {
        const uint8_t *newline = memchr(data, '\n', (size_t)(end - data));
        size_t len = (size_t)((newline != NULL ? newline : end) - data);
        struct log_record record;
        auto_free char *line = own_alloc(len + 1);
        memcpy(line, data, len);
        if (log_decode(line, len, &record)) {
            fuzz_must(record.stream == 1 || record.stream == 2);
            fuzz_must(record.bytes + record.len <= line + len ||
                      record.len == 0);
            /* Years that RFC 3339 can write. */
            if (record.time.tv_sec >= 0 && record.time.tv_sec < 253402300800)
                must_survive(&record);
        }
        data += len + (newline != NULL);
    }
    return 0;
}
