/*
 * Executing ourselves, shielded, with nothing but the kernel: early.h says why.
 *
 * No function of a library may be called in this file, nor one that the
 * compiler would put in for a loop: product.mk tells it so, and links this file
 * where the program is static, for x86-64. Nothing here passes the door, for
 * there is no trace yet that could tell of it.
 */
#include "early.h"
#include "shield.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <stddef.h>
#include <sys/syscall.h>

#define SELF "/proc/self/exe"
#define OPENED "/proc/self/fd/N"
/* As it stands in the environment, before the program's path. */
#define KNOWN SHIELD_VARIABLE "="
enum {
    KNOWN_LEN = sizeof KNOWN - 1,
    MOST_VARIABLES = 1024,
    MOST_AT_ONCE = 1 << 30, /* bytes; sendfile(2) stops at the file's end */
};

struct world {
    char variable[KNOWN_LEN + PATH_MAX];
    const char *environment[MOST_VARIABLES + 2];
    char path[sizeof OPENED];
};

/* syscall(2), but what it returns is the kernel's word: -errno on failure. */
static long call(long number, const long arg[static 5])
{
    register long r10 __asm__("r10") = arg[3];
    register long r8 __asm__("r8") = arg[4];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]),
                       "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

/* Returns a descriptor of the program, on a read-only mount of its own. */
static long open_readonly(void)
{
    struct mount_attr readonly = {.attr_set = MOUNT_ATTR_RDONLY};
    long tree =
        call(SYS_open_tree, (long[5]){AT_FDCWD, (long)SELF,
                                      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC});
    long r = tree < 0 ? tree
                      : call(SYS_mount_setattr,
                             (long[5]){tree, (long)"", AT_EMPTY_PATH,
                                       (long)&readonly, sizeof readonly});
    if (tree >= 0 && r < 0)
        call(SYS_close, (long[5]){tree});
    return r < 0 ? r : tree;
}

/* Returns a descriptor of a copy in memory that cannot be changed any more, for
 * who may not have a mount. */
static long open_sealed(void)
{
    long program = call(SYS_open, (long[5]){(long)SELF, O_RDONLY | O_CLOEXEC});
    long sealed =
        call(SYS_memfd_create,
             (long[5]){(long)"mini-docker", MFD_CLOEXEC | MFD_ALLOW_SEALING});
    long r;
    do
        r = call(SYS_sendfile, (long[5]){sealed, program, 0, MOST_AT_ONCE});
    while (r > 0);
    if (r == 0)
        r = call(SYS_fcntl, (long[5]){sealed, F_ADD_SEALS, SHIELD_SEALS});
    call(SYS_close, (long[5]){program});
    if (r < 0)
        call(SYS_close, (long[5]){sealed});
    return r < 0 ? r : sealed;
}

static void copy(char *to, const char *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
}

/* The environment and our path. False where there is no room, or where the
 * path is known, which ends the circle: shield_self sees whether to trust it.
 */
static bool make_environment(struct world *world, char *const *from)
{
    size_t n = 0;
    for (; from[n] != NULL; n++) {
        size_t i = 0;
        while (i < KNOWN_LEN && from[n][i] == KNOWN[i])
            i++;
        if (i == KNOWN_LEN || n == MOST_VARIABLES)
            return false;
        world->environment[n] = from[n];
    }
    world->environment[n] = world->variable;
    world->environment[n + 1] = NULL;
    copy(world->variable, KNOWN, KNOWN_LEN);
    char *path = world->variable + KNOWN_LEN;
    long len =
        call(SYS_readlink, (long[5]){(long)SELF, (long)path, PATH_MAX - 1});
    path[len < 0 ? 0 : len] = '\0';
    return len > 0;
}

/* Called with what the kernel left on the stack: argc, argv with its NULL, the
 * environment with its NULL. */
__attribute__((used)) static void begin(long *stack)
{
    char **argv = (char **)(stack + 1), **environment = argv + stack[0] + 1;
    struct world world;
    if (!early_enters_container(argv) || !make_environment(&world, environment))
        return;
    long shielded = open_readonly();
    if (shielded < 0)
        shielded = open_sealed();
    if (shielded < 0)
        return;
    copy(world.path, OPENED, sizeof OPENED);
    world.path[sizeof OPENED - 2] = (char)('0' + shielded);
    if (shielded <= 9) /* else it is not the path of that */
        call(SYS_execve,
             (long[5]){(long)world.path, (long)argv, (long)world.environment});
    call(SYS_close, (long[5]){shielded});
}

/* The C library's own entry finds rdx and the stack as the kernel left them. A
 * call wants the stack at a multiple of 16, which it is at the entry. */
__asm__(".globl early_entry\n"
        ".type early_entry, @function\n"
        "early_entry:\n"
        "    endbr64\n"
        "    mov %rsp, %rdi\n"
        "    push %rdx\n"
        "    sub $8, %rsp\n"
        "    call begin\n"
        "    add $8, %rsp\n"
        "    pop %rdx\n"
        "    jmp _start\n"
        ".size early_entry, . - early_entry\n");
