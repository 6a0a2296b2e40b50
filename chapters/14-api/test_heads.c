/* What stands before each piece of a container's output. */
#include "bridge.h"
#include "contract.h"

#include <errno.h>
#include <string.h>

START_TEST(lab_14_1_a_head_says_stream_and_length)
{
    static const struct {
        int stream;
        size_t len;
        const char *head;
    } cases[] = {
        {1, 6,          "\1\0\0\0\0\0\0\6"        },
        {2, 5,          "\2\0\0\0\0\0\0\5"        },
        {1, 0,          "\1\0\0\0\0\0\0\0"        },
        {2, 256,        "\2\0\0\0\0\0\1\0"        },
        {1, 0x01020304, "\1\0\0\0\1\2\3\4"        },
        {2, 0x8090a0b0, "\2\0\0\0\x80\x90\xa0\xb0"},
        {1, UINT32_MAX, "\1\0\0\0\xff\xff\xff\xff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err e = {0};
        char head[12];
        memset(head, 'x', sizeof head);
        ck_assert_int_eq(
            bridge_put_head(head, cases[i].stream, cases[i].len, &e), 0);
        ck_assert_mem_eq(head, cases[i].head, 8);
        ck_assert_mem_eq(head + 8, "xxxx", 4);
    }
}
END_TEST

START_TEST(lab_14_1_a_length_without_room_is_refused)
{
    struct err e = {0};
    char head[8];
    ck_assert_int_eq(bridge_put_head(head, 1, (size_t)UINT32_MAX + 1, &e),
                     -EMSGSIZE);
    ck_assert_int_eq(e.code, EMSGSIZE);
    ck_assert_int_eq(bridge_put_head(head, 1, SIZE_MAX, &e), -EMSGSIZE);
    ck_assert_int_eq(bridge_put_head(head, 1, UINT32_MAX, &e), 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, lab_14_1_a_head_says_stream_and_length);
    tcase_add_test(tc, lab_14_1_a_length_without_room_is_refused);
}

int main(void)
{
    return contract_main("heads", add);
}
