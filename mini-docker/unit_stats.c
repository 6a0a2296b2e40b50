/* A line of `stats`: formulas and words, against what Docker makes of the same
 * documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field.h"
#include "stats_row.h"

#include <stdlib.h>

/* What a member of the row is, made from two documents. */
static void shows(const char *member, const char *now, const char *before,
                  const char *wanted)
{
    json_auto_t *a = json_loads(now, 0, NULL);
    json_auto_t *b = before == NULL ? NULL : json_loads(before, 0, NULL);
    json_object_set_new(a, "id", json_string("0123456789abcdef"));
    json_object_set_new(a, "name", json_string("/web"));
    json_object_set_new(a, "read", json_string("now"));
    json_auto_t *row = stats_row("shown", a, b, false);
    assert_string_equal(field_string(row, member), wanted);
}

#define CPU(used, all)                                                         \
    "{\"cpu_stats\": {\"cpu_usage\": {\"total_usage\": " #used "}, "           \
    "\"system_cpu_usage\": " #all ", \"online_cpus\": 4}}"

static void processors(void **state)
{
    (void)state;
    /* A quarter of the time of four is one of them. */
    shows("CPUPerc", CPU(2000, 10000), CPU(1000, 6000), "100.00%");
    shows("CPUPerc", CPU(1001, 10000), CPU(1000, 6000), "0.10%");
    shows("CPUPerc", CPU(5000, 10000), CPU(1000, 6000), "400.00%");
    shows("CPUPerc", CPU(1000, 10000), CPU(1000, 6000), "0.00%");
    /* It was started anew in between; nothing went by; nothing was before. */
    shows("CPUPerc", CPU(10, 10000), CPU(1000, 6000), "0.00%");
    shows("CPUPerc", CPU(2000, 6000), CPU(1000, 6000), "0.00%");
    shows("CPUPerc", CPU(2000, 10000), NULL, "0.00%");
    shows("CPUPerc", CPU(2000, 10000), "{}", "0.00%");
}

#define MEMORY(usage, limit, kinds)                                            \
    "{\"memory_stats\": {\"usage\": " #usage ", \"limit\": " #limit            \
    ", \"stats\": {" kinds "}}}"

static void memory(void **state)
{
    (void)state;
    static const char v1[] = MEMORY(
        3000, 6000, "\"inactive_file\": 1, \"total_inactive_file\": 952");
    static const char v2[] =
        MEMORY(2359296, 67108864, "\"inactive_file\": 1048576");
    shows("MemUsage", v1, NULL, "2KiB / 5.859KiB");
    shows("MemPerc", v1, NULL, "34.13%");
    shows("MemUsage", v2, NULL, "1.25MiB / 64MiB");
    shows("MemPerc", v2, NULL, "1.95%");
    shows("MemUsage", MEMORY(1023, 0, ""), NULL, "1023B / 0B");
    shows("MemPerc", MEMORY(1023, 0, ""), NULL, "0.00%");
    /* The counters of a moment need not agree. */
    shows("MemUsage", MEMORY(1024, 2048, "\"inactive_file\": 4096"), NULL,
          "1KiB / 2KiB");
}

static void traffic(void **state)
{
    (void)state;
    shows("NetIO",
          "{\"networks\": {\"eth0\": {\"rx_bytes\": 1000, \"tx_bytes\": 5}, "
          "\"eth1\": {\"rx_bytes\": 240, \"tx_bytes\": 6}}}",
          NULL, "1.24kB / 11B");
    shows("NetIO", "{}", NULL, "0B / 0B");
    /* v1 spells them "Read", Docker on v2 "read". */
    shows("BlockIO",
          "{\"blkio_stats\": {\"io_service_bytes_recursive\": ["
          "{\"op\": \"Read\", \"value\": 4096}, {\"op\": \"write\", \"value\": "
          "2}, {\"op\": \"Sync\", \"value\": 7}, {\"op\": \"read\", \"value\": "
          "4}, {\"op\": \"Total\", \"value\": 9}]}}",
          NULL, "4.1kB / 2B");
    shows("BlockIO", "{\"blkio_stats\": {}}", NULL, "0B / 0B");
}

static void what_nobody_counts(void **state)
{
    (void)state;
    shows("CPUPerc", "{}", NULL, "--");
    shows("MemUsage", "{}", NULL, "-- / --");
    shows("MemPerc", "{}", NULL, "--");
    shows("BlockIO", "{}", NULL, "--");
    shows("PIDs", "{}", NULL, "--");
    shows("PIDs", "{\"pids_stats\": {\"current\": 12}}", NULL, "12");
}

static void names(void **state)
{
    (void)state;
    shows("Name", "{}", NULL, "web");
    shows("ID", "{}", NULL, "0123456789ab");
    shows("Container", "{}", NULL, "shown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processors), cmocka_unit_test(memory),
        cmocka_unit_test(traffic),    cmocka_unit_test(what_nobody_counts),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
