/* Ports as `ps` shows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "row.h"

#include <stdlib.h>

static void ports_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *ports, *words;
    } cases[] = {
        {"[]",                                              ""                                       },
        {"[{\"PrivatePort\":80,\"Type\":\"tcp\"}]",         "80/tcp"                                 },
        {"[{\"IP\":\"::\",\"PrivatePort\":80,\"PublicPort\":8080,"
         "\"Type\":\"tcp\"},{\"IP\":\"0.0.0.0\",\"PrivatePort\":80,"
         "\"PublicPort\":8080,\"Type\":\"tcp\"}]", "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp"},
 /* Side by side, in any order: one range. */
        {"[{\"PrivatePort\":82,\"Type\":\"tcp\"},{\"PrivatePort\":81,"
         "\"Type\":\"tcp\"},{\"PrivatePort\":84,\"Type\":\"tcp\"},"
         "{\"PrivatePort\":83,\"Type\":\"udp\"}]", "81-82/tcp, 84/tcp, 83/udp"              },
 /* The host's numbers must go on as well. */
        {"[{\"IP\":\"1.2.3.4\",\"PrivatePort\":80,\"PublicPort\":90,"
         "\"Type\":\"tcp\"},{\"IP\":\"1.2.3.4\",\"PrivatePort\":81,"
         "\"PublicPort\":92,\"Type\":\"tcp\"}]",   "1.2.3.4:90->80/tcp, 1.2.3.4:92->81/tcp" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *ports = json_loads(cases[i].ports, 0, NULL);
        auto_free char *words = row_ports(ports);
        assert_string_equal(words, cases[i].words);
        json_decref(ports);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
