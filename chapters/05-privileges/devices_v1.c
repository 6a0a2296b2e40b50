/* Second reading: device rules on cgroup v1, which has two files for them. */
#include "devices_parts.h"

#include "own.h"
#include "sys.h"

#include <stdio.h>
#include <string.h>

/* "c 1:3 rwm"; "a" alone means every device and every access. */
void device_rules_format(const struct device_rule *rule,
                         char out[DEVICE_RULE_TEXT])
{
    char major[24] = "*", minor[24] = "*";
    if (rule->major >= 0)
        snprintf(major, sizeof major, "%lld", (long long)rule->major);
    if (rule->minor >= 0)
        snprintf(minor, sizeof minor, "%lld", (long long)rule->minor);
    if (rule->type == 'a')
        snprintf(out, DEVICE_RULE_TEXT, "a");
    else
        snprintf(out, DEVICE_RULE_TEXT, "%c %s:%s %s", rule->type, major, minor,
                 rule->access);
}

/* Each write(2) is one rule and takes effect at once, so the files are opened
 * once and the rules written in their order.
 * @lab 5.7 open both files once, then one write for each rule, in order */
int device_rules_write_v1(const struct device_rules *rules, int dir,
                          struct err *e)
{
    static const char *const names[] = {"devices.deny", "devices.allow"};
    auto_fd int deny = sys_openat(dir, names[0], O_WRONLY | O_CLOEXEC, 0);
    auto_fd int allow = sys_openat(dir, names[1], O_WRONLY | O_CLOEXEC, 0);
    if (deny < 0 || allow < 0)
        return err_sys(e, deny < 0 ? deny : allow, "open %s",
                       names[deny < 0 ? 0 : 1]);
    for (size_t i = 0; i < rules->n; i++) {
        const struct device_rule *rule = &rules->v[i];
        char line[DEVICE_RULE_TEXT];
        device_rules_format(rule, line);
        ssize_t n = sys_write(rule->allow ? allow : deny, line, strlen(line));
        if (n < 0)
            return err_sys(e, (int)n, "write \"%s\" to %s", line,
                           names[rule->allow]);
    }
    return 0;
}
