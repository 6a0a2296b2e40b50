/*
 * keys give COMMAND... | take ID - keys of the kernel, keyrings(7), belong to
 * users and sessions, and no namespace stands between them: a container of
 * root would find what root of the host has in its session.
 *
 * "give" puts a canary into a new session keyring, says its number on standard
 * error and executes the command, in that session. "take" looks for it.
 */
#include "attack.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>

#define SESSION KEY_SPEC_SESSION_KEYRING

int main(int argc, char **argv)
{
    char secret[64] = {0};
    if (argc < 2)
        return 2;
    if (strcmp(argv[1], "give") == 0) {
        long session = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
        long key = syscall(SYS_add_key, "user", "canary", "secret", 6, SESSION);
        if (session < 0 || key < 0)
            return !attack_answer("add_key", -1);
        execvp(argv[2], argv + 2);
        return 127;
    }
    long key = syscall(SYS_keyctl, KEYCTL_SEARCH, SESSION, "user", "canary", 0);
    if (attack_answer("search", key) &&
        syscall(SYS_keyctl, KEYCTL_READ, key, secret, sizeof secret - 1) > 0)
        printf("read: %s\n", secret);
    return 0;
}
