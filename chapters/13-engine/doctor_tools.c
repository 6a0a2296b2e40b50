/* What tests and labs use. Nobody who only runs containers needs it: hints. */
#include "doctor.h"

#include "own.h"
#include "proc.h"

#include <stdlib.h>

bool doctor_has(const char *program)
{
    const char *path = getenv("PATH");
    auto_free char *places =
        text_format("%s:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                    path == NULL ? "" : path);
    auto_free char *file = proc_find_program(places, program);
    return file != NULL;
}

enum { LAB_KERNEL, TESTS };

/* What is needed of each list: one of them, or all. */
static const struct {
    const char *programs[6];
    bool all;
} lists[] = {
    [LAB_KERNEL] = {{"linux.uml", "qemu-system-x86_64", "qemu-system-aarch64"},
                    false                                                           },
    [TESTS] = {{"bats", "jq", "groff", "unshare", "setpriv", "ip"},        true},
};

static void look_at_tools(const struct doctor *doctor, int which,
                          struct doctor_finding *f)
{
    (void)doctor;
    auto_text struct text there = {0}, missing = {0};
    text_add(&there, "");
    text_add(&missing, "");
    for (size_t i = 0; i < 6 && lists[which].programs[i] != NULL; i++) {
        const char *program = lists[which].programs[i];
        struct text *list = doctor_has(program) ? &there : &missing;
        text_addf(list, "%s%s", list->len > 0 ? ", " : "", program);
    }
    bool good = lists[which].all ? missing.len == 0 : there.len > 0;
    if (good)
        doctor_say(f, DOCTOR_OK, NULL, "%s", there.s);
    else
        doctor_say(f, DOCTOR_OK, "scripts/setup test", "not installed: %s",
                   missing.s);
}

/* clang-format off */
const struct doctor_check doctor_tools[] = {
    {"lab kernel", "tests on control groups that this machine has not",
     look_at_tools, LAB_KERNEL},
    {"test tools", "make test", look_at_tools, TESTS},
    {0},
};
/* clang-format on */
