#include "modes.h"

#include <string.h>

enum { UMASK = 022 };

/* Who, and the bits that are his. */
static const struct {
    char who;
    mode_t bits;
} parties[] = {
    {'u', S_ISUID | S_IRWXU                                        },
    {'g', S_ISGID | S_IRWXG                                        },
    {'o', S_IRWXO                                                  },
    {'a', S_ISUID | S_ISGID | S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO},
};

/* "ugo" at *at, which goes on behind it; 0: nobody is named. */
static mode_t read_who(const char **at)
{
    mode_t who = 0;
    for (;; (*at)++) {
        size_t i = 0, n = sizeof parties / sizeof parties[0];
        while (i < n && parties[i].who != **at)
            i++;
        if (i == n)
            return who;
        who |= parties[i].bits;
    }
}

/* What a letter stands for, for all. */
static mode_t letter_bits(char letter, mode_t before)
{
    mode_t execute = S_IXUSR | S_IXGRP | S_IXOTH;
    bool is_wanted = S_ISDIR(before) || (before & execute) != 0;
    return letter == 'r'                ? S_IRUSR | S_IRGRP | S_IROTH
           : letter == 'w'              ? S_IWUSR | S_IWGRP | S_IWOTH
           : letter == 'x'              ? execute
           : letter == 'X' && is_wanted ? execute
           : letter == 's'              ? S_ISUID | S_ISGID
           : letter == 't'              ? S_ISVTX
                                        : 0;
}

/* "g": what the group may, for all. */
static mode_t copied_bits(char letter, mode_t mode)
{
    int shift = letter == 'u' ? 6 : letter == 'g' ? 3 : 0;
    return (mode_t)(mode >> shift & 7) * 0111;
}

static mode_t read_bits(const char **at, mode_t mode, mode_t before)
{
    if (**at == 'u' || **at == 'g' || **at == 'o')
        return copied_bits(*(*at)++, mode);
    size_t len = strspn(*at, "rwxXst");
    mode_t bits = 0;
    for (; len > 0; len--)
        bits |= letter_bits(*(*at)++, before);
    return bits;
}

/* One clause, "go=rX"; false where it is none. */
static bool apply_clause(const char **at, mode_t *mode, mode_t before)
{
    mode_t said = read_who(at);
    mode_t who = said != 0 ? said : parties[3].bits & ~(mode_t)UMASK;
    if (**at == '\0' || strchr("+-=", **at) == NULL)
        return false;
    while (**at != '\0' && strchr("+-=", **at) != NULL) {
        char how = *(*at)++;
        /* A sticky bit is nobody's alone. */
        mode_t bits = read_bits(at, *mode, before);
        bits &= who | (bits & S_ISVTX);
        if (how == '=')
            *mode &= ~(said != 0 ? said : parties[3].bits);
        *mode = how == '-' ? *mode & ~bits : *mode | bits;
    }
    return **at == ',' || **at == '\0';
}

static bool apply(const char *words, mode_t *mode)
{
    const mode_t before = *mode;
    const char *at = words;
    while (apply_clause(&at, mode, before)) {
        if (*at == '\0')
            return true;
        at++;
    }
    return false;
}

bool modes_is_valid(const char *words)
{
    mode_t unused = 0;
    return apply(words, &unused);
}

mode_t modes_apply(const char *words, mode_t before)
{
    mode_t mode = before;
    apply(words, &mode);
    return mode;
}
