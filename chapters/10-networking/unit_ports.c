/* -p, as Docker reads it: what is asked for, and the words where it is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "own.h"
#include "ports.h"
#include "text.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* "address first-last>port/protocol", one after the other. */
static char *said_by(const struct port_list *list)
{
    struct text out = {0};
    for (size_t i = 0; i < list->n; i++) {
        const struct port *port = &list->v[i];
        char address[IP_TEXT_LEN] = "";
        text_addf(&out, "%s%s %u-%u>%u/%s", i > 0 ? ", " : "",
                  ip_format(&port->host, address), port->host_first,
                  port->host_last, port->port,
                  ports_protocol_name(port->protocol));
    }
    return text_take(&out);
}

static void ports_are_read_as_docker_reads_them(void **state)
{
    static const struct {
        const char *spec, *said;
    } rows[] = {
        {"80",                            " 0-0>80/tcp"                          },
        {"80/udp",                        " 0-0>80/udp"                          },
        {"80/UDP",                        " 0-0>80/udp"                          },
        {"80/",                           " 0-0>80/tcp"                          },
        {"8080:80",                       " 8080-8080>80/tcp"                    },
        {":80",                           " 0-0>80/tcp"                          },
        {"::80",                          " 0-0>80/tcp"                          },
        {"8080:80/udp",                   " 8080-8080>80/udp"                    },
        {"127.0.0.1:8080:80",             "127.0.0.1 8080-8080>80/tcp"           },
        {"127.0.0.1::80",                 "127.0.0.1 0-0>80/tcp"                 },
        {"0.0.0.0:1:65535",               "0.0.0.0 1-1>65535/tcp"                },
        {"[::1]:8080:80",                 "::1 8080-8080>80/tcp"                 },
        {"::1:8080:80",                   "::1 8080-8080>80/tcp"                 },
        {"[::]:8080:80/udp",              ":: 8080-8080>80/udp"                  },
        {"[2001:db8::1]::80",             "2001:db8::1 0-0>80/tcp"               },
        {"80-82",                         " 0-0>80/tcp,  0-0>81/tcp,  0-0>82/tcp"},
        {"8000-8009:80",                  " 8000-8009>80/tcp"                    },
        {"8000-8001:80-81",               " 8000-8000>80/tcp,  8001-8001>81/tcp" },
        {"80-80:80-80",                   " 80-80>80/tcp"                        },
        {"127.0.0.1:65534-65535:1-2/udp",
         "127.0.0.1 65534-65534>1/udp, 127.0.0.1 65535-65535>2/udp"              },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err e = {0};
        auto_ports struct port_list list = {0};
        int r = ports_parse(rows[i].spec, &list, &e);
        auto_free char *said = said_by(&list);
        if (r != 0 || strcmp(said, rows[i].said) != 0)
            fail_msg("%s: %s%s", rows[i].spec, said, e.msg);
    }
}

static void what_is_wrong_is_said_in_docker_s_words(void **state)
{
    static const struct {
        const char *spec, *words;
    } rows[] = {
        {"",                   "No port specified: <empty>"                   },
        {"8080:",              "No port specified: 8080:<empty>"              },
        {":",                  "No port specified: :<empty>"                  },
        {"8080:/tcp",          "No port specified: 8080:/tcp<empty>"          },
        {"80x",                "Invalid containerPort: 80x"                   },
        {"http",               "Invalid containerPort: http"                  },
        {"0",                  "Invalid containerPort: 0"                     },
        {"65536",              "Invalid containerPort: 65536"                 },
        {"-1",                 "Invalid containerPort: -1"                    },
        {"80-",                "Invalid containerPort: 80-"                   },
        {"82-80",              "Invalid containerPort: 82-80"                 },
        {"80-81-82",           "Invalid containerPort: 80-81-82"              },
        {" 80",                "Invalid containerPort:  80"                   },
        {"0-5:80",             "Invalid hostPort: 0-5"                        },
        {"0:80-81",
         "Invalid ranges specified for container and host Ports: 80-81 and 0" },
        {"x:80",               "Invalid hostPort: x"                          },
        {"8081-8080:80",       "Invalid hostPort: 8081-8080"                  },
        {"65536:80",           "Invalid hostPort: 65536"                      },
        {"80-82:90-91",
         "Invalid ranges specified for container and host Ports: 90-91 and "
         "80-82"                                                              },
        {"80:90-91",
         "Invalid ranges specified for container and host Ports: 90-91 and 80"},
        {"80/sctp",            "Invalid proto: sctp"                          },
        {"80/x",               "Invalid proto: x"                             },
        {"host:8080:80",       "Invalid ip address: host"                     },
        {"1.2.3:8080:80",      "Invalid ip address: 1.2.3"                    },
        {"[::1:8080:80",       "Invalid ip address: [::1"                     },
        {"[]:8080:80",         "Invalid ip address: []"                       },
        {"[127.0.0.1]:80:80",  "Invalid ip address: [127.0.0.1]"              },
        {"127.0.0.1:80:80:80", "Invalid ip address: 127.0.0.1:80"             },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct err e = {0};
        auto_ports struct port_list list = {0};
        ports_parse("1:1", &list, NULL);
        assert_int_equal(ports_parse(rows[i].spec, &list, &e), -EINVAL);
        assert_string_equal(e.msg, rows[i].words);
        assert_int_equal(list.n, 1);
    }
}

static void the_largest_range_is_read(void **state)
{
    (void)state;
    auto_ports struct port_list list = {0};
    assert_int_equal(ports_parse("1-65535:1-65535", &list, NULL), 0);
    assert_int_equal(list.n, 65535);
    assert_int_equal(list.v[65534].host_first, 65535);
}

static void exposed_ports_have_no_place_at_the_host(void **state)
{
    (void)state;
    struct err e = {0};
    auto_ports struct port_list list = {0};
    assert_int_equal(ports_parse_exposed("80-81/udp", &list, NULL), 0);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.v[1].protocol, IPPROTO_UDP);
    assert_int_equal(ports_parse_exposed("8080:80", &list, &e), -EINVAL);
    assert_string_equal(e.msg, "invalid port format for --expose: 8080:80");
    assert_int_equal(ports_parse_exposed("8x", &list, &e), -EINVAL);
    assert_string_equal(e.msg, "invalid range format for --expose: 8x, error: "
                               "Invalid containerPort: 8x");
    assert_int_equal(list.n, 2);
}

static void only_two_protocols_have_names(void **state)
{
    (void)state;
    assert_string_equal(ports_protocol_name(IPPROTO_TCP), "tcp");
    assert_string_equal(ports_protocol_name(IPPROTO_UDP), "udp");
    assert_null(ports_protocol_name(IPPROTO_SCTP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ports_are_read_as_docker_reads_them),
        cmocka_unit_test(what_is_wrong_is_said_in_docker_s_words),
        cmocka_unit_test(the_largest_range_is_read),
        cmocka_unit_test(exposed_ports_have_no_place_at_the_host),
        cmocka_unit_test(only_two_protocols_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
